import { Alert, Button, Code, CopyButton, Group, MultiSelect, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { NewTokenBody } from '@flow/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { tokensQuery } from '../../api/settings.queries';
import { KeepForm } from './keep-form';

const LIFETIMES = ['P1D', 'P7D', 'P30D', 'P90D', 'P365D'] as const;

/** Makes a token, with no permission that one does not have, and shows it this once. */
export function NewToken({ permissions }: { permissions: readonly string[] }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { name: '', permissions: ['dag.view', 'instance.view'], lifetime: 'P90D' },
    validate: {
      name: (name) => (name.trim() === '' ? t('settings.required') : null),
      permissions: (chosen) => (chosen.length === 0 ? t('settings.required') : null),
    },
  });
  const [token, setToken] = useState<string>();
  const make = async (values: typeof form.values) => {
    setToken(undefined);
    setToken((await call('POST /me/tokens', { body: values as NewTokenBody })).token);
  };
  return (
    <>
      <KeepForm form={form} queryKey={tokensQuery.queryKey} action={t('settings.token.make')} onKeep={make}>
        <MultiSelect
          label={t('settings.column.permissions')}
          w={380}
          maw="100%"
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
      </KeepForm>
      {token !== undefined && (
        <Alert color="green" mb="sm" title={t('settings.token.once')}>
          <Group gap="xs">
            <Code style={{ overflowWrap: 'anywhere' }}>{token}</Code>
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
    </>
  );
}
