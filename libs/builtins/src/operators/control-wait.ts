import type { Fault, Json } from '@flow/kernel';
import { timeOf } from '@flow/expressions';
import { closed, defineControl } from '../define';
import { durationFaults } from '../duration-faults';

export const operator = defineControl({
  id: '@control/wait',
  title: 'Wait',
  help: 'Waits for a span of time, or until a moment; a moment in the past does not wait.',
  parameters: closed({
    duration: {
      type: 'string',
      description: 'ISO 8601 in days, hours, minutes and seconds, up to P366D, for example PT30S or P1DT12H',
    },
    until: { type: 'string', description: 'RFC 3339, in the place of duration: 2026-01-31T08:00:00Z' },
  }),
  output: closed({ until: { type: 'string', format: 'date-time' } }, ['until']),
  example: { parameters: { duration: 'PT15M' }, output: { until: '2026-01-01T12:15:00.000Z' } },
  check: ({ duration, until }) => [
    ...choiceFaults(duration, until),
    ...durationFaults('duration', duration, { allowsNothing: true }),
    ...untilFaults(until),
  ],
});

const MOMENT = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function choiceFaults(duration: Json | undefined, until: Json | undefined): Fault[] {
  if ((duration === undefined) !== (until === undefined)) return [];
  const message = 'Give one of "duration" and "until".';
  return [{ pointer: '', code: 'step.parameters_invalid', message }];
}

function untilFaults(until: Json | undefined): Fault[] {
  if (typeof until !== 'string' || until.includes('{{')) return [];
  if (MOMENT.test(until) && timeOf(until) !== undefined) return [];
  const message = '"until" must be a moment as RFC 3339 writes it, with its zone: 2026-01-31T08:00:00Z.';
  return [{ pointer: '/until', code: 'step.parameters_invalid', message }];
}
