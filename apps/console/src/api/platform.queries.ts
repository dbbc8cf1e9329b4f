import type { AnswerOf, DeadLetterItem, Queues as SentQueues, Whole, Worker as SentWorker } from '@flow/client';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call } from './client';
import { messageOf } from './problem';

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

export interface DeadLetterFilter {
  readonly kind?: 'callback' | 'firing';
  readonly triggerId?: string;
}

export const deadLettersQuery = (filter: DeadLetterFilter) =>
  infiniteQueryOptions({
    queryKey: [...DEAD_LETTERS, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      call(
        'GET /dead-letters',
        { query: { limit: 100, ...filter, ...(pageParam !== null && { cursor: pageParam }) } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 10_000,
  });

/** With what it says. */
export type WholeLetter = AnswerOf<'GET /dead-letters/{id}'>;

export const deadLetterQuery = (id: string) =>
  queryOptions({
    queryKey: [...DEAD_LETTERS, id],
    queryFn: ({ signal }) => call('GET /dead-letters/{id}', { path: { id } }, { signal }),
  });

/** How many of some dead letters were dealt with; those that were not, and why, by id. */
export interface LettersDone {
  readonly done: number;
  readonly refused: ReadonlyMap<string, string>;
  /** Others wait for the same. */
  readonly more: boolean;
}

/** What the service takes in one request. */
const AT_ONCE = 200;

/** Carries out anew: some by their ids, or the newest of all that fit a filter. */
export async function redrive(
  target: { readonly ids: readonly string[] } | { readonly filter: Readonly<Record<string, unknown>> },
): Promise<LettersDone> {
  const ids = 'ids' in target ? target.ids : [];
  if (ids.length > AT_ONCE) {
    const first = await redrive({ ids: ids.slice(0, AT_ONCE) });
    const rest = await redrive({ ids: ids.slice(AT_ONCE) });
    return { done: first.done + rest.done, refused: new Map([...first.refused, ...rest.refused]), more: false };
  }
  const { items = [], redriven = 0, more = false } = await call('POST /dead-letters/redrive', { body: target });
  const refused = new Map(
    items.filter(({ ok }) => ok !== true).map(({ id = '', error }) => [id, error?.message ?? '']),
  );
  return { done: items.length - refused.size + redriven, refused, more };
}

/** Forgets them one after the other. */
export async function discard(ids: readonly string[]): Promise<LettersDone> {
  const refused = new Map<string, string>();
  for (const id of ids)
    await call('DELETE /dead-letters/{id}', { path: { id } }).catch((error: unknown) =>
      refused.set(id, messageOf(error)),
    );
  return { done: ids.length - refused.size, refused, more: false };
}
