import { FIRST_YEAR, LAST_YEAR, type CronField, type FieldValues } from './cron-field';

/**
 * When an expression matches, on a calendar and a clock without zone and without summer time. A **wall time** is the seconds from
 * 1970-01-01T00:00:00 that such a clock has counted.
 */
export interface CronCalendar {
  readonly fields: Readonly<Record<CronField, FieldValues>>;
  /** `+` before the day of week: the day of month must match too. Otherwise either is enough when both are given. */
  readonly bothDays: boolean;
}

export const DAY = 86_400;

/** The first wall time that matches, at or after the given one. */
export function atOrAfter(calendar: CronCalendar, wall: number): number | undefined {
  const { month: months, year: years } = calendar.fields;
  const start = new Date(Math.max(wall, Date.UTC(FIRST_YEAR, 0) / 1000) * 1000);
  let [year, month, from] = [start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate()];
  let time = Math.floor(start.getTime() / 1000) % DAY;
  for (; year <= LAST_YEAR; year++, month = 1, from = 1, time = 0) {
    if (!years.values.includes(year)) continue;
    for (; month <= 12; month++, from = 1, time = 0) {
      if (!months.values.includes(month)) continue;
      for (let days = daysOf(calendar, year, month) >>> from, day = from; days !== 0; days >>>= 1, day++, time = 0) {
        if ((days & 1) === 0) continue;
        const found = timeAtOrAfter(calendar, time);
        if (found !== undefined) return Date.UTC(year, month - 1, day) / 1000 + found;
      }
    }
  }
  return undefined;
}

/** The last wall time that matches, at or before the given one. */
export function atOrBefore(calendar: CronCalendar, wall: number): number | undefined {
  const { month: months, year: years } = calendar.fields;
  const start = new Date(Math.min(wall, Date.UTC(LAST_YEAR + 1, 0) / 1000 - 1) * 1000);
  let [year, month, to] = [start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate()];
  let time = (Math.floor(start.getTime() / 1000) + DAY) % DAY;
  for (; year >= FIRST_YEAR; year--, month = 12, to = 31, time = DAY - 1) {
    if (!years.values.includes(year)) continue;
    for (; month >= 1; month--, to = 31, time = DAY - 1) {
      if (!months.values.includes(month)) continue;
      for (let days = daysOf(calendar, year, month), day = to; day >= 1; day--, time = DAY - 1) {
        if (((days >>> day) & 1) === 0) continue;
        const found = timeAtOrBefore(calendar, time);
        if (found !== undefined) return Date.UTC(year, month - 1, day) / 1000 + found;
      }
    }
  }
  return undefined;
}

/** Asked of many exclusions at many times: it looks at this one time alone, and at its day last. */
export function matches(calendar: CronCalendar, wall: number): boolean {
  const { second, minute, hour, month, year } = calendar.fields;
  const time = ((wall % DAY) + DAY) % DAY;
  if (!minute.values.includes(Math.floor(time / 60) % 60) || !hour.values.includes(Math.floor(time / 3600)))
    return false;
  if (!second.values.includes(time % 60)) return false;
  const day = new Date(wall * 1000);
  const [y, m] = [day.getUTCFullYear(), day.getUTCMonth() + 1];
  if (!month.values.includes(m) || !year.values.includes(y)) return false;
  return ((daysOf(calendar, y, m) >>> day.getUTCDate()) & 1) === 1;
}

/** The days of a month that match, day n as bit n. */
function daysOf({ fields, bothDays }: CronCalendar, year: number, month: number): number {
  const { dayOfMonth, dayOfWeek } = fields;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const all = last === 31 ? -2 : ((1 << (last + 1)) - 1) & ~1;
  if (dayOfMonth.any && dayOfWeek.any) return all;
  const firstWeekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const byDate = dayOfMonth.any ? all : datesOf(dayOfMonth, last, firstWeekday) & all;
  const byWeekday = dayOfWeek.any ? all : weekdaysOf(dayOfWeek, last, firstWeekday) & all;
  return dayOfMonth.any || dayOfWeek.any || bothDays ? byDate & byWeekday : byDate | byWeekday;
}

function datesOf(field: FieldValues, last: number, firstWeekday: number): number {
  let days = 0;
  for (const day of field.values) days |= 1 << day;
  for (const before of field.fromLast) if (before < last) days |= 1 << (last - before);
  for (const day of field.nearest) if (day <= last) days |= 1 << workingDay(day === 0 ? last : day, last, firstWeekday);
  return days;
}

/** The working day nearest to a day, within its month; LW is the last one, which is never after the last day. */
function workingDay(day: number, last: number, firstWeekday: number): number {
  const weekday = (firstWeekday + day - 1) % 7;
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < last ? day + 1 : day - 2;
  return day;
}

function weekdaysOf(field: FieldValues, last: number, firstWeekday: number): number {
  let days = 0;
  for (let day = 1; day <= last; day++) if (field.values.includes((firstWeekday + day - 1) % 7)) days |= 1 << day;
  for (const { weekday, nth } of field.nthWeekdays) {
    const first = 1 + ((weekday - firstWeekday + 7) % 7);
    const day = nth === -1 ? first + 7 * Math.floor((last - first) / 7) : first + 7 * (nth - 1);
    if (day <= last) days |= 1 << day;
  }
  return days;
}

function timeAtOrAfter({ fields: { hour, minute, second } }: CronCalendar, time: number): number | undefined {
  const [atHour, atMinute, atSecond] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
  const [firstMinute = 0, firstSecond = 0] = [minute.values[0], second.values[0]];
  for (const h of hour.values) {
    if (h < atHour) continue;
    if (h > atHour) return h * 3600 + firstMinute * 60 + firstSecond;
    for (const m of minute.values) {
      if (m < atMinute) continue;
      if (m > atMinute) return h * 3600 + m * 60 + firstSecond;
      const s = second.values.find((value) => value >= atSecond);
      if (s !== undefined) return h * 3600 + m * 60 + s;
    }
  }
  return undefined;
}

function timeAtOrBefore({ fields: { hour, minute, second } }: CronCalendar, time: number): number | undefined {
  const [atHour, atMinute, atSecond] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
  const [lastMinute = 0, lastSecond = 0] = [minute.values.at(-1), second.values.at(-1)];
  for (const h of hour.values.toReversed()) {
    if (h > atHour) continue;
    if (h < atHour) return h * 3600 + lastMinute * 60 + lastSecond;
    for (const m of minute.values.toReversed()) {
      if (m > atMinute) continue;
      if (m < atMinute) return h * 3600 + m * 60 + lastSecond;
      const s = second.values.findLast((value) => value <= atSecond);
      if (s !== undefined) return h * 3600 + m * 60 + s;
    }
  }
  return undefined;
}
