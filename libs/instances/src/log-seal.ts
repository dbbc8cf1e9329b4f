import type { WorkerId } from '@flow/kernel';
import type { WorkerLog } from './worker-log';

/**
 * Ends a worker's log for good: a seal stands behind its head, at the n that it resolves with, and every append from there on is refused.
 * Racing callers get the same answer; a log that is sealed stays as it is.
 *
 * The store inserts one record and knows no other. So the worker may append meanwhile (then n is the next one), and may have its records
 * projected and deleted (then the seal was put where a record had been, and is void: the mark has reached it).
 */
export async function sealLog(log: WorkerLog, worker: WorkerId): Promise<number> {
  for (;;) {
    const head = await log.head(worker);
    let n = head.isSealed ? head.n : head.n + 1;
    while (!(await log.trySeal(worker, n))) n += 1;
    if ((await log.mark(worker)) < n) return n;
  }
}
