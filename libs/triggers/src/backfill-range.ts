import type { Fault } from '@flow/kernel';
import type { Schedule } from './schedule';
import { upTo } from './schedule-times';

/** Fire times that one backfill may ask for. */
export const MOST_BACKFILLED = 10_000;

export interface BackfillRange {
  /** Oldest first, exclusions taken out. */
  readonly times: readonly Date[];
  readonly count: number;
  /** The range has more than `times`: a narrower one is needed. */
  readonly more: boolean;
}

/** The fire times in [from, to), at most `most` of them. */
export function backfillRange(schedule: Schedule, from: Date, to: Date, most = MOST_BACKFILLED): BackfillRange {
  const { times, more } = upTo(schedule, from, to, most);
  return { times, count: times.length, more };
}

/** Faults of a range that is asked for: it must be one, and hold no more than can be started. */
export function backfillFaults(schedule: Schedule, from: Date, to: Date, most = MOST_BACKFILLED): readonly Fault[] {
  const fault = (message: string) => [{ pointer: '/to', code: 'backfill.range_invalid', message }];
  if (to <= from) return fault('"to" must be later than "from".');
  if (!upTo(schedule, from, to, most).more) return [];
  return fault(
    `There are more than ${most} fire times from "from" to "to": ask for a shorter range, one after the other.`,
  );
}
