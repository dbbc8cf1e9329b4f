import { AppError } from '@flow/kernel';
import { DagStopped, InstancePurged } from '@flow/instances';
import type { Firing, FiringCause } from './firing';
import type { FiringOutcome } from './firing.store';
import { TriggerChainTooLong } from './trigger.errors';
import { wordsOf } from './firing-decision';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A quota, a rate: after so long the moment for which it came is over. */
const WAITS_FOR_ROOM_MS = 24 * 3_600_000;
/** What nobody can explain is given up after so many tries. */
const MOST_TRIES = 10;

/** Nobody keeps what these carry but the firing itself: when they cannot start, it is a dead letter. Times and hands say it again. */
const CARRIES_DATA: ReadonlySet<FiringCause> = new Set(['webhook', 'event', 'dag', 'form', 'batch']);

/** What a start that was refused makes of a firing: skipped, tried again, failed, or a dead letter. */
export function outcomeOf(firing: Firing, error: unknown, now: Date): FiringOutcome {
  const attempts = firing.attempts + 1;
  const code = error instanceof AppError ? error.code : 'internal';
  const reason = { code, message: wordsOf(error) };
  const ended = (status: FiringOutcome['status']): FiringOutcome => ({
    id: firing.id,
    status,
    reason,
    instanceId: null,
    attempts,
    dueAt: firing.dueAt,
    endedAt: now,
  });
  // It has started a run, which has come and gone.
  if (error instanceof InstancePurged) return { ...ended('fired'), reason: null };
  if (error instanceof DagStopped || code === 'concurrency.full') return ended('skipped');
  if (error instanceof TriggerChainTooLong) return ended('failed');
  if (isTriedAgain(firing, error, attempts, now)) {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 10));
    const retryAfterMs = (error instanceof AppError && error.retryAfterMs) || 0;
    return { ...ended('pending'), dueAt: new Date(now.getTime() + Math.max(pauseMs, retryAfterMs)), endedAt: null };
  }
  return ended(CARRIES_DATA.has(firing.cause) ? 'dead' : 'failed');
}

function isTriedAgain(firing: Firing, error: unknown, attempts: number, now: Date): boolean {
  if (!(error instanceof AppError)) return attempts < MOST_TRIES;
  if (error.kind === 'unavailable' || error.kind === 'storage_full') return true;
  return error.kind === 'limited' && now.getTime() - firing.createdAt.getTime() < WAITS_FOR_ROOM_MS;
}
