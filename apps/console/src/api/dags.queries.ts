import type { Dag, DagItem, Operations, VersionItem, Whole } from '@flow/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { DagGraph } from '../parts/flow-graph/graph';
import { call, send } from './client';
import type { ShownInstance } from './shown-instance';

/** What the address of a page of a list holds beside its filters. */
const PAGE = 200;

export type DagRow = Whole<DagItem>;
export type DagFilter = Omit<NonNullable<Operations['GET /dags']['query']>, 'limit' | 'cursor' | 'count'>;

/** Key of everything about DAGs: what changes one makes all of it old. */
export const DAGS = ['dags'] as const;

export const dagsQuery = (filter: DagFilter) =>
  infiniteQueryOptions({
    queryKey: [...DAGS, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      call(
        'GET /dags',
        { query: { ...filter, limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** A DAG, and the ETag that a change of it has to name. */
export interface ReadDag {
  readonly dag: Dag & { readonly id: string; readonly title: string; readonly version: string };
  readonly etag: string;
}

export const dagQuery = (id: string, version?: string) =>
  queryOptions({
    queryKey: [...DAGS, id, 'definition', version ?? 'newest'],
    queryFn: async ({ signal }): Promise<ReadDag> => {
      const response = await send('GET /dags/{id}', { path: { id }, query: { version } }, { signal });
      return { dag: (await response.json()) as ReadDag['dag'], etag: response.headers.get('etag') ?? '*' };
    },
  });

export const graphQuery = (id: string, version?: string) =>
  queryOptions({
    queryKey: [...DAGS, id, 'graph', version ?? 'newest'],
    queryFn: async ({ signal }) =>
      (await call(
        'GET /dags/{id}/graph',
        { path: { id }, query: { format: 'json', version } },
        { signal },
      )) as DagGraph,
  });

/** A definition as a text that import reads. */
export const exportQuery = (id: string, format: 'json' | 'yaml', version?: string) =>
  queryOptions({
    queryKey: [...DAGS, id, 'export', format, version ?? 'newest'],
    queryFn: async ({ signal }) =>
      (await send('GET /dags/{id}/export', { path: { id }, query: { format, version } }, { signal })).text(),
  });

export const versionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...DAGS, id, 'versions'],
    queryFn: ({ pageParam, signal }) =>
      call(
        'GET /dags/{id}/versions',
        { path: { id }, query: { limit: 100, ...(pageParam !== null && { cursor: pageParam }) } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    select: ({ pages }) => pages.flatMap(({ items }) => items as readonly Whole<VersionItem>[]),
  });

export const diffQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: [...DAGS, id, 'diff', from, to],
    queryFn: ({ signal }) => call('GET /dags/{id}/versions/{from}/diff/{to}', { path: { id, from, to } }, { signal }),
    staleTime: Infinity,
  });

export const dagInstancesQuery = (id: string) =>
  queryOptions({
    queryKey: [...DAGS, id, 'instances'],
    queryFn: async ({ signal }) => {
      const { items } = await call('GET /dags/{id}/instances', { path: { id }, query: { limit: 50 } }, { signal });
      return items as readonly ShownInstance[];
    },
    refetchInterval: 5_000,
  });

/** The JSON Schema of definitions, for the editor. */
export const schemaQuery = queryOptions({
  queryKey: ['schemas', 'dag'],
  queryFn: ({ signal }) => call('GET /schemas/dag.json', {}, { signal }),
  staleTime: Infinity,
});
