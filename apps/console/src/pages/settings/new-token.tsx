import { Alert, Button, Code, CopyButton, Group, MultiSelect, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { NewTokenBody } from '@flow/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { tokensQuery } from '../../api/settings.queries';
import { FaultNote } from '../../parts/fault-note';

const LIFETIMES = ['P1D', 'P7D', 'P30D', 'P90D', 'P365D'] as const;

/** Makes a token, with no permission that one does not have, and shows it this once. */
export function NewToken({ permissions }: { permissions: readonly string[] }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { name: '', permissions: ['dag.view', 'instance.view'], lifetime: 'P90D' },
    validate: {
      name: (name) => (name.trim() === '' ? t('settings.required') : null),
      permissions: (chosen) => (chosen.length === 0 ? t('settings.required') : null),
    },
  });
  const making = useMutation({
    mutationFn: (values: typeof form.values) => call('POST /me/tokens', { body: values as NewTokenBody }),
    onSuccess: async () => {
      form.reset();
      await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  const token = making.data?.token;
  return (
    <form onSubmit={form.onSubmit((values) => making.mutate(values))}>
      <Group align="flex-start" gap="xs" mb="sm">
        <TextInput label={t('settings.column.name')} withAsterisk {...form.getInputProps('name')} />
        <MultiSelect
          label={t('settings.column.permissions')}
          w={380}
          searchable
          data={[...permissions]}
          {...form.getInputProps('permissions')}
        />
        <Select
          label={t('settings.token.lifetime')}
          w={120}
          allowDeselect={false}
          data={LIFETIMES.map((value) => ({
            value,
            label: t('settings.token.days', { count: Number(value.slice(1, -1)) }),
          }))}
          {...form.getInputProps('lifetime')}
        />
        <Button type="submit" mt={22} loading={making.isPending}>
          {t('settings.token.make')}
        </Button>
      </Group>
      {making.isError && <FaultNote error={making.error} />}
      {token !== undefined && (
        <Alert color="green" mb="sm" title={t('settings.token.once')}>
          <Group gap="xs">
            <Code>{token}</Code>
            <CopyButton value={token}>
              {({ copied, copy }) => (
                <Button variant="default" size="compact-xs" onClick={copy}>
                  {t(copied ? 'parts.copied' : 'parts.copy')}
                </Button>
              )}
            </CopyButton>
          </Group>
        </Alert>
      )}
    </form>
  );
}
