import { Button, Code, Group, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { variablesQuery } from '../../api/settings.queries';
import { FaultNote } from '../../parts/fault-note';
import { Time } from '../../shell/time';
import { DeleteButton } from './delete-button';
import { variableOf } from './variable-of';

/** Values that every flow of the business domain reads. A name that is there gets the new value. */
export function Variables() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { data: variables = [], error } = useQuery(variablesQuery);
  const form = useForm({
    initialValues: { name: '', value: '' },
    validate: { name: (name) => (name.trim() === '' ? t('settings.required') : null) },
  });
  const keeping = useMutation({
    mutationFn: ({ name, value: typed }: typeof form.values) => {
      const value = variableOf(typed);
      return variables.some((variable) => variable.name === name)
        ? call('PUT /variables/{name}', { path: { name }, body: { value } })
        : call('POST /variables', { body: { name, value } });
    },
    onSuccess: async () => {
      form.reset();
      await queryClient.invalidateQueries({ queryKey: variablesQuery.queryKey });
    },
  });
  return (
    <>
      <form onSubmit={form.onSubmit((values) => keeping.mutate(values))}>
        <Group align="flex-start" gap="xs" mb="sm">
          <TextInput label={t('settings.column.name')} withAsterisk {...form.getInputProps('name')} />
          <TextInput label={t('settings.column.value')} w={360} {...form.getInputProps('value')} />
          <Button type="submit" mt={22} loading={keeping.isPending}>
            {t('settings.keep')}
          </Button>
        </Group>
      </form>
      {keeping.isError && <FaultNote error={keeping.error} />}
      {error && <FaultNote error={error} />}
      <Text c="dimmed" mb="xs">
        {t('settings.variableHint', { example: '{{variables.name}}' })}
      </Text>
      <Table aria-label={t('settings.tab.variables')} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('settings.column.name')}</Table.Th>
            <Table.Th>{t('settings.column.value')}</Table.Th>
            <Table.Th>{t('settings.column.changed')}</Table.Th>
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {variables.map(({ name, value, updatedAt, modifiedBy }) => (
            <Table.Tr key={name}>
              <Table.Td className="mono">{name}</Table.Td>
              <Table.Td>
                <Code>{JSON.stringify(value)}</Code>
              </Table.Td>
              <Table.Td>
                <Time at={updatedAt} /> · {modifiedBy}
              </Table.Td>
              <Table.Td ta="right">
                <DeleteButton
                  title={t('settings.ask', { name })}
                  queryKey={variablesQuery.queryKey}
                  onDelete={() => call('DELETE /variables/{name}', { path: { name } })}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
