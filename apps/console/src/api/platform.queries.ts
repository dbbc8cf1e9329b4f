import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';

export interface Worker {
  readonly id: string;
  readonly status: string;
  readonly app: string;
  readonly version: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly seenAt: string;
  /** Runs that it holds. */
  readonly instances: number;
  /** Steps that it carries out now. */
  readonly calls: number;
  readonly hasRoom: boolean;
}

export interface Queues {
  /** Runs that wait for a process with room; null where one process does everything. */
  readonly dispatch: {
    readonly waiting: number;
    readonly later: number;
    readonly lanes: readonly { readonly lane: number; readonly waiting: number; readonly later: number }[];
  } | null;
  readonly slots: { readonly waiting: number };
  readonly callbacks: { readonly pending: number; readonly dead: number };
}

/** What was given up: a callback at the end of a run, or the firing of a trigger. */
export interface DeadLetter {
  readonly kind: 'callback' | 'firing';
  readonly id: string;
  readonly instanceId?: string;
  readonly url?: string;
  readonly triggerId?: string;
  readonly dagId?: string;
  readonly code?: string;
  readonly attempts: number;
  readonly lastError: string;
  readonly createdAt: string;
  readonly diedAt: string;
}

export const DEAD_LETTERS = ['dead-letters'] as const;

const read = async <Answer>(path: string, signal: AbortSignal): Promise<Answer> =>
  (await (await request('GET', path, { signal })).json()) as Answer;

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: async ({ signal }) => (await read<{ readonly items: readonly Worker[] }>('/workers', signal)).items,
  refetchInterval: 5_000,
});

export const queuesQuery = queryOptions({
  queryKey: ['queues'],
  queryFn: ({ signal }) => read<Queues>('/queues', signal),
  refetchInterval: 5_000,
});

export const deadLettersQuery = infiniteQueryOptions({
  queryKey: DEAD_LETTERS,
  queryFn: ({ pageParam, signal }) =>
    read<{ readonly items: readonly DeadLetter[]; readonly nextCursor: string | null }>(
      `/dead-letters?limit=100${pageParam === null ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`,
      signal,
    ),
  initialPageParam: null as string | null,
  getNextPageParam: ({ nextCursor }) => nextCursor,
});

/** Carries out anew; what was not, and why, by id. */
export async function redrive(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const response = await request('POST', '/dead-letters/redrive', { body: { ids } });
  const { items = [] } = (await response.json()) as {
    readonly items?: readonly {
      readonly id: string;
      readonly ok: boolean;
      readonly error?: { readonly message: string };
    }[];
  };
  return new Map(items.filter(({ ok }) => !ok).map(({ id, error }) => [id, error?.message ?? '']));
}
