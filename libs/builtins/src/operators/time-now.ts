import { done } from '@flow/operators';
import { closed, defineAction } from '../define';
import { timeOutput, timeOutputSchema } from '../time-value';

export const operator = defineAction({
  id: '@internal/time/now',
  title: 'Now',
  help: 'Tells the current time.',
  effect: 'read',
  idempotent: true,
  timeoutMs: 10_000,
  capabilities: [],
  parameters: closed({}),
  output: closed(timeOutputSchema, ['curtime', 'time']),
  example: { parameters: {}, output: { curtime: 1_767_268_800_000_000, time: '2026-01-01T12:00:00.000Z' } },
  run: (_parameters, { clock }) => done(timeOutput(clock.now().getTime())),
});
