import type { Operations, Whole } from '@flow/client';
import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { ShownInstance } from './shown-instance';

/** What is live, and how the last hour ended minute by minute; counted within bounds, however many there are. */
export const runtimeQuery = queryOptions({
  queryKey: ['instances', 'runtime'],
  queryFn: async ({ signal }) =>
    (await call('GET /observability/runtime-view', {}, { signal })) as Whole<
      Operations['GET /observability/runtime-view']['answer']
    >,
  refetchInterval: 5_000,
});

export const recentQuery = (status: string | undefined, limit: number) =>
  queryOptions({
    queryKey: ['instances', 'recent', status ?? '', limit],
    queryFn: async ({ signal }) => {
      const { items } = await call('GET /instances', { query: { status, limit, sort: '-createdAt' } }, { signal });
      return items as readonly ShownInstance[];
    },
    refetchInterval: 10_000,
  });
