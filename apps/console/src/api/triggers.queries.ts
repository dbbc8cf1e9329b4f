import type { Firing, Trigger, Whole } from '@flow/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call, send } from './client';

export const TRIGGERS = ['triggers'] as const;

export type TriggerRow = Whole<Omit<Trigger, 'config' | 'problem' | 'disabled'>> &
  Pick<Trigger, 'config'> & {
    readonly problem: { readonly message?: string } | null;
    readonly disabled: { readonly message?: string } | null;
  };

export type FiringRow = Whole<Omit<Firing, 'reason' | 'event'>> & {
  readonly reason: { readonly code?: string; readonly message?: string } | null;
};

export const dagTriggersQuery = (id: string) =>
  queryOptions({
    queryKey: [...TRIGGERS, 'of', id],
    queryFn: async ({ signal }) => {
      const { items } = await call('GET /dags/{id}/triggers', { path: { id }, query: { limit: 200 } }, { signal });
      return items as readonly TriggerRow[];
    },
  });

/** A trigger, and the ETag that a change of it has to name. */
export const triggerQuery = (id: string) =>
  queryOptions({
    queryKey: [...TRIGGERS, id, 'whole'],
    queryFn: async ({ signal }) => {
      const response = await send('GET /triggers/{id}', { path: { id } }, { signal });
      return { trigger: (await response.json()) as TriggerRow, etag: response.headers.get('etag') ?? '*' };
    },
  });

/** When a schedule would fire that is not made yet. */
export const configPreviewQuery = (config: Readonly<Record<string, unknown>>, n = 5) =>
  queryOptions({
    queryKey: [...TRIGGERS, 'preview of', config, n],
    queryFn: ({ signal }) => call('POST /triggers/preview', { body: { config, n } }, { signal }),
  });

/** Schedules by when they fire next. */
export const upcomingQuery = (limit: number) =>
  queryOptions({
    queryKey: [...TRIGGERS, 'upcoming', limit],
    queryFn: async ({ signal }) => {
      const { items } = await call('GET /triggers', { query: { upcoming: true, limit } }, { signal });
      return items as readonly TriggerRow[];
    },
    refetchInterval: 10_000,
  });

export const triggersQuery = infiniteQueryOptions({
  queryKey: [...TRIGGERS, 'all'],
  queryFn: ({ pageParam, signal }) =>
    call('GET /triggers', { query: { limit: 200, ...(pageParam !== null && { cursor: pageParam }) } }, { signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ nextCursor }) => nextCursor,
});

export const formQuery = (id: string) =>
  queryOptions({
    queryKey: [...TRIGGERS, id, 'form'],
    queryFn: ({ signal }) => call('GET /triggers/{id}/form', { path: { id } }, { signal }),
  });

export const previewQuery = (id: string, n = 5) =>
  queryOptions({
    queryKey: [...TRIGGERS, id, 'preview', n],
    queryFn: async ({ signal }) =>
      (await call('GET /triggers/{id}/preview', { path: { id }, query: { n } }, { signal })).items ?? [],
  });

export const firingsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...TRIGGERS, id, 'firings'],
    queryFn: ({ pageParam, signal }) =>
      call(
        'GET /triggers/{id}/firings',
        { path: { id }, query: { limit: 100, ...(pageParam !== null && { cursor: pageParam }) } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 10_000,
  });
