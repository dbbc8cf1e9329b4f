import type { Clock, JsonObject } from '@flow/kernel';
import type { TriggerOperator } from '@flow/operators';
import type { EventTopics } from './event-topics';
import { KINDS } from './kinds';

interface Words {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly trigger: 'cron' | 'webhook' | 'event' | 'dag';
  readonly example: TriggerOperator['example'];
}

const atNight = {
  parameters: { cron: '30 2 * * *', timezone: 'Europe/Berlin' },
  output: { scheduledAt: '2026-12-01T01:30:00.000Z' },
};

const OPERATORS: readonly Words[] = [
  {
    id: '@trigger/cron',
    title: 'Schedule',
    help: 'Starts at the times of a cron expression, in a time zone.',
    trigger: 'cron',
    example: atNight,
  },
  {
    id: '@trigger/cron/week',
    title: 'Every week',
    help: 'As @trigger/cron, for days of the week.',
    trigger: 'cron',
    example: { ...atNight, parameters: { cron: '0 9 * * MON' } },
  },
  {
    id: '@trigger/cron/month',
    title: 'Every month',
    help: 'As @trigger/cron, for days of the month.',
    trigger: 'cron',
    example: { ...atNight, parameters: { cron: '0 6 1 * *' } },
  },
  {
    id: '@trigger/cron/custom',
    title: 'Own schedule',
    help: 'As @trigger/cron, for any expression.',
    trigger: 'cron',
    example: { ...atNight, parameters: { cron: '@every 15m' } },
  },
  {
    id: '@trigger/webhook',
    title: 'Webhook',
    help: 'Starts when its address is called; the body is the output.',
    trigger: 'webhook',
    example: { parameters: {}, output: { order: 'o-1' } },
  },
  {
    id: '@trigger/event',
    title: 'Event',
    help: "Starts when an event comes; the event's data is the output.",
    trigger: 'event',
    example: { parameters: { source: 'internal', type: 'order.placed' }, output: { order: 'o-1' } },
  },
  {
    id: '@trigger/dag',
    title: "Another DAG's end",
    help: "Starts when a run of another DAG has ended; that run's id, status and result are the output.",
    trigger: 'dag',
    example: {
      parameters: { dagId: '01J00000000000000000000000' },
      output: { instanceId: '01J00000000000000000000001', status: 'succeeded', result: { sum: 3 } },
    },
  },
];

/** What a first step may be besides those that start when somebody says so: each is a trigger of its DAG, `config` in its parameters. */
export function triggerOperators(clock: Clock, topics?: EventTopics): readonly TriggerOperator[] {
  return OPERATORS.map(({ trigger, ...words }) => {
    const rules = KINDS[trigger];
    return {
      ...words,
      kind: 'trigger',
      trigger,
      parameters: rules.config,
      ...(rules.expressions && { verbatim: rules.expressions }),
      output: { type: 'object', additionalProperties: true },
      check(parameters: JsonObject) {
        const now = clock.now();
        return rules.faults?.(parameters, { createdAt: now, now, ...(topics && { topics }) }) ?? [];
      },
      inputSchema: () => ({ type: 'object', additionalProperties: true }),
      accept: (_parameters: JsonObject, input: JsonObject) => ({ output: input }),
    };
  });
}
