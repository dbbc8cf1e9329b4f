import { Skeleton, Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { FaultNote } from '../../parts/fault-note';
import { StatusBadge } from '../../parts/status-badge/status-badge';
import { PageHeader } from '../../shell/page-header';
import { hasEnded } from '../../api/instance-status';
import type { ShownInstance } from '../../api/shown-instance';
import { dagTitleQuery, instanceQuery } from '../instances/instances.queries';
import { DataTab } from './data-tab';
import { DebugPanel } from './debug-panel';
import { EventsTab } from './events-tab';
import { GraphTab } from './graph-tab';
import { InstanceActions } from './instance-actions';
import { InstanceFacts } from './instance-facts';
import { INSTANCE_TABS, type InstanceTab } from './instance.search';
import { LiveBanner, LiveMark } from './live-banner';
import { ReasonNote } from './reason-note';
import { TaskDrawer } from './task-drawer';
import { TimelineTab } from './timeline-tab';
import { useRun } from './use-run';
import { WhyPanel } from './why-panel';

const route = getRouteApi('/console/instances/$instanceId');

export function InstancePage() {
  const { instanceId } = route.useParams();
  const { data, error, refetch } = useQuery(instanceQuery(instanceId));
  if (data) return <ShownRun key={instanceId} instance={data} />;
  if (error) return <FaultNote error={error} onRetry={() => void refetch()} />;
  return <Skeleton height={200} />;
}

function ShownRun({ instance }: { readonly instance: ShownInstance }) {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { id, dagId, status, reason, debug } = instance;
  const run = useRun(id);
  const title = useQuery(dagTitleQuery(dagId)).data;
  const { tab = 'graph', task } = search;
  const open = (path: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, task: path }), replace: task !== undefined });
  return (
    <Stack gap="sm">
      <PageHeader
        title={title ?? t('instance.title')}
        beside={
          <>
            <StatusBadge status={status} />
            {!hasEnded(status) && <LiveMark live={run.live} />}
          </>
        }
      >
        <InstanceActions instance={instance} />
      </PageHeader>
      <LiveBanner live={run.live} />
      <InstanceFacts instance={instance} />
      {reason && <ReasonNote instance={instance} reason={reason} onOpen={open} />}
      {debug && !hasEnded(status) && <DebugPanel id={id} debug={debug} isPaused={status === 'paused'} onOpen={open} />}
      {!hasEnded(status) && <WhyPanel id={id} isDebug={debug !== undefined} run={run} onOpen={open} />}
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({
            search: (before) => ({ ...before, tab: (next ?? undefined) as InstanceTab | undefined }),
            replace: true,
          })
        }
      >
        <Tabs.List mb="xs">
          {INSTANCE_TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`instance.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="graph">
          <GraphTab instance={instance} run={run} onOpen={open} />
        </Tabs.Panel>
        <Tabs.Panel value="timeline">
          <TimelineTab run={run} isLive={!hasEnded(status)} onOpen={open} />
        </Tabs.Panel>
        <Tabs.Panel value="events">
          <EventsTab run={run} onOpen={open} />
        </Tabs.Panel>
        <Tabs.Panel value="data">
          <DataTab instance={instance} />
        </Tabs.Panel>
      </Tabs>
      {task !== undefined && <TaskDrawer instance={instance} run={run} path={task} onClose={() => open(undefined)} />}
    </Stack>
  );
}
