import { done, failed } from '@flow/operators';
import { timeOf } from '@flow/expressions';
import { closed, definePure } from '../define';
import { PATTERN_HELP, parsePattern } from '../time-pattern';
import { timeOutput, timeOutputSchema } from '../time-value';
import { isTimeZone } from '../time-zone';

interface Parameters {
  readonly text: string;
  readonly pattern?: string;
  readonly timezone?: string;
}

export const operator = definePure<Parameters>({
  id: '@internal/time/parse',
  title: 'Read a time',
  help: 'Reads a time from a text: RFC 3339, or any form that a pattern describes.',
  parameters: closed(
    {
      text: { type: 'string', maxLength: 200 },
      pattern: { type: 'string', maxLength: 200, description: `RFC 3339 when absent; else ${PATTERN_HELP}` },
      timezone: {
        type: 'string',
        maxLength: 64,
        default: 'UTC',
        description: 'Where the text was written, unless it says an offset itself',
      },
    },
    ['text'],
  ),
  output: closed(timeOutputSchema, ['curtime', 'time']),
  example: {
    parameters: { text: '01.07.2026 12:00', pattern: 'dd.MM.yyyy HH:mm', timezone: 'Europe/Berlin' },
    output: { curtime: 1_782_900_000_000_000, time: '2026-07-01T10:00:00.000Z' },
  },
  run({ text, pattern, timezone = 'UTC' }) {
    if (!isTimeZone(timezone)) return failed('time.zone_unknown', `There is no time zone "${timezone}".`);
    const moment = pattern === undefined ? timeOf(text.trim()) : parsePattern(text, pattern, timezone);
    if (moment === undefined)
      return failed(
        'time.invalid',
        `The text is no time${pattern === undefined ? ' as RFC 3339 writes it' : ` of the form ${pattern}`}.`,
      );
    return done(timeOutput(moment));
  },
});
