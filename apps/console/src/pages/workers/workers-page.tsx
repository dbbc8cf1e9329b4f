import { Badge, Group, Paper, SimpleGrid, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { numberText } from '../../i18n/formats';
import { queuesQuery, workersQuery } from '../../api/platform.queries';
import { FaultNote } from '../../parts/fault-note';
import { PageHeader } from '../../shell/page-header';
import { PageLoading } from '../../shell/page-loading';
import { Time } from '../../shell/time';

/** The processes that carry out runs, and what waits for them. */
export function WorkersPage() {
  const { t } = useTranslation();
  const workers = useQuery(workersQuery);
  return (
    <>
      <PageHeader title={t('workers.title')} />
      {workers.isPending && <PageLoading />}
      {workers.error && <FaultNote error={workers.error} onRetry={() => void workers.refetch()} />}
      {workers.data && (
        <Table aria-label={t('workers.title')} highlightOnHover mb="lg">
          <Table.Thead>
            <Table.Tr>
              {(['process', 'status', 'app', 'version', 'instances', 'calls', 'room', 'started', 'seen'] as const).map(
                (column) => (
                  <Table.Th key={column}>{t(`workers.column.${column}`)}</Table.Th>
                ),
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {workers.data.map((worker) => (
              <Table.Tr key={worker.id}>
                <Table.Td>
                  {worker.host}:{worker.pid}
                </Table.Td>
                <Table.Td>
                  <Badge color={worker.status === 'running' ? 'green' : 'yellow'}>{worker.status}</Badge>
                </Table.Td>
                <Table.Td>{worker.app}</Table.Td>
                <Table.Td>{worker.version}</Table.Td>
                <Table.Td>{worker.instances}</Table.Td>
                <Table.Td>{worker.calls}</Table.Td>
                <Table.Td>{t(worker.hasRoom ? 'workers.hasRoom' : 'workers.isFull')}</Table.Td>
                <Table.Td>
                  <Time at={worker.startedAt} />
                </Table.Td>
                <Table.Td>
                  <Time at={worker.seenAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
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
      <Title order={2} mb={6}>
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
