import type { InputOf, ItemOf } from '@flow/client';
import { send } from './client';
import { follow, type LiveState, type LiveWorld } from './live-stream';
import { ApiProblem } from './problem';

export type { LiveState } from './live-stream';

type Followed = 'GET /instances/{id}/events' | 'GET /instances/{id}/logs';

export interface Listener<O extends Followed> {
  /** New items, in order, each once. */
  onItems(items: readonly ItemOf<O>[]): void;
  onState(state: LiveState): void;
  /** What was told is void; all of it is told again. */
  onAnew(): void;
}

const NDJSON = 'application/x-ndjson';
/** When too many streams are open, or too much is asked. */
const BUSY_MS = 5_000;

const browser: LiveWorld = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  isOnline: () => navigator.onLine,
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  onNetwork(work) {
    addEventListener('online', work);
    addEventListener('offline', work);
    return () => {
      removeEventListener('online', work);
      removeEventListener('offline', work);
    };
  },
};

/** Follows events or log lines of an instance from their beginning to their end, through every cut. Gives what stops it. */
export function followInstance<O extends Followed>(
  operation: O,
  id: string,
  query: { readonly taskId?: string },
  listener: Listener<O>,
): () => void {
  return follow<ItemOf<O>>(
    {
      ...listener,
      judge,
      async open(after, signal) {
        const input = { path: { id }, query: { ...query, follow: true, after } } as InputOf<O>;
        const { body } = await send(operation, input, { signal, headers: { Accept: NDJSON } });
        if (body === null) throw new Error('The answer has no body.');
        return body;
      },
    },
    browser,
  );
}

/** The service's word stands; where it had no room, no time, or was not there, it is asked again. */
export function judge(error: unknown): { readonly again: number } | 'anew' | 'never' {
  if (!(error instanceof ApiProblem) || error.status === 0) return { again: 0 };
  // Lines that were not yet on the disk are gone with a process that died, and numbers with them.
  if (error.code === 'last_event_id.invalid') return 'anew';
  if (error.status === 429 || error.status === 503) return { again: BUSY_MS };
  return error.status >= 500 ? { again: 0 } : 'never';
}
