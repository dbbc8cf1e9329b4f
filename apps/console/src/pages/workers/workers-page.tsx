import { Group, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { numberText } from '../../i18n/formats';
import { queuesQuery, workersQuery } from '../../api/platform.queries';
import { DataTable } from '../../parts/data-table';
import { FaultNote } from '../../parts/fault-note';
import { PageHeader } from '../../shell/page-header';
import { PageLoading } from '../../shell/page-loading';
import { workersColumns } from './workers-columns';

/** The processes that carry out runs, and what waits for them. */
export function WorkersPage() {
  const { t } = useTranslation();
  const workers = useQuery(workersQuery);
  const columns = useMemo(() => workersColumns(t), [t]);
  return (
    <>
      <PageHeader title={t('workers.title')} />
      {workers.isPending && <PageLoading />}
      {workers.error && <FaultNote error={workers.error} onRetry={() => void workers.refetch()} />}
      {workers.data && (
        <DataTable
          label={t('workers.title')}
          columns={columns}
          rows={workers.data}
          keyOf={({ id }) => id}
          height="max(200px, calc(100vh - 320px))"
        />
      )}
      <QueueCounts />
    </>
  );
}

function QueueCounts() {
  const { t, i18n } = useTranslation();
  const { data: queues, error, refetch } = useQuery(queuesQuery);
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  if (queues === undefined) return null;
  const { dispatch, slots, callbacks } = queues;
  const counts = [
    ...(dispatch === null ? [] : [['dispatch', dispatch.waiting] as const, ['later', dispatch.later] as const]),
    ['slots', slots.waiting] as const,
    ['callbacks', callbacks.pending] as const,
    ['dead', callbacks.dead] as const,
  ];
  return (
    <section aria-label={t('workers.queues')}>
      <Title order={2} mt="md" mb={6}>
        {t('workers.queues')}
      </Title>
      <SimpleGrid cols={{ base: 2, sm: 5 }} spacing="sm">
        {counts.map(([name, count]) => (
          <Paper key={name} withBorder p="sm">
            <Text c="dimmed">{t(`workers.queue.${name}`)}</Text>
            <Text fz={22} fw={600} lh={1.3}>
              {numberText(count, i18n.language)}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      {dispatch === null && (
        <Group mt="xs">
          <Text c="dimmed">{t('workers.alone')}</Text>
        </Group>
      )}
    </section>
  );
}
