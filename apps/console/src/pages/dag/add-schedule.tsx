import { Button, Group, Paper, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client';
import { TRIGGERS } from '../../api/triggers.queries';
import { FaultNote } from '../../parts/fault-note';

/** A schedule for the DAG; other kinds and what else a schedule has are made by the API. */
export function AddSchedule({ dagId }: { dagId: string }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { name: '', cron: '0 6 * * *', timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  });
  const adding = useMutation({
    mutationFn: ({ name, cron, timezone }: typeof form.values) =>
      call('POST /dags/{id}/triggers', {
        path: { id: dagId },
        body: { kind: 'cron', name, config: { cron, timezone } },
      }),
    onSuccess: async () => {
      form.reset();
      await queryClient.invalidateQueries({ queryKey: TRIGGERS });
    },
  });
  return (
    <Paper withBorder p="sm" component="form" onSubmit={form.onSubmit((values) => adding.mutate(values))}>
      <Title order={2} mb="xs">
        {t('dag.triggers.add')}
      </Title>
      <Group align="flex-end" gap="xs">
        <TextInput label={t('dag.triggers.name')} {...form.getInputProps('name')} />
        <TextInput label={t('dag.triggers.cron')} className="mono" required {...form.getInputProps('cron')} />
        <TextInput label={t('dag.triggers.zone')} required {...form.getInputProps('timezone')} />
        <Button type="submit" loading={adding.isPending}>
          {t('dag.triggers.submit')}
        </Button>
      </Group>
      {adding.isError && <FaultNote error={adding.error} />}
    </Paper>
  );
}
