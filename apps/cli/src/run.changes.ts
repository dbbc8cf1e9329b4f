import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded, readInstance, TaskPages, type Instance, type Task } from './instance.reader';
import type { ServiceClient } from './service.client';
import { ServiceAway } from './service.errors';

const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 1_000;
/** A service that restarts is back by then. */
const AWAY_MS = 30_000;

/** A run and its steps as they were at one moment. */
export interface Snapshot {
  readonly instance: Instance;
  readonly tasks: readonly Task[];
}

interface Watch {
  readonly signal: AbortSignal;
  /** Told once when the service no longer answers; it is asked on for a while. */
  readonly onAway: (why: ServiceAway) => void;
}

/** How a run goes on, from now to its end: a snapshot whenever something has changed, the last one when it has ended. */
export async function* changesOf(
  client: ServiceClient,
  id: string,
  { signal, onAway }: Watch,
): AsyncGenerator<Snapshot> {
  const pages = new TaskPages(client, id);
  let before = '';
  let pauseMs = FIRST_PAUSE_MS;
  let awayMs: number | undefined;
  for (;;) {
    try {
      const instance = await readInstance(client, id, signal);
      const tasks = await pages.read(signal);
      awayMs = undefined;
      const now = JSON.stringify([
        instance.status,
        instance.progress,
        tasks.map(({ path, status, attempt }) => [path, status, attempt]),
      ]);
      if (now !== before) yield { instance, tasks };
      if (hasEnded(instance)) return;
      pauseMs = now === before ? Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5) : FIRST_PAUSE_MS;
      before = now;
    } catch (error) {
      if (!(error instanceof ServiceAway) || signal.aborted) throw error;
      if (awayMs === undefined) onAway(error);
      awayMs ??= Date.now();
      if (Date.now() - awayMs > AWAY_MS) throw error;
      pauseMs = LONGEST_PAUSE_MS;
    }
    await pause(pauseMs, undefined, { signal });
  }
}
