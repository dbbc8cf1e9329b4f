import { DAY } from './cron-calendar';
import type { Schedule } from './schedule';
import { clockNote } from './schedule-clock';
import { fireTimes, nextAfter } from './schedule-times';
import type { Stretch } from './schedule-zone';

export const HOUR = 3_600;
/** Times that are named of an hour; the others of it are counted. */
const NAMED = 6;
/** Times of one hour that are counted one by one, where nothing quicker tells their number. */
const COUNTED = 200;

/** What one schedule fires within one hour; times in seconds since 1970. */
export interface HourOfSchedule {
  /** Which hour, from 0. */
  readonly hour: number;
  readonly count: number;
  /** It fires more often than `count`: nobody counted on. */
  readonly more: boolean;
  /** The first ones, at least one. */
  readonly times: readonly number[];
  /** What a change of the clocks does to one of `times`. */
  readonly note?: string;
}

/** How much may still be counted one by one; when it is used up, an hour tells of one time and that there are more. */
export interface Counting {
  left: number;
}

export interface HoursAsked {
  /** Hour 0 begins here, at or before `from`. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The hours in [from, to) in which a schedule fires. One that fires each second costs no more than one that fires once an hour: all hours of
 * a day have the same minutes and seconds, unless clocks change or exclusions take a part of the day. Only there times are counted one by one.
 */
export function* hoursOf(schedule: Schedule, asked: HoursAsked, counting: Counting): Generator<HourOfSchedule, void> {
  let last: HourOfSchedule | undefined;
  for (const piece of piecesOf(schedule, asked, counting)) {
    if (last?.hour === piece.hour) last = joined(last, piece);
    else {
      if (last) yield last;
      last = piece;
    }
  }
  if (last) yield last;
}

const joined = (one: HourOfSchedule, next: HourOfSchedule): HourOfSchedule => ({
  ...next,
  ...one,
  count: one.count + next.count,
  more: one.more || next.more,
  times: [...one.times, ...next.times].slice(0, NAMED),
});

/** The same in their order, an hour in several pieces where the hours of the schedule's clock begin at other minutes. */
function* piecesOf(schedule: Schedule, asked: HoursAsked, counting: Counting): Generator<HourOfSchedule, void> {
  const { start, to } = asked;
  const pattern = patternOf(schedule);
  const last = Math.min(to, schedule.end);
  let next = nextFrom(schedule, asked.from);
  while (next !== undefined && next < last) {
    const end: number = start + (hourAt(start, next) + 1) * HOUR;
    const stretch = schedule.zone.stretchAt(next);
    const { cron, exclusions } = schedule;
    if (cron.kind === 'every' && exclusions.length === 0) {
      yield everyOf(start, next, Math.min(end, last), cron.every);
      next += Math.ceil((end - next) / cron.every) * cron.every;
    } else if (pattern && isCalm(stretch, next)) {
      const until = Math.min(dayEnd(stretch, next), stretch.end, last);
      yield* dayOf(schedule, pattern, { start, from: next, to: until }, stretch);
      next = nextFrom(schedule, until);
    } else {
      yield oneByOne(schedule, start, next, Math.min(end, last), counting);
      next = nextFrom(schedule, end);
    }
  }
}

const hourAt = (start: number, second: number) => Math.floor((second - start) / HOUR);

function nextFrom(schedule: Schedule, second: number): number | undefined {
  const next = nextAfter(schedule, new Date(second * 1000 - 1));
  return next && next.getTime() / 1000;
}

interface Pattern {
  readonly hours: readonly number[];
  /** Seconds within an hour. */
  readonly seconds: readonly number[];
}

/** When it fires on each day on which it does; undefined when a day may have less of it. */
function patternOf({ cron, exclusions }: Schedule): Pattern | undefined {
  if (cron.kind === 'every' || exclusions.some((one) => one.kind === 'cron' && one.unit !== DAY)) return undefined;
  const { hour, minute, second } = cron.calendar.fields;
  return { hours: hour.values, seconds: minute.values.flatMap((m) => second.values.map((s) => m * 60 + s)) };
}

/** Nothing of what a change of the clocks left out or brings twice is at or behind this time, until the stretch ends. */
const isCalm = ({ start, before, offset }: Stretch, second: number) => second > start + Math.max(0, before - offset);

const dayEnd = ({ offset }: Stretch, second: number) => second + DAY - ((second + offset) % DAY);

/** What it fires in a part of one day of its clock, on which it does fire. */
function* dayOf(
  schedule: Schedule,
  { hours, seconds }: Pattern,
  { start, from, to }: HoursAsked,
  stretch: Stretch,
): Generator<HourOfSchedule, void> {
  const midnight = dayEnd(stretch, from) - DAY;
  const { zone } = schedule;
  const isNear = stretch.end - from <= 2 * DAY && zone.stretchAt(stretch.end).offset !== stretch.offset;
  for (const h of hours) {
    const top = midnight + h * HOUR;
    const cut = start + Math.ceil((top - start) / HOUR) * HOUR;
    for (const [a, b] of cut === top
      ? [[top, top + HOUR] as const]
      : [[top, cut] as const, [cut, top + HOUR] as const]) {
      const [low, high] = [Math.max(a, from), Math.min(b, to)];
      if (low >= high) continue;
      const isWhole = low === top && high === top + HOUR;
      const within = isWhole ? seconds : seconds.filter((second) => top + second >= low && top + second < high);
      if (within.length === 0) continue;
      const times = within.slice(0, NAMED).map((second) => top + second);
      const piece = { hour: hourAt(start, low), count: within.length, more: false, times };
      yield isNear ? { ...piece, ...noteOf(schedule, times) } : piece;
    }
  }
}

function everyOf(start: number, first: number, end: number, every: number): HourOfSchedule {
  const count = Math.ceil((end - first) / every);
  const times: number[] = [];
  for (let i = 0; i < Math.min(count, NAMED); i += 1) times.push(first + i * every);
  return { hour: hourAt(start, first), count, more: false, times };
}

function oneByOne(schedule: Schedule, start: number, first: number, end: number, counting: Counting): HourOfSchedule {
  const most = counting.left > 0 ? COUNTED : 1;
  const times: number[] = [];
  let [count, more] = [0, false];
  for (const time of fireTimes(schedule, new Date(first * 1000), new Date(end * 1000))) {
    more = count === most;
    if (more) break;
    count += 1;
    counting.left -= 1;
    if (count <= NAMED) times.push(time.getTime() / 1000);
  }
  return { hour: hourAt(start, first), count, more, times, ...noteOf(schedule, times) };
}

function noteOf(schedule: Schedule, times: readonly number[]): { readonly note?: string } {
  const notes = times.map((second) => clockNote(schedule, new Date(second * 1000)));
  const note = notes.find((one) => one !== undefined);
  return note === undefined ? {} : { note };
}
