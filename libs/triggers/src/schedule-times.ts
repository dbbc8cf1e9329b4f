import { DAY, atOrAfter, atOrBefore, type CronCalendar } from './cron-calendar';
import { excludedRange } from './schedule-exclusion';
import { EARLIEST, LATEST, type Schedule } from './schedule';
import type { ScheduleZone, Stretch } from './schedule-zone';

/**
 * The fire times of a schedule, as docs/schedules.md promises them.
 *
 * - An expression of single times (no `*`, `?` or step in second, minute and hour): a wall time that does not exist because clocks
 *   are set ahead fires at the end of the gap, several of them once; one that comes twice fires at the first, or at both
 *   (`repeatedHour`).
 * - A rhythm fires at each matching wall time that there is: none for the gap, both of what comes twice.
 * - `@every` counts real seconds from its anchor, in both directions.
 *
 * Nothing here steps from one wall time to the next across a change of the clocks: each stretch of one offset is asked by itself.
 */

/** Looked at in one question before an exclusion is taken to take everything. */
const MOST_EXCLUDED = 2000;

/** The first fire time after an instant. */
export function nextAfter(schedule: Schedule, instant: Date): Date | undefined {
  return dateOf(firstFrom(schedule, Math.floor(instant.getTime() / 1000) + 1));
}

/** The last fire time before an instant. */
export function previous(schedule: Schedule, instant: Date): Date | undefined {
  return dateOf(lastUpTo(schedule, Math.ceil(instant.getTime() / 1000) - 1));
}

/** Fire times in [from, to), one by one as they are asked for. */
export function* fireTimes(schedule: Schedule, from: Date, to: Date): Generator<Date, void, undefined> {
  const end = to.getTime() / 1000;
  let at = firstFrom(schedule, Math.ceil(from.getTime() / 1000));
  for (; at !== undefined && at < end; at = firstFrom(schedule, at + 1)) yield new Date(at * 1000);
}

export interface FireTimes {
  readonly times: readonly Date[];
  /** There are more than `times` in the range. */
  readonly more: boolean;
}

/** The first `most` fire times in [from, to). */
export function upTo(schedule: Schedule, from: Date, to: Date, most: number): FireTimes {
  const times: Date[] = [];
  for (const time of fireTimes(schedule, from, to)) {
    if (times.length >= most) return { times, more: true };
    times.push(time);
  }
  return { times, more: false };
}

function dateOf(second: number | undefined): Date | undefined {
  return second === undefined ? undefined : new Date(second * 1000);
}

function firstFrom(schedule: Schedule, from: number): number | undefined {
  let at: number | undefined = Math.max(from, schedule.start, EARLIEST);
  for (let looked = 0; looked < MOST_EXCLUDED; looked++) {
    at = matchFrom(schedule, at);
    if (at === undefined || at >= schedule.end || at >= LATEST) return undefined;
    if (schedule.exclusions.length === 0) return at;
    const stretch = schedule.zone.stretchAt(at);
    const excluded = excludedRange(schedule.exclusions, at + stretch.offset);
    if (!excluded) return at;
    at = Math.min(excluded.to - stretch.offset, stretch.end);
  }
  return undefined;
}

function lastUpTo(schedule: Schedule, to: number): number | undefined {
  let at: number | undefined = Math.min(to, schedule.end - 1, LATEST - 1);
  for (let looked = 0; looked < MOST_EXCLUDED; looked++) {
    at = matchUpTo(schedule, at);
    if (at === undefined || at < schedule.start || at < EARLIEST) return undefined;
    if (schedule.exclusions.length === 0) return at;
    const stretch = schedule.zone.stretchAt(at);
    const excluded = excludedRange(schedule.exclusions, at + stretch.offset);
    if (!excluded) return at;
    at = Math.max(excluded.from - stretch.offset, stretch.start) - 1;
  }
  return undefined;
}

function matchFrom({ cron, anchor, zone, repeatedHour }: Schedule, from: number): number | undefined {
  if (cron.kind === 'every') return anchor + Math.ceil((from - anchor) / cron.every) * cron.every;
  return calendarFrom(cron.calendar, zone, from, { gaps: !cron.rhythm, twice: cron.rhythm || repeatedHour === 'both' });
}

function matchUpTo({ cron, anchor, zone, repeatedHour }: Schedule, to: number): number | undefined {
  if (cron.kind === 'every') return anchor + Math.floor((to - anchor) / cron.every) * cron.every;
  return calendarUpTo(cron.calendar, zone, to, { gaps: !cron.rhythm, twice: cron.rhythm || repeatedHour === 'both' });
}

interface ClockRules {
  /** What falls into a gap fires at its end. */
  readonly gaps: boolean;
  /** What comes twice fires twice. */
  readonly twice: boolean;
}

/** Clocks are never set by more than a day, nor are they further from UTC: a match this far ahead is worth no closer look. */
const MARGIN = 1.5 * DAY;

function calendarFrom(calendar: CronCalendar, zone: ScheduleZone, from: number, rules: ClockRules): number | undefined {
  let at = from;
  for (;;) {
    const stretch = zone.stretchAt(at);
    if (rules.gaps && at === stretch.start && missingWall(calendar, stretch) !== undefined) return at;
    const wall = atOrAfter(calendar, Math.max(at + stretch.offset, firstWall(stretch, rules)));
    if (wall !== undefined && wall < stretch.end + stretch.offset) return wall - stretch.offset;
    // What is set back reads earlier than the end of this stretch.
    const ahead = atOrAfter(calendar, stretch.end + stretch.offset - MARGIN);
    if (ahead === undefined) return undefined;
    at = Math.max(stretch.end, ahead - stretch.offset - MARGIN);
  }
}

function calendarUpTo(calendar: CronCalendar, zone: ScheduleZone, to: number, rules: ClockRules): number | undefined {
  let at = to;
  for (;;) {
    const stretch = zone.stretchAt(at);
    const wall = atOrBefore(calendar, at + stretch.offset);
    if (wall !== undefined && wall >= firstWall(stretch, rules)) return wall - stretch.offset;
    if (rules.gaps && missingWall(calendar, stretch) !== undefined) return stretch.start;
    const behind = atOrBefore(calendar, stretch.start + stretch.offset + MARGIN);
    if (behind === undefined) return undefined;
    at = Math.min(stretch.start - 1, behind - stretch.offset + MARGIN);
  }
}

/** From which wall time on a stretch counts. */
function firstWall({ start, offset, before }: Stretch, { twice }: ClockRules): number {
  return start + (twice ? offset : Math.max(offset, before));
}

/** The first match among the wall times that were left out at the start of a stretch. */
export function missingWall(calendar: CronCalendar, { start, offset, before }: Stretch): number | undefined {
  if (offset <= before) return undefined;
  const wall = atOrAfter(calendar, start + before);
  return wall !== undefined && wall < start + offset ? wall : undefined;
}
