import { Code, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Variable, Whole } from '@flow/client';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { variablesQuery } from '../../api/settings.queries';
import type { Column } from '../../parts/data-table';
import { KeepForm } from './keep-form';
import { actsColumn, changedColumn, nameColumn } from './named-columns';
import { SettingsList } from './settings-list';
import { variableOf, variableText } from './variable-of';

/** Values that every flow of the business domain reads. A name that is there gets the new value. */
export function Variables() {
  const { t } = useTranslation();
  const read = useQuery(variablesQuery);
  const form = useForm({
    initialValues: { name: '', value: '' },
    validate: { name: (name) => (name.trim() === '' ? t('settings.required') : null) },
  });
  const isThere = (name: string) => read.data?.some((variable) => variable.name === name) === true;
  const keep = ({ name, value: typed }: typeof form.values) => {
    const value = variableOf(typed);
    return isThere(name)
      ? call('PUT /variables/{name}', { path: { name }, body: { value } })
      : call('POST /variables', { body: { name, value } });
  };
  const columns: readonly Column<Whole<Variable>>[] = [
    nameColumn(t),
    {
      id: 'value',
      header: t('settings.column.value'),
      width: 'minmax(160px, 2fr)',
      cell: ({ value }) => <Code title={JSON.stringify(value)}>{JSON.stringify(value)}</Code>,
    },
    changedColumn(t),
    actsColumn(t, {
      queryKey: variablesQuery.queryKey,
      ask: ({ name }) => t('settings.ask', { name }),
      onDelete: ({ name }) => call('DELETE /variables/{name}', { path: { name } }),
      onChange: ({ name, value }) => form.setValues({ name, value: variableText(value) }),
    }),
  ];
  return (
    <>
      <KeepForm
        form={form}
        queryKey={variablesQuery.queryKey}
        action={t(isThere(form.values.name) ? 'settings.replace' : 'settings.keep')}
        onKeep={keep}
      >
        <TextInput label={t('settings.column.value')} w={360} maw="100%" {...form.getInputProps('value')} />
      </KeepForm>
      <Text c="dimmed" mb="xs">
        {t('settings.variableHint', { example: '{{variables.name}}' })}
      </Text>
      <SettingsList
        label={t('settings.tab.variables')}
        read={read}
        columns={columns}
        keyOf={({ name }) => name}
        none={{ title: t('settings.none.variables'), text: t('settings.none.variablesText') }}
      />
    </>
  );
}
