import { PasswordInput, TagsInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Secret, Whole } from '@flow/client';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { secretsQuery } from '../../api/settings.queries';
import type { Column } from '../../parts/data-table';
import { KeepForm } from './keep-form';
import { actsColumn, changedColumn, nameColumn } from './named-columns';
import { SettingsList } from './settings-list';

/** Secrets: their values go in and never come out again. A name that is there gets the new value and the new hosts. */
export function Secrets() {
  const { t } = useTranslation();
  const read = useQuery(secretsQuery);
  const form = useForm({
    initialValues: { name: '', value: '', hosts: [] as string[] },
    validate: {
      name: (name) => (name.trim() === '' ? t('settings.required') : null),
      value: (value) => (value === '' ? t('settings.required') : null),
    },
  });
  const isThere = (name: string) => read.data?.some((secret) => secret.name === name) === true;
  const keep = ({ name, value, hosts }: typeof form.values) =>
    isThere(name)
      ? call('PUT /secrets/{name}', { path: { name }, body: { value, hosts } })
      : call('POST /secrets', { body: { name, value, hosts } });
  const columns: readonly Column<Whole<Secret>>[] = [
    nameColumn(t),
    {
      id: 'hosts',
      header: t('settings.column.hosts'),
      width: 'minmax(160px, 2fr)',
      cell: ({ hosts }) => <span title={hosts.join(', ')}>{hosts.join(', ') || t('settings.noHosts')}</span>,
    },
    {
      id: 'usedBy',
      header: t('settings.column.usedBy'),
      width: '90px',
      cell: ({ usedBy }) => t('settings.dags', { count: usedBy.total }),
    },
    changedColumn(t),
    actsColumn(t, {
      queryKey: secretsQuery.queryKey,
      ask: ({ name }) => t('settings.ask', { name }),
      onDelete: ({ name }) => call('DELETE /secrets/{name}', { path: { name } }),
      onChange: ({ name, hosts }) => form.setValues({ name, value: '', hosts: [...hosts] }),
    }),
  ];
  return (
    <>
      <KeepForm
        form={form}
        queryKey={secretsQuery.queryKey}
        action={t(isThere(form.values.name) ? 'settings.replace' : 'settings.keep')}
        onKeep={keep}
      >
        <PasswordInput
          label={t('settings.column.value')}
          withAsterisk
          autoComplete="off"
          w={220}
          {...form.getInputProps('value')}
        />
        <TagsInput
          label={t('settings.column.hosts')}
          placeholder="api.example.com"
          w={260}
          {...form.getInputProps('hosts')}
        />
      </KeepForm>
      <Text c="dimmed" mb="xs">
        {t('settings.secretHint', { example: '{{secrets.name}}' })}
      </Text>
      <SettingsList
        label={t('settings.tab.secrets')}
        read={read}
        columns={columns}
        keyOf={({ name }) => name}
        none={{ title: t('settings.none.secrets'), text: t('settings.none.secretsText') }}
      />
    </>
  );
}
