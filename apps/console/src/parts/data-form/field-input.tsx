import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Field } from './fields';
import { FileField } from './file-field';

interface Props {
  readonly formId: string;
  readonly field: Field;
  readonly value: string;
  readonly error?: string;
  readonly onChange: (value: string) => void;
}

/** The input that a field asks for; all of them hold a text, which `filled` reads. */
export function FieldInput({ formId, field, value, error, onChange }: Props) {
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
        <Checkbox
          label={label}
          description={description}
          error={error}
          checked={value === 'true'}
          onChange={({ currentTarget }) => onChange(String(currentTarget.checked))}
        />
      );
    case 'maybe':
      return (
        <Select
          {...common}
          clearable
          placeholder={t('parts.form.unsaid')}
          data={['true', 'false'].map((one) => ({ value: one, label: t(`parts.form.${one as 'true' | 'false'}`) }))}
          value={value === '' ? null : value}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'choice':
      return (
        <Select {...common} clearable searchable placeholder={t('parts.form.pick')} data={[...field.choices.keys()]} value={value === '' ? null : value} onChange={(next) => onChange(next ?? '')} /> // prettier-ignore
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
      return <FileField {...common} formId={formId} isMultiple={kind === 'files'} onChange={onChange} />;
    case 'date':
    case 'dateTime':
      return (
        <TextInput {...common} type={kind === 'date' ? 'date' : 'datetime-local'} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} /> // prettier-ignore
      );
    case 'text':
      return <TextInput {...common} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)} />;
  }
}
