import { Skeleton } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Suspense, useMemo } from 'react';
import { call } from '../../api/client';
import { isStatus } from '../../api/problem';
import { FaultNote } from '../../parts/fault-note';
import type { DagGraph } from '../../parts/flow-graph/graph';
import { LazyFlowGraph } from '../../parts/flow-graph/lazy-flow-graph';
import { hasEnded } from '../../api/instance-status';
import type { ShownInstance } from '../../api/shown-instance';
import { stepStates } from './step-states';
import { TimelineTab } from './timeline-tab';
import type { Run } from './use-run';

interface Props {
  readonly instance: ShownInstance;
  readonly run: Run;
  readonly onOpen: (path: string) => void;
}

const graphQuery = (id: string, version: string) =>
  queryOptions({
    queryKey: ['dags', id, 'graph', version],
    queryFn: async ({ signal }) =>
      (await call(
        'GET /dags/{id}/graph',
        { path: { id }, query: { format: 'json', version } },
        { signal },
      )) as DagGraph,
    staleTime: Infinity,
    retry: false,
  });

/** The DAG as it runs. A definition that nobody saved has no picture: then its steps are shown in time. */
export function GraphTab({ instance: { dagId, version, status }, run, onOpen }: Props) {
  const { data: graph, error } = useQuery(graphQuery(dagId, version));
  const { model, revision } = run;
  const states = useMemo(() => stepStates(model.tracks.values()), [model, revision]);
  const open = (stepId: string) => {
    const tracks = [...model.tracks.values()].filter((track) => track.stepId === stepId);
    const shown =
      tracks.find((track) => track.status === 'failed') ?? tracks.find(({ toMs }) => toMs === undefined) ?? tracks[0];
    onOpen(shown?.path ?? stepId);
  };
  if (isStatus(error, 404)) return <TimelineTab run={run} isLive={!hasEnded(status)} onOpen={onOpen} />;
  if (error) return <FaultNote error={error} />;
  if (!graph) return <Skeleton height={360} />;
  return (
    <Suspense fallback={<Skeleton height={360} />}>
      <LazyFlowGraph graph={graph} states={states} onSelect={open} height="calc(100vh - 280px)" />
    </Suspense>
  );
}
