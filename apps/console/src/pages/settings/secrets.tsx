import { Button, Group, PasswordInput, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { secretsQuery } from '../../api/settings.queries';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';
import { DeleteButton } from './delete-button';

/** Secrets: their values go in and never come out again. A name that is there gets the new value. */
export function Secrets() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { data: secrets = [], error } = useQuery(secretsQuery);
  const form = useForm({
    initialValues: { name: '', value: '', hosts: [] as string[] },
    validate: {
      name: (name) => (name.trim() === '' ? t('settings.required') : null),
      value: (value) => (value === '' ? t('settings.required') : null),
    },
  });
  const keeping = useMutation({
    mutationFn: ({ name, value, hosts }: typeof form.values) =>
      secrets.some((secret) => secret.name === name)
        ? call('PUT /secrets/{name}', { path: { name }, body: { value, hosts } })
        : call('POST /secrets', { body: { name, value, hosts } }),
    onSuccess: async () => {
      form.reset();
      await queryClient.invalidateQueries({ queryKey: secretsQuery.queryKey });
    },
  });
  return (
    <>
      <form onSubmit={form.onSubmit((values) => keeping.mutate(values))}>
        <Group align="flex-start" gap="xs" mb="sm">
          <TextInput label={t('settings.column.name')} withAsterisk {...form.getInputProps('name')} />
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
          <Button type="submit" mt={22} loading={keeping.isPending}>
            {t('settings.keep')}
          </Button>
        </Group>
      </form>
      {keeping.isError && <FaultNote error={keeping.error} />}
      {error && <FaultNote error={error} />}
      <Text c="dimmed" mb="xs">
        {t('settings.secretHint', { example: '{{secrets.name}}' })}
      </Text>
      <Table aria-label={t('settings.tab.secrets')} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('settings.column.name')}</Table.Th>
            <Table.Th>{t('settings.column.hosts')}</Table.Th>
            <Table.Th>{t('settings.column.usedBy')}</Table.Th>
            <Table.Th>{t('settings.column.changed')}</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {secrets.map(({ name, hosts, usedBy, updatedAt, modifiedBy }) => (
            <Table.Tr key={name}>
              <Table.Td className="mono">{name}</Table.Td>
              <Table.Td>{hosts.join(', ')}</Table.Td>
              <Table.Td>{usedBy.total}</Table.Td>
              <Table.Td>
                <Time at={updatedAt} /> · {modifiedBy}
              </Table.Td>
              <Table.Td ta="right">
                <DeleteButton
                  title={t('settings.ask', { name })}
                  queryKey={secretsQuery.queryKey}
                  onDelete={() => call('DELETE /secrets/{name}', { path: { name } })}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
