import type { CronCalendar } from './cron-calendar';
import { CRON_FIELDS, FIELD_RULES, parseField, type CronField, type FieldValues } from './cron-field';

/** What a cron text says: matches on a calendar, or one time after another in equal distances (`@every`). */
export type CronExpression =
  | {
      readonly kind: 'calendar';
      readonly text: string;
      readonly calendar: CronCalendar;
      /** A second, minute or hour with `*`, `?` or a step: it goes on through the hour that comes twice, and makes up for none that is missing. */
      readonly rhythm: boolean;
      /** Has a field of seconds. */
      readonly seconds: boolean;
    }
  | { readonly kind: 'every'; readonly text: string; /** Seconds. */ readonly every: number };

export type CronCode =
  'cron.empty' | 'cron.form_unknown' | 'cron.field_invalid' | 'cron.name_unknown' | 'cron.every_invalid';

/** What is wrong with a cron text: the field when it is one, and what to do. */
export interface CronFault {
  readonly code: CronCode;
  readonly field?: CronField;
  readonly message: string;
}

const NAMED: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
/** Go's units of a duration, in milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const LONGEST = 366 * 86_400;
export const LONGEST_CRON = 256;

/** `TZ=Europe/Berlin 0 2 * * *`: the zone and the rest. */
export function splitZone(text: string): { readonly zone?: string; readonly cron: string } {
  const match = /^\s*(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(text);
  return match ? { zone: match[1] ?? '', cron: (match[2] ?? '').trim() } : { cron: text.trim() };
}

/** Reads an expression without its zone; all wrong fields are named at once. */
export function parseCron(text: string): CronExpression | readonly CronFault[] {
  if (text === '')
    return [{ code: 'cron.empty', message: 'The cron expression is empty: write one like "30 2 * * *".' }];
  if (text.length > LONGEST_CRON)
    return [{ code: 'cron.form_unknown', message: `A cron expression has at most ${LONGEST_CRON} characters.` }];
  if (/^@every(\s|$)/.test(text)) return parseEvery(text);
  if (text.startsWith('@')) {
    const fields = NAMED[text];
    if (fields) return parseFields(text, fields);
    return [{ code: 'cron.name_unknown', message: unknownName(text) }];
  }
  return parseFields(text, text);
}

function unknownName(text: string): string {
  if (text === '@reboot')
    return '"@reboot" has no time: a service of many processes has no start of its own. Name a time.';
  return `"${text}" is no name of a schedule: there are ${Object.keys(NAMED).join(', ')} and "@every 1h30m".`;
}

function parseEvery(text: string): CronExpression | readonly CronFault[] {
  const duration = text.slice('@every'.length).trim();
  const parts = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(duration)
    ? [...duration.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g)]
    : [];
  const sum = parts.reduce((ms, [, count, unit = '']) => ms + Number(count) * (UNITS[unit] ?? NaN), 0);
  const every = Math.round(sum / 1000);
  // 1.1h is not quite 3960 s in binary fractions.
  if (every >= 1 && every <= LONGEST && Math.abs(sum / 1000 - every) < 1e-6) return { kind: 'every', text, every };
  const message = `"${text}": after "@every" comes a duration like 90s or 1h30m, in whole seconds, from 1s to 8784h.`;
  return [{ code: 'cron.every_invalid', message }];
}

function parseFields(text: string, written: string): CronExpression | readonly CronFault[] {
  const given = written.split(/\s+/);
  if (given.length < 5 || given.length > 7) {
    const message = `"${text}" has ${given.length} field${given.length === 1 ? '' : 's'}: write 5 (minute, hour, day of month, month, day of week), 6 (seconds first) or 7 (a year at the end too).`;
    return [{ code: 'cron.form_unknown', message }];
  }
  const texts = [...(given.length === 5 ? ['0'] : []), ...given, ...(given.length < 7 ? ['*'] : [])];
  const faults: CronFault[] = [];
  const fields: Partial<Record<CronField, FieldValues>> = {};
  let bothDays = false;
  for (const [i, field] of CRON_FIELDS.entries()) {
    let item = texts[i] ?? '';
    if (field === 'dayOfWeek' && item.startsWith('+')) [item, bothDays] = [item.slice(1), true];
    const read = parseField(field, item);
    if (typeof read !== 'string') fields[field] = read;
    else
      faults.push({
        code: 'cron.field_invalid',
        field,
        message: wrongField(field, i + (given.length === 5 ? 0 : 1), read),
      });
  }
  if (faults.length > 0) return faults;
  const read = fields as Record<CronField, FieldValues>;
  return {
    kind: 'calendar',
    text,
    calendar: { fields: read, bothDays },
    rhythm: read.second.rhythm || read.minute.rhythm || read.hour.rhythm,
    seconds: given.length > 5,
  };
}

function wrongField(field: CronField, place: number, why: string): string {
  const { words, takes } = FIELD_RULES[field];
  return `Field ${place} of the cron expression, the ${words}: ${why} It takes ${takes}, "*", "?", lists (1,2), ranges (1-5) and steps (*/2).`;
}
