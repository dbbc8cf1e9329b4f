import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { numberOf } from '@flow/expressions';
import { closed, definePure } from '../define';
import { momentIn } from '../time-value';

const UNIT_MS = {
  year: 365 * 86_400_000,
  month: 30 * 86_400_000,
  week: 7 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
} as const;

interface Parameters {
  readonly old_time: Json;
  readonly relative_value: number | string;
  readonly relative_type: 'add' | 'sub';
  readonly relative_unit: keyof typeof UNIT_MS;
}

export const operator = definePure<Parameters>({
  id: '@internal/time/relative',
  title: 'Shift a time',
  help: 'Adds a span to a time, or takes it away; a year has 365 days here and a month 30.',
  parameters: closed(
    {
      old_time: { type: ['number', 'string'], description: 'Microseconds since 1970, or an RFC 3339 time' },
      relative_value: { type: ['number', 'string'], description: 'How many units' },
      relative_type: { enum: ['add', 'sub'] },
      relative_unit: { enum: Object.keys(UNIT_MS) },
    },
    ['old_time', 'relative_value', 'relative_type', 'relative_unit'],
  ),
  output: closed(
    {
      new_time: { type: 'integer', description: 'Microseconds since 1970' },
      time: { type: 'string', format: 'date-time', description: 'RFC 3339, UTC' },
    },
    ['new_time', 'time'],
  ),
  example: {
    parameters: { old_time: 1_767_268_800_000_000, relative_value: 2, relative_type: 'add', relative_unit: 'hour' },
    output: { new_time: 1_767_276_000_000_000, time: '2026-01-01T14:00:00.000Z' },
  },
  run({ old_time, relative_value, relative_type, relative_unit }) {
    const start = momentIn(old_time);
    const count = typeof relative_value === 'string' ? numberOf(relative_value) : relative_value;
    if (start === undefined) return failed('time.invalid', '"old_time" is no time: neither microseconds nor RFC 3339.');
    if (count === undefined) return failed('time.invalid', '"relative_value" is no number.');
    const moment = momentIn(start + (relative_type === 'add' ? 1 : -1) * count * UNIT_MS[relative_unit], 'ms');
    if (moment === undefined) return failed('time.out_of_range', 'The new time is out of the range of times.');
    return done({ new_time: Math.round(moment * 1000), time: new Date(moment).toISOString() });
  },
});
