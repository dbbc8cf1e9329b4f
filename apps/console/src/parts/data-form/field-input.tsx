import { FileInput, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { request } from '../../api/client';
import { messageOf } from '../../api/problem';
import type { Field } from './fields';

interface Props {
  readonly field: Field;
  readonly value: string;
  readonly error?: string;
  readonly onChange: (value: string) => void;
}

/** The input that a field asks for; all of them hold a text, which `filled` reads. */
export function FieldInput({ field, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const { label, description, required: withAsterisk, kind } = field;
  const common = { label, description, withAsterisk, error };
  switch (kind) {
    case 'number':
    case 'integer':
      return (
        <NumberInput
          {...common}
          value={value}
          allowDecimal={kind === 'number'}
          onChange={(next) => onChange(String(next))}
        />
      );
    case 'boolean':
      return (
        <Select
          {...common}
          clearable
          data={['true', 'false'].map((one) => ({ value: one, label: t(`parts.form.${one as 'true' | 'false'}`) }))}
          value={value === '' ? null : value}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'choice':
      return (
        <Select {...common} clearable searchable data={[...field.choices.keys()]} value={value === '' ? null : value} onChange={(next) => onChange(next ?? '')} /> // prettier-ignore
      );
    case 'longText':
      return (
        <Textarea {...common} rows={4} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
      );
    case 'json':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={12}
          placeholder={t('parts.form.json')}
          spellCheck={false}
          value={value}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      );
    case 'file':
    case 'files':
      return <FileField {...common} isMultiple={kind === 'files'} onChange={onChange} />;
    case 'date':
    case 'dateTime':
      return (
        <TextInput {...common} type={kind === 'date' ? 'date' : 'datetime-local'} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} /> // prettier-ignore
      );
    case 'text':
      return <TextInput {...common} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} />;
  }
}

interface FileFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly withAsterisk: boolean;
  readonly error?: string;
  readonly isMultiple: boolean;
  readonly onChange: (value: string) => void;
}

/** A file goes to the service when it is chosen; the form holds the handles that came back. */
function FileField({ isMultiple, onChange, error, ...common }: FileFieldProps) {
  const { t } = useTranslation();
  const uploading = useMutation({
    mutationFn: (files: readonly File[]) => Promise.all(files.map(upload)),
    onSuccess: (handles) => onChange(isMultiple ? JSON.stringify(handles) : (handles[0] ?? '')),
  });
  const choose = (files: readonly File[]) => {
    onChange('');
    uploading.mutate(files);
  };
  const shown = {
    ...common,
    clearable: true,
    placeholder: t('parts.form.choose'),
    error: uploading.isError ? messageOf(uploading.error) : error,
    description: uploading.isPending ? t('parts.form.uploading') : common.description,
  };
  return isMultiple ? (
    <FileInput {...shown} multiple onChange={choose} />
  ) : (
    <FileInput {...shown} onChange={(file) => choose(file ? [file] : [])} />
  );
}

async function upload(file: File): Promise<string> {
  const response = await request('POST', `/files?${new URLSearchParams({ name: file.name }).toString()}`, {
    body: file,
    headers: { 'Content-Type': file.type || 'application/octet-stream' },
  });
  return ((await response.json()) as { id: string }).id;
}
