import { momentOf, offsetMs } from './time-zone';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** The letters of a pattern, for help texts. */
export const PATTERN_HELP =
  "yyyy yy MMMM MMM MM M dd d EEEE EEE HH H hh h a mm m ss s SSS XXX (+02:00 or Z), xx (+0200); text in 'quotes' stays";

const TOKEN = /yyyy|yy|MMMM|MMM|MM|M|dd|d|EEEE|EEE|HH|H|hh|h|a|mm|m|ss|s|SSS|XXX|xx|'(?:[^']|'')*'|[\s\S]/g;

/** Writes a moment by a pattern, as clocks in the zone show it; names are English. */
export function formatPattern(ms: number, pattern: string, zone: string): string {
  const offset = offsetMs(zone, ms);
  const local = new Date(ms + offset);
  return pattern.replaceAll(TOKEN, (token) => write(token, local, offset));
}

function write(token: string, local: Date, offset: number): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const hour12 = local.getUTCHours() % 12 || 12;
  switch (token) {
    case 'yyyy':
      return pad(local.getUTCFullYear(), 4);
    case 'yy':
      return pad(local.getUTCFullYear() % 100);
    case 'MMMM':
      return MONTHS[local.getUTCMonth()] ?? '';
    case 'MMM':
      return (MONTHS[local.getUTCMonth()] ?? '').slice(0, 3);
    case 'MM':
      return pad(local.getUTCMonth() + 1);
    case 'M':
      return String(local.getUTCMonth() + 1);
    case 'dd':
      return pad(local.getUTCDate());
    case 'd':
      return String(local.getUTCDate());
    case 'EEEE':
      return DAYS[local.getUTCDay()] ?? '';
    case 'EEE':
      return (DAYS[local.getUTCDay()] ?? '').slice(0, 3);
    case 'HH':
      return pad(local.getUTCHours());
    case 'H':
      return String(local.getUTCHours());
    case 'hh':
      return pad(hour12);
    case 'h':
      return String(hour12);
    case 'a':
      return local.getUTCHours() < 12 ? 'AM' : 'PM';
    case 'mm':
      return pad(local.getUTCMinutes());
    case 'm':
      return String(local.getUTCMinutes());
    case 'ss':
      return pad(local.getUTCSeconds());
    case 's':
      return String(local.getUTCSeconds());
    case 'SSS':
      return pad(local.getUTCMilliseconds(), 3);
    case 'XXX':
      return offset === 0 ? 'Z' : offsetText(offset, ':');
    case 'xx':
      return offsetText(offset, '');
    default:
      return token.length > 1 ? token.slice(1, -1).replaceAll("''", "'") : token;
  }
}

function offsetText(offset: number, colon: string): string {
  const minutes = Math.abs(Math.round(offset / 60_000));
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${colon}${pad(minutes % 60)}`;
}

/** What a token reads: its pattern (each bounded), and where the value goes. */
const READ: Readonly<Record<string, readonly [pattern: string, field: string]>> = {
  yyyy: ['\\d{4}', 'year'],
  yy: ['\\d{2}', 'shortYear'],
  MMMM: [MONTHS.join('|'), 'monthName'],
  MMM: [MONTHS.map((name) => name.slice(0, 3)).join('|'), 'monthName'],
  MM: ['\\d{2}', 'month'],
  M: ['\\d{1,2}', 'month'],
  dd: ['\\d{2}', 'day'],
  d: ['\\d{1,2}', 'day'],
  EEEE: [DAYS.join('|'), 'dayName'],
  EEE: [DAYS.map((name) => name.slice(0, 3)).join('|'), 'dayName'],
  HH: ['\\d{2}', 'hour'],
  H: ['\\d{1,2}', 'hour'],
  hh: ['\\d{2}', 'hour12'],
  h: ['\\d{1,2}', 'hour12'],
  a: ['AM|PM', 'half'],
  mm: ['\\d{2}', 'minute'],
  m: ['\\d{1,2}', 'minute'],
  ss: ['\\d{2}', 'second'],
  s: ['\\d{1,2}', 'second'],
  SSS: ['\\d{3}', 'milli'],
  XXX: ['Z|[+-]\\d{2}:\\d{2}', 'offset'],
  xx: ['[+-]\\d{4}', 'offset'],
};

/** The moment that a text written by the pattern says; in `zone` unless it says an offset itself. undefined when it does not fit, or when the pattern names a field twice. */
export function parsePattern(text: string, pattern: string, zone: string): number | undefined {
  const fields: string[] = [];
  const source = pattern.replaceAll(TOKEN, (token) => {
    const read = READ[token];
    if (!read) {
      const literal = token.length > 1 ? token.slice(1, -1).replaceAll("''", "'") : token;
      return literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    }
    fields.push(read[1]);
    return `(${read[0]})`;
  });
  // Each field once: repeated ones could be split in ways without number.
  if (new Set(fields).size < fields.length) return undefined;
  const match = new RegExp(`^${source}$`, 'i').exec(text);
  if (!match) return undefined;
  const found: Record<string, string> = {};
  fields.forEach((field, i) => (found[field] = match[i + 1] ?? ''));
  return moment(found, zone);
}

function moment(found: Readonly<Record<string, string>>, zone: string): number | undefined {
  const number = (field: string, absent: number) => (found[field] === undefined ? absent : Number(found[field]));
  const named = MONTHS.findIndex(
    (name) => name.slice(0, 3).toLowerCase() === found.monthName?.slice(0, 3).toLowerCase(),
  );
  const month = named >= 0 ? named : number('month', 1) - 1;
  const short = number('shortYear', 70);
  const year = number('year', short < 70 ? 2000 + short : 1900 + short);
  const twelve = found.hour12 === undefined ? undefined : number('hour12', 0);
  if (twelve !== undefined && (twelve < 1 || twelve > 12)) return undefined;
  const afternoon = found.half?.toUpperCase() === 'PM' ? 12 : 0;
  const hour = twelve === undefined ? number('hour', 0) : (twelve % 12) + afternoon;
  const [day, minute, second] = [number('day', 1), number('minute', 0), number('second', 0)];
  const local = new Date(0);
  local.setUTCFullYear(year, month, day);
  local.setUTCHours(hour, minute, second, number('milli', 0));
  // What rolled over (the 31st of April, 25 o'clock) was no time.
  const same =
    local.getUTCMonth() === month &&
    local.getUTCDate() === day &&
    local.getUTCHours() === hour &&
    minute < 60 &&
    second < 60;
  if (!same) return undefined;
  return momentOf(found.offset?.toUpperCase() ?? zone, local.getTime());
}
