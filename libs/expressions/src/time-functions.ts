import { durationMs, type Json } from '@flow/kernel';
import { ExpressionFailed, type Site } from './expression.errors';
import type { Call, LanguageFunction } from './language-function';
import { MAX_TIME_MS, formatTime, offsetOf, timeOf } from './time';

const TIME = ['text', 'number'] as const;
const TEXT = ['text'] as const;

/** Times are data: RFC 3339 texts, or milliseconds since 1970. There is no clock here, on purpose. */
export const TIME_FUNCTIONS: Readonly<Record<string, LanguageFunction>> = {
  timestamp: { needs: [TIME], run: ([time = null], call) => toMs(time, 'timestamp', call) },
  duration: { needs: [TIME], run: ([length = null], call) => toLength(length, 'duration', call) },
  addDuration: {
    needs: [TIME, TIME],
    run: ([time = null, length = null], call) => {
      const ms = inRange(
        toMs(time, 'addDuration', call) + toLength(length, 'addDuration', call),
        'addDuration',
        call.site,
      );
      return typeof time === 'string' ? new Date(ms).toISOString() : ms;
    },
  },
  isoTime: { needs: [TIME], run: ([time = null], call) => new Date(toMs(time, 'isoTime', call)).toISOString() },
  formatTime: {
    needs: [TIME, TEXT],
    may: [TEXT],
    run: ([time = null, pattern, zone], call) => {
      const offset = zoneOf(zone ?? null, 'formatTime', call);
      call.frame.produce(32 + (pattern as string).length * 2);
      return formatTime(toMs(time, 'formatTime', call), pattern as string, offset);
    },
  },
  year: fieldOf('year', (date) => date.getUTCFullYear()),
  month: fieldOf('month', (date) => date.getUTCMonth() + 1),
  day: fieldOf('day', (date) => date.getUTCDate()),
  hour: fieldOf('hour', (date) => date.getUTCHours()),
  minute: fieldOf('minute', (date) => date.getUTCMinutes()),
  second: fieldOf('second', (date) => date.getUTCSeconds()),
  weekday: fieldOf('weekday', (date) => date.getUTCDay()),
};

function fieldOf(name: string, read: (date: Date) => number): LanguageFunction {
  return {
    needs: [TIME],
    may: [TEXT],
    run: ([time = null, zone = null], call) =>
      read(new Date(toMs(time, name, call) + zoneOf(zone, name, call) * 60_000)),
  };
}

function toMs(time: Json, name: string, { frame, site }: Call): number {
  pay(time, frame);
  const ms = typeof time === 'string' ? timeOf(time.trim()) : time;
  if (typeof ms !== 'number')
    throw new ExpressionFailed(
      `"${name}" reads RFC 3339 times (2024-05-01T08:00:00Z), dates and milliseconds only`,
      site,
    );
  return inRange(ms, name, site);
}

function toLength(length: Json, name: string, { frame, site }: Call): number {
  pay(length, frame);
  if (typeof length === 'number') return length;
  const text = typeof length === 'string' ? length.trim() : '';
  const ms = durationMs(text.replace(/^-/, ''));
  if (ms === undefined || !Number.isFinite(ms))
    throw new ExpressionFailed(`"${name}" reads ISO 8601 durations (PT1H30M, P2D) and milliseconds only`, site);
  return text.startsWith('-') ? 0 - ms : ms;
}

/** Dates are dear to read and to write. */
function pay(text: Json, frame: Call['frame']): void {
  frame.spend(10);
  if (typeof text === 'string') frame.produce(text.length);
}

function zoneOf(zone: Json, name: string, { site }: Call): number {
  const offset = typeof zone === 'string' ? offsetOf(zone) : 0;
  if (offset === undefined)
    throw new ExpressionFailed(`"${name}" takes an offset such as Z or +08:00, no name of a zone`, site);
  return offset;
}

/** Times that RFC 3339 can write: the years 0 to 9999. */
function inRange(ms: number, name: string, site: Site): number {
  if (Math.abs(ms) > MAX_TIME_MS || ms < -62_167_219_200_000 || ms > 253_402_300_799_999)
    throw new ExpressionFailed(`"${name}" works on the years 0 to 9999`, site);
  return Math.trunc(ms) + 0;
}
