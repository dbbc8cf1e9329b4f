import { Anchor, Badge, Group, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, type ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { dagQuery } from '../../api/dags.queries';
import { FaultNote } from '../../parts/fault-note';
import { PageHeader } from '../../shell/page-header';
import { PageLoading } from '../../shell/page-loading';
import { DagStatus } from '../dags/dags-columns';
import { DagActions } from './dag-actions';
import type { DagTabProps } from './dag-tab';
import { DAG_TABS, type DagTab } from './dag.search';

const PANELS: Readonly<Record<DagTab, ComponentType<DagTabProps>>> = {
  graph: lazy(async () => ({ default: (await import('./graph-tab')).GraphTab })),
  definition: lazy(async () => ({ default: (await import('./definition-tab')).DefinitionTab })),
  versions: lazy(async () => ({ default: (await import('./versions-tab')).VersionsTab })),
  triggers: lazy(async () => ({ default: (await import('./triggers/triggers-tab')).TriggersTab })),
  instances: lazy(async () => ({ default: (await import('./instances-tab')).InstancesTab })),
  run: lazy(async () => ({ default: (await import('./run-tab')).RunTab })),
};

const route = getRouteApi('/console/dags/$dagId');

export function DagPage() {
  const { t } = useTranslation();
  const { dagId } = route.useParams();
  const { tab = 'graph' } = route.useSearch();
  const navigate = useNavigate();
  const { data: read, error, refetch } = useQuery(dagQuery(dagId));
  if (error && read === undefined) {
    return (
      <>
        <PageHeader title={t('dag.title')} />
        <FaultNote error={error} onRetry={() => void refetch()} />
        <Anchor component={Link} to="/dags" mt="sm" display="inline-block">
          {t('dag.back')}
        </Anchor>
      </>
    );
  }
  if (read === undefined) return <PageLoading />;
  const { dag } = read;
  const status = dag.status ?? 'normal';
  const Panel = PANELS[tab];
  return (
    <>
      <PageHeader
        title={dag.title}
        beside={
          <Group gap="xs" wrap="nowrap">
            <DagStatus status={status} label={t(`dags.status.${status}`)} />
            <Badge color="gray" tt="none">
              {dag.version}
            </Badge>
          </Group>
        }
      >
        <DagActions read={read} />
      </PageHeader>
      {dag.description !== undefined && dag.description !== '' && (
        <Text c="dimmed" mb="xs">
          {dag.description}
        </Text>
      )}
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({
            to: '/dags/$dagId',
            params: { dagId },
            search: { tab: DAG_TABS.find((one) => one === next) },
          })
        }
      >
        <Tabs.List mb="sm">
          {DAG_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`dag.tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Suspense fallback={<PageLoading />}>
            <Panel read={read} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
