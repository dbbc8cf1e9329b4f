import type { CronField, FieldValues } from './cron-field';
import type { Schedule } from './schedule';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A schedule in one line of English; an expression that needs more words is quoted instead. */
export function describe({ cron, zone }: Schedule): string {
  if (cron.kind === 'every') return `every ${durationText(cron.every)}`;
  const { fields, bothDays } = cron.calendar;
  const [time, days] = [timeText(fields), daysText(fields, bothDays)];
  if (time === undefined || days === undefined) return `at times of cron ${cron.text} ${zone.name}`;
  const often = time.startsWith('every');
  const when = often ? `${time}${days === 'every day' ? '' : ` ${days}`}` : `${days} ${time}`;
  return `${when} ${zone.name}`;
}

function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ] as const;
  const said = parts.filter(([count]) => count > 0);
  const [one] = said;
  if (said.length === 1 && one?.[0] === 1) return one[1];
  return said.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ');
}

type Fields = Readonly<Record<CronField, FieldValues>>;

/** `at 02:30`, `every 15 minutes`; undefined when it needs more words. */
function timeText({ hour, minute, second }: Fields): string | undefined {
  const exact = (field: FieldValues) => (field.values.length === 1 ? field.values[0] : undefined);
  const [m, s] = [exact(minute), exact(second)];
  if (hour.any && minute.any)
    return second.any ? 'every second' : (stepText(second, 60, 'second') ?? everyText(s, 'minute'));
  if (s !== 0) return undefined;
  if (hour.any) return m === undefined ? stepText(minute, 60, 'minute') : `every hour at minute ${m}`;
  if (m === undefined) return undefined;
  const steps = m === 0 ? stepText(hour, 24, 'hour') : undefined;
  if (steps) return steps;
  return hour.values.length <= 4 ? `at ${list(hour.values.map((h) => `${two(h)}:${two(m)}`))}` : undefined;
}

function everyText(value: number | undefined, unit: string): string | undefined {
  return value === 0 ? `every ${unit}` : undefined;
}

/** `every 15 minutes` of 0, 15, 30 and 45: only steps that fit the whole go on evenly. */
function stepText({ values }: FieldValues, whole: number, unit: string): string | undefined {
  const step = whole / values.length;
  const even = values.length > 1 && Number.isInteger(step) && values.every((value, i) => value === i * step);
  return even && step > 1 ? `every ${step} ${unit}s` : undefined;
}

/** `every day`, `on Monday and Friday`, `on day 1 of January`; undefined when it needs more words. */
function daysText({ dayOfMonth, dayOfWeek, month, year }: Fields, bothDays: boolean): string | undefined {
  const plain = [dayOfMonth, dayOfWeek].every((field) => field.nearest.length + field.nthWeekdays.length === 0);
  if (!plain || bothDays || !year.any || (!dayOfMonth.any && !dayOfWeek.any)) return undefined;
  const months = month.any ? undefined : list(month.values.map((m) => MONTHS[m - 1] ?? ''));
  if (!dayOfWeek.any) {
    const weekdays = list(dayOfWeek.values.map((day) => WEEKDAYS[day] ?? ''));
    return `on ${weekdays}${months === undefined ? '' : ` in ${months}`}`;
  }
  if (dayOfMonth.any) return months === undefined ? 'every day' : `every day in ${months}`;
  const { values, fromLast } = dayOfMonth;
  if (values.length > 4 || fromLast.some((before) => before > 0)) return undefined;
  const days = [...values.map((day) => `day ${day}`), ...(fromLast.length > 0 ? ['the last day'] : [])];
  return `on ${list(days)} of ${months ?? 'every month'}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
