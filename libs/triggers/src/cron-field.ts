/** The fields of a cron expression in the order in which they are written; `second` and `year` may be left out. */
export const CRON_FIELDS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek', 'year'] as const;
export type CronField = (typeof CRON_FIELDS)[number];

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface FieldRules {
  readonly words: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
  readonly takes: string;
}

/** The years in which a schedule can fire. */
export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2199;

export const FIELD_RULES: Readonly<Record<CronField, FieldRules>> = {
  second: { words: 'second', min: 0, max: 59, takes: '0-59' },
  minute: { words: 'minute', min: 0, max: 59, takes: '0-59' },
  hour: { words: 'hour', min: 0, max: 23, takes: '0-23' },
  dayOfMonth: { words: 'day of month', min: 1, max: 31, takes: '1-31, L, L-3, 15W and LW' },
  month: { words: 'month', min: 1, max: 12, names: MONTHS, takes: '1-12 and JAN-DEC' },
  dayOfWeek: { words: 'day of week', min: 0, max: 7, names: WEEKDAYS, takes: '0-7 and SUN-SAT, FRI#2, FRI#L and FRIL' },
  year: { words: 'year', min: FIRST_YEAR, max: LAST_YEAR, takes: `${FIRST_YEAR}-${LAST_YEAR}` },
};

/** A weekday of a month counted from its first day, or the last one (-1). */
export interface NthWeekday {
  readonly weekday: number;
  readonly nth: number;
}

export interface FieldValues {
  /** In rising order. */
  readonly values: readonly number[];
  /** Takes every value because it says so: `*` or `?`, without a step. */
  readonly any: boolean;
  /** Has `*`, `?` or a step: what it means is a rhythm, not single times. */
  readonly rhythm: boolean;
  /** `L` is 0 and `L-3` is 3 days before the last one of the month. */
  readonly fromLast: readonly number[];
  /** `15W`: the working day (Monday to Friday) nearest to the 15th within the month; `LW` is 0. */
  readonly nearest: readonly number[];
  readonly nthWeekdays: readonly NthWeekday[];
}

/** `*` of each field, made once: most fields of most expressions are this. */
const every = new Map<CronField, FieldValues | string>();

/** The values of one field, or a sentence that says what is wrong with it. */
export function parseField(field: CronField, text: string): FieldValues | string {
  if (text !== '*' && text !== '?') return parseItems(field, text);
  const made = every.get(field) ?? parseItems(field, text);
  every.set(field, made);
  return made;
}

function parseItems(field: CronField, text: string): FieldValues | string {
  const set = new Set<number>();
  const read = {
    any: false,
    rhythm: false,
    fromLast: [] as number[],
    nearest: [] as number[],
    nthWeekdays: [] as NthWeekday[],
  };
  for (const item of text.toUpperCase().split(',')) {
    const special = field === 'dayOfMonth' ? dayOfMonth(item) : field === 'dayOfWeek' ? dayOfWeek(item) : undefined;
    if (typeof special === 'string') return special;
    if (special) {
      read.fromLast.push(...(special.fromLast ?? []));
      read.nearest.push(...(special.nearest ?? []));
      read.nthWeekdays.push(...(special.nthWeekdays ?? []));
      continue;
    }
    const range = parseRange(field, item);
    if (typeof range === 'string') return range;
    if (range.wild && range.step === 1) read.any = true;
    if (range.wild || range.stepped) read.rhythm = true;
    for (let value = range.from; value <= range.to; value += range.step)
      set.add(field === 'dayOfWeek' ? value % 7 : value);
  }
  return { values: [...set].sort((a, b) => a - b), ...read };
}

type Special = Partial<Pick<FieldValues, 'fromLast' | 'nearest' | 'nthWeekdays'>>;

function dayOfMonth(item: string): Special | string | undefined {
  const last = /^L(?:-(\d{1,2}))?$/.exec(item);
  if (last) {
    const before = Number(last[1] ?? 0);
    return before <= 30 ? { fromLast: [before] } : `"${item}" is before the first day of every month.`;
  }
  if (item === 'LW') return { nearest: [0] };
  const nearest = /^(\d{1,2})W$/.exec(item);
  if (!nearest) return undefined;
  const day = Number(nearest[1]);
  return day >= 1 && day <= 31 ? { nearest: [day] } : `"${item}" names no day of a month.`;
}

function dayOfWeek(item: string): Special | string | undefined {
  if (item === 'L')
    return '"L" alone is Saturday to some and the last weekday to others: write SAT, or FRI#L for the last Friday.';
  const nth = /^([A-Z]{3}|\d)(?:#([1-5L])|L)$/.exec(item);
  if (nth) {
    const weekday = valueOf('dayOfWeek', nth[1] ?? '');
    if (weekday === undefined) return `"${item}" names no day of the week.`;
    return {
      nthWeekdays: [{ weekday: weekday % 7, nth: nth[2] === undefined || nth[2] === 'L' ? -1 : Number(nth[2]) }],
    };
  }
  return item.includes('#') ? `"${item}": after "#" comes 1 to 5, or L for the last one.` : undefined;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly wild: boolean;
  readonly stepped: boolean;
}

function parseRange(field: CronField, item: string): Range | string {
  const { min, max, takes } = FIELD_RULES[field];
  const [bounds = '', stepText, ...more] = item.split('/');
  if (item === '') return 'it has an empty place: a comma stands between two values.';
  if (more.length > 0) return `"${item}" has more than one step.`;
  const step = stepText === undefined ? 1 : /^\d{1,4}$/.test(stepText) ? Number(stepText) : 0;
  if (step < 1 || step > max - min) return `"${item}": a step is a whole number from 1 to ${max - min}.`;
  const stepped = stepText !== undefined;
  // Of the two numbers of Sunday a wildcard needs one.
  const last = field === 'dayOfWeek' ? 6 : max;
  if (bounds === '*' || bounds === '?') return { from: min, to: last, step, wild: true, stepped };
  const [first = '', second, ...rest] = bounds.split('-');
  const from = valueOf(field, first);
  const to = second === undefined ? (stepped ? last : from) : valueOf(field, second);
  if (from === undefined || to === undefined || rest.length > 0) return `"${item}" is none of ${takes}.`;
  if (to < from && second !== undefined) return `"${item}" runs backwards: write it as two ranges, joined by a comma.`;
  return { from, to, step, wild: false, stepped };
}

function valueOf(field: CronField, text: string): number | undefined {
  const { min, max, names } = FIELD_RULES[field];
  const name = names?.indexOf(text) ?? -1;
  if (name >= 0) return min + name;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}
