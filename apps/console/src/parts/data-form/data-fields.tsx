import { useTranslation } from 'react-i18next';
import { FieldInput } from './field-input';
import { WHOLE } from './fields';
import type { DataForm } from './use-data-form';

/** The inputs of a form, each with what is wrong with it. */
export function DataFields({ form }: { readonly form: DataForm }) {
  const { t } = useTranslation();
  return form.fields.map((field) => (
    <FieldInput
      key={field.key}
      formId={form.id}
      field={field.key === WHOLE ? { ...field, label: t('parts.form.data') } : field}
      value={form.typed[field.key] ?? ''}
      error={form.faults[field.key]}
      onChange={(value) => form.change(field.key, value)}
    />
  ));
}
