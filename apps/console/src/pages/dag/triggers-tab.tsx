import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { dagTriggersQuery } from '../../api/triggers.queries';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { PageLoading } from '../../shell/page-loading';
import { AddSchedule } from './add-schedule';
import type { DagTabProps } from './dag-tab';
import { TriggerCard } from './trigger-card';
import { Stack } from '@mantine/core';

/** What starts the DAG, and when next. */
export function TriggersTab({ read: { dag } }: DagTabProps) {
  const { t } = useTranslation();
  const { data: triggers, error, refetch } = useQuery({ ...dagTriggersQuery(dag.id), refetchInterval: 15_000 });
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (triggers === undefined) return <PageLoading />;
  return (
    <Stack gap="sm" maw={860}>
      {triggers.length === 0 && <EmptyNote title={t('dag.triggers.none')} text={t('dag.triggers.hint')} />}
      {triggers.map((trigger) => (
        <TriggerCard key={trigger.id} trigger={trigger} />
      ))}
      <AddSchedule dagId={dag.id} />
    </Stack>
  );
}
