import { SimpleGrid, Stack, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { dagsQuery } from '../../api/dags.queries';
import { recentQuery, runtimeQuery } from '../../api/instances-summary.queries';
import { EmptyNote } from '../../parts/empty-note';
import { FaultNote } from '../../parts/fault-note';
import { FirstFlowsNote } from '../../parts/first-flows/first-flows-note';
import { InstancesTable } from '../../parts/instances-table';
import { PageHeader } from '../../shell/page-header';
import { CountCard } from './count-card';
import { LastHour } from './last-hour';
import { NextRuns } from './next-runs';

const OPEN = ['running', 'waiting', 'queued', 'paused'] as const;
const COLUMNS = ['status', 'dag', 'instance', 'created', 'reason'] as const;
const ENDED = ['succeeded', 'failed', 'cancelled'] as const;

/** How things stand: what runs and waits now, how the last hour went, what comes next, what failed. */
export function OverviewPage() {
  const { t } = useTranslation();
  const { data: runtime, error: noRuntime } = useQuery(runtimeQuery);
  const { data: failures, error } = useQuery(recentQuery('failed', 10));
  const navigate = useNavigate();
  const { data: dags } = useInfiniteQuery(dagsQuery({}));
  const hasNone = dags?.pages[0]?.items.length === 0;
  return (
    <>
      <PageHeader title={t('overview.title')} />
      <Stack gap="md">
        {hasNone && <FirstFlowsNote onImport={() => void navigate({ to: '/dags' })} />}
        <section aria-label={t('overview.now')}>
          <Title order={2} mb={6}>
            {t('overview.now')}
          </Title>
          {noRuntime && <FaultNote error={noRuntime} />}
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            {OPEN.map((status) => (
              <CountCard
                key={status}
                status={status}
                count={runtime?.live[status].count}
                more={runtime?.live[status].more}
              />
            ))}
          </SimpleGrid>
        </section>
        <section aria-label={t('overview.hour')}>
          <Title order={2} mb={6}>
            {t('overview.hour')}
          </Title>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
            {ENDED.map((status) => (
              <CountCard
                key={status}
                status={status}
                count={runtime?.ended.minutes.reduce((sum, minute) => sum + minute[status], 0)}
                more={runtime?.ended.more}
              />
            ))}
          </SimpleGrid>
          {runtime && <LastHour minutes={runtime.ended.minutes} />}
        </section>
        <NextRuns />
        <section aria-label={t('overview.failures')}>
          <Title order={2} mb={6}>
            {t('overview.failures')}
          </Title>
          {error && <FaultNote error={error} />}
          {failures?.length === 0 && <EmptyNote title={t('overview.noFailures')} />}
          {failures !== undefined && failures.length > 0 && (
            <InstancesTable rows={failures} label={t('overview.failures')} columns={COLUMNS} />
          )}
        </section>
      </Stack>
    </>
  );
}
