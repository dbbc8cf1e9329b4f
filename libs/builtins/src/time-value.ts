import { numberOf, timeOf } from '@flow/expressions';
import type { Json } from '@flow/kernel';

/** What a number that stands for a time counts; `curtime` and `new_time` count microseconds. */
export const TIME_UNITS = { us: 1 / 1000, ms: 1, s: 1000 } as const;
export type TimeUnit = keyof typeof TIME_UNITS;

const LARGEST_MS = 8.64e15;

export const timeSchema = {
  time: {
    type: ['string', 'number'],
    description:
      'An RFC 3339 time or date, or a number since 1970 (in microseconds, as curtime is, unless "unit" says otherwise)',
  },
  unit: { enum: Object.keys(TIME_UNITS), default: 'us', description: 'What a number counts' },
};

/** Milliseconds since 1970 of an RFC 3339 text, a number, or a text of digits; undefined for anything else. */
export function momentIn(value: Json, unit: TimeUnit = 'us'): number | undefined {
  const text = typeof value === 'string' ? timeOf(value.trim()) : undefined;
  if (text !== undefined) return text;
  const number = typeof value === 'string' ? numberOf(value) : typeof value === 'number' ? value : undefined;
  if (number === undefined) return undefined;
  const ms = number * TIME_UNITS[unit];
  return Math.abs(ms) <= LARGEST_MS ? ms : undefined;
}

/** A moment as the time operators give it out: `curtime` in microseconds and RFC 3339 text. */
export function timeOutput(ms: number): { curtime: number; time: string } {
  return { curtime: Math.round(ms * 1000), time: new Date(ms).toISOString() };
}

export const timeOutputSchema = {
  curtime: { type: 'integer', description: 'Microseconds since 1970' },
  time: { type: 'string', format: 'date-time', description: 'RFC 3339, UTC' },
};
