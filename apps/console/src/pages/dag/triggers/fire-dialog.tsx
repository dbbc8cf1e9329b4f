import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../../api/client';
import { formQuery, TRIGGERS, type FiringRow, type TriggerRow } from '../../../api/triggers.queries';
import { DataFields } from '../../../parts/data-form/data-fields';
import { useDataForm } from '../../../parts/data-form/use-data-form';
import { FaultNote } from '../../../parts/fault-note';
import { PageLoading } from '../../../shell/page-loading';

interface Props {
  readonly trigger: TriggerRow;
  readonly title: string;
  readonly onClose: () => void;
}

/** Fires a trigger by hand with data: the fields of its form, or any JSON; then it tells what came of it. */
export function FireDialog({ trigger, title, onClose }: Props) {
  const { t } = useTranslation();
  const form = useQuery(formQuery(trigger.id));
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('parts.close') }}>
      {form.isPending && <PageLoading />}
      {form.isError && <FaultNote error={form.error} onRetry={() => void form.refetch()} />}
      {form.data && <FireForm id={trigger.id} schema={form.data} onClose={onClose} />}
    </Modal>
  );
}

function FireForm({ id, schema, onClose }: { id: string; schema: unknown; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useDataForm(schema);
  const firing = useMutation({
    mutationFn: (data: Readonly<Record<string, unknown>>) =>
      call('POST /triggers/{id}/fire', { path: { id }, body: { data } }),
    onError: form.refuse,
    onSettled: () => queryClient.invalidateQueries({ queryKey: TRIGGERS }),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const read = form.read();
    // What is no object the service refuses in its own words.
    if (read) firing.mutate((read.data ?? {}) as Readonly<Record<string, unknown>>);
  };
  if (firing.data) return <Outcome firing={firing.data as FiringRow} onClose={onClose} />;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Text c="dimmed">{t('dag.triggers.fireHint')}</Text>
        <DataFields form={form} />
        {firing.isError && <FaultNote error={firing.error} />}
        <Group>
          <Button type="submit" loading={firing.isPending || form.isUploading}>
            {t('dag.triggers.fire')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Outcome({ firing: { status, instanceId, reason }, onClose }: { firing: FiringRow; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status">
      <Text>
        {t('dag.triggers.outcome')} <b>{t(`triggers.firing.${status}`)}</b>
        {reason?.message !== undefined && `: ${reason.message}`}
      </Text>
      {instanceId !== null && (
        <Link to="/instances/$instanceId" params={{ instanceId }}>
          {t('dag.triggers.openRun')}
        </Link>
      )}
      <Group>
        <Button onClick={onClose}>{t('parts.close')}</Button>
      </Group>
    </Stack>
  );
}
