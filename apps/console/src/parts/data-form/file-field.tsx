import { FileInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { request } from '../../api/client';
import { messageOf } from '../../api/problem';

interface Props {
  readonly formId: string;
  readonly label: string;
  readonly description?: string;
  readonly withAsterisk: boolean;
  readonly error?: string;
  readonly isMultiple: boolean;
  readonly onChange: (value: string) => void;
}

/** A file goes to the service when it is chosen; the form holds the handles that came back. */
export function FileField({ formId, isMultiple, onChange, error, ...common }: Props) {
  const { t } = useTranslation();
  const uploading = useMutation({
    mutationKey: ['upload', formId],
    mutationFn: (files: readonly File[]) => Promise.all(files.map(upload)),
    onSuccess: (handles) => onChange(isMultiple && handles.length > 0 ? JSON.stringify(handles) : (handles[0] ?? '')),
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
