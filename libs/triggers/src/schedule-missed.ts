import type { Schedule } from './schedule';
import { fireTimes, nextAfter, previous, upTo } from './schedule-times';

/** Why a fire time that passed is not fired; kept in the history of firings. */
export const SKIP_REASONS = ['missed.policy_none', 'missed.not_latest', 'missed.window_passed'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Fire times that follow one another and are skipped for one reason. */
export interface SkippedTimes {
  readonly reason: SkipReason;
  readonly first: Date;
  readonly last: Date;
  readonly count: number;
  /** There are more than were counted. */
  readonly more: boolean;
}

export interface MissedRuns {
  /** To be fired, oldest first. */
  readonly fire: readonly Date[];
  readonly skipped: readonly SkippedTimes[];
  /** All up to here is decided: the next question's `lastDecided`. Earlier than now only when there was more than can be handed out at once. */
  readonly decidedTo: Date;
}

/** A firing that comes no later than this is on time, whatever the policy says. */
export const ON_TIME_MS = 60_000;
/** Handed out, and counted, in one answer. */
export const MOST_MISSED = 1000;
export const MOST_COUNTED = 1000;

/** What becomes of the fire times in (lastDecided, now]. The work is bounded, however long nobody asked. */
export function missedRuns(schedule: Schedule, lastDecided: Date, now: Date, onTimeMs = ON_TIME_MS): MissedRuns {
  const { policy, windowMs } = schedule.missed;
  // Ranges are [from, to) and a fire time is a whole second: this is the first instant after now.
  const [from, to] = [after(lastDecided), after(now)];
  const onTime = later(from, new Date(now.getTime() - onTimeMs));
  const inWindow = windowMs === Infinity ? from : later(from, new Date(now.getTime() - Math.max(windowMs, onTimeMs)));
  const { times, more } = upTo(schedule, policy === 'all' ? inWindow : onTime, to, MOST_MISSED);
  const decidedTo = (more && times.at(-1)) || later(now, lastDecided);
  if (policy === 'none')
    return { fire: times, skipped: skippedIn(schedule, from, onTime, 'missed.policy_none'), decidedTo };
  const tooOld = skippedIn(schedule, from, inWindow, 'missed.window_passed');
  if (policy === 'all') return { fire: times, skipped: tooOld, decidedTo };
  const latest = previous(schedule, to);
  const fire = times.length > 0 || !latest || latest < inWindow ? times : [latest];
  const older = skippedIn(schedule, inWindow, fire[0] ?? to, 'missed.not_latest');
  return { fire, skipped: [...tooOld, ...older], decidedTo };
}

function after(instant: Date): Date {
  return new Date(instant.getTime() + 1);
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

function skippedIn(schedule: Schedule, from: Date, to: Date, reason: SkipReason): readonly SkippedTimes[] {
  const first = nextAfter(schedule, new Date(from.getTime() - 1));
  const last = previous(schedule, to);
  if (!first || !last || last < first || first >= to) return [];
  let count = 0;
  for (const _ of fireTimes(schedule, first, to)) if (++count > MOST_COUNTED) break;
  return [{ reason, first, last, count: Math.min(count, MOST_COUNTED), more: count > MOST_COUNTED }];
}
