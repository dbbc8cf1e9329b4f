import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { InstanceRow } from './dags.queries';

/** What the overview counts: what has not ended, whenever it began, and what ended of a time. */
export const countQuery = (status: string, createdFrom?: string) =>
  queryOptions({
    queryKey: ['instances', 'count', status, createdFrom ?? ''],
    queryFn: async ({ signal }) => {
      const query = { status, limit: 1, count: true, ...(createdFrom !== undefined && { createdFrom }) };
      return (await call('GET /instances', { query }, { signal })).total ?? 0;
    },
    refetchInterval: 10_000,
  });

export const recentQuery = (status: string | undefined, limit: number) =>
  queryOptions({
    queryKey: ['instances', 'recent', status ?? '', limit],
    queryFn: async ({ signal }) => {
      const { items } = await call('GET /instances', { query: { status, limit, sort: '-createdAt' } }, { signal });
      return items as readonly InstanceRow[];
    },
    refetchInterval: 10_000,
  });
