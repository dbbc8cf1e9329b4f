import type { DeadLetterItem, Queues as SentQueues, Whole, Worker as SentWorker } from '@flow/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from './client';

export type Worker = Whole<SentWorker>;
export type Queues = Whole<SentQueues>;

/** What was given up: a callback at the end of a run, or the firing of a trigger; each has fields of its own. */
export type DeadLetter = DeadLetterItem & Whole<Pick<DeadLetterItem, 'kind' | 'id'>>;

export const DEAD_LETTERS = ['dead-letters'] as const;

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: async ({ signal }) => (await call('GET /workers', {}, { signal })).items as readonly Worker[],
  refetchInterval: 5_000,
});

export const queuesQuery = queryOptions({
  queryKey: ['queues'],
  queryFn: async ({ signal }) => (await call('GET /queues', {}, { signal })) as Queues,
  refetchInterval: 5_000,
});

export const deadLettersQuery = infiniteQueryOptions({
  queryKey: DEAD_LETTERS,
  queryFn: ({ pageParam, signal }) =>
    call('GET /dead-letters', { query: { limit: 100, ...(pageParam !== null && { cursor: pageParam }) } }, { signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ nextCursor }) => nextCursor,
});

/** Carries out anew; what was not, and why, by id. */
export async function redrive(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { items = [] } = await call('POST /dead-letters/redrive', { body: { ids } });
  return new Map(items.filter(({ ok }) => ok !== true).map(({ id = '', error }) => [id, error?.message ?? '']));
}
