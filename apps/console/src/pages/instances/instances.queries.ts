import type { Approval, DagItem, Task, Whole } from '@flow/client';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from '../../api/client';
import type { ShownInstance } from '../../api/shown-instance';
import type { InstanceStatus } from '../../api/instance-status';
import type { InstancesSearch } from './instances.search';

export type ShownTask = Pick<
  Task,
  'title' | 'output' | 'input' | 'error' | 'adopted' | 'waitingFor' | 'startedAt' | 'endedAt' | 'large'
> &
  Whole<Pick<Task, 'id' | 'stepId' | 'path' | 'operator' | 'status' | 'attempt'>>;
export type ShownApproval = Pick<Approval, 'title' | 'schema' | 'expiresAt' | 'createdAt'> &
  Whole<
    Pick<Approval, 'id' | 'instanceId' | 'dagId' | 'stepId' | 'path' | 'status' | 'assignees' | 'quorum' | 'decisions'>
  >;

const PAGE = 50;

export function filterOf({ status, label, from, to }: InstancesSearch) {
  return { status, label, createdFrom: from, createdTo: to };
}

export const instancesQuery = (search: InstancesSearch) =>
  infiniteQueryOptions({
    queryKey: ['instances', 'list', search],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filterOf(search), limit: PAGE, cursor: pageParam };
      const page =
        search.dag === undefined
          ? await call('GET /instances', { query }, { signal })
          : await call('GET /dags/{id}/instances', { path: { id: search.dag }, query }, { signal });
      return page as { readonly items: readonly ShownInstance[]; readonly nextCursor: string | null };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

const COUNTED_EVERY_MS = 5_000;

/** How many instances have this status, within the other filters; asked again while somebody looks. */
export const countQuery = (search: InstancesSearch, status: InstanceStatus) =>
  queryOptions({
    queryKey: ['instances', 'count', { ...search, status }],
    queryFn: async ({ signal }) => {
      const query = { ...filterOf(search), status, limit: 1, count: true };
      const { total } =
        search.dag === undefined
          ? await call('GET /instances', { query }, { signal })
          : await call('GET /dags/{id}/instances', { path: { id: search.dag }, query }, { signal });
      return total ?? 0;
    },
    refetchInterval: COUNTED_EVERY_MS,
    placeholderData: keepPreviousData,
  });

/** The title of a DAG, for who knows its id. */
export const dagTitleQuery = (id: string) =>
  queryOptions({
    queryKey: ['dags', id, 'title'],
    queryFn: async ({ signal }) => {
      const { items = [] } = await call('POST /dags/batch-get', { body: { ids: [id], fields: ['title'] } }, { signal });
      return items[0]?.title;
    },
    staleTime: 60_000,
  });

/** DAGs to choose from. */
export const dagChoicesQuery = (keyword: string) =>
  queryOptions({
    queryKey: ['dags', 'choices', keyword],
    queryFn: async ({ signal }) => {
      const query = { limit: 50, sort: 'title' as const, ...(keyword !== '' && { keyword }) };
      const { items } = await call('GET /dags', { query }, { signal });
      return items as readonly Whole<DagItem>[];
    },
    placeholderData: keepPreviousData,
  });

export const instanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['instance', id, 'header'],
    queryFn: async ({ signal }) => (await call('GET /instances/{id}', { path: { id } }, { signal })) as ShownInstance,
    // Its events say when it changes.
    staleTime: Infinity,
  });

export const taskQuery = (id: string, taskId: string) =>
  queryOptions({
    queryKey: ['instance', id, 'task', taskId],
    queryFn: async ({ signal }) =>
      (await call('GET /instances/{id}/tasks/{taskId}', { path: { id, taskId } }, { signal })) as ShownTask,
    staleTime: Infinity,
  });

export const whyQuery = (id: string) =>
  queryOptions({
    queryKey: ['instance', id, 'why'],
    queryFn: ({ signal }) => call('GET /instances/{id}/why', { path: { id } }, { signal }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const approvalsQuery = infiniteQueryOptions({
  queryKey: ['approvals'],
  queryFn: async ({ pageParam, signal }) =>
    (await call('GET /approvals', { query: { limit: PAGE, cursor: pageParam } }, { signal })) as {
      readonly items: readonly ShownApproval[];
      readonly nextCursor: string | null;
    },
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  refetchInterval: 5_000,
});
