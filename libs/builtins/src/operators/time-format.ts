import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { closed, definePure } from '../define';
import { PATTERN_HELP, formatPattern } from '../time-pattern';
import { momentIn, timeSchema, type TimeUnit } from '../time-value';
import { isTimeZone } from '../time-zone';

interface Parameters {
  readonly time: Json;
  readonly unit?: TimeUnit;
  readonly pattern?: string;
  readonly timezone?: string;
}

export const operator = definePure<Parameters>({
  id: '@internal/time/format',
  title: 'Write a time',
  help: 'Writes a time by a pattern, as clocks in a time zone show it.',
  parameters: closed(
    {
      ...timeSchema,
      pattern: { type: 'string', maxLength: 200, default: "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", description: PATTERN_HELP },
      timezone: { type: 'string', maxLength: 64, default: 'UTC', description: 'Europe/Berlin, UTC or +05:30' },
    },
    ['time'],
  ),
  output: closed({ text: { type: 'string' } }, ['text']),
  example: {
    parameters: { time: '2026-07-01T10:00:00Z', pattern: 'EEE, d MMM yyyy HH:mm XXX', timezone: 'Europe/Berlin' },
    output: { text: 'Wed, 1 Jul 2026 12:00 +02:00' },
  },
  run({ time, unit, pattern = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", timezone = 'UTC' }) {
    const moment = momentIn(time, unit);
    if (moment === undefined) return failed('time.invalid', '"time" is neither an RFC 3339 time nor a number of them.');
    if (!isTimeZone(timezone)) return failed('time.zone_unknown', `There is no time zone "${timezone}".`);
    return done({ text: formatPattern(moment, pattern, timezone) });
  },
});
