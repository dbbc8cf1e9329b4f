import { pageSchema, type JsonSchema } from '@flow/http';
import {
  FIRING_STATUSES,
  TRIGGER_KINDS,
  describeSchedule,
  scheduleOf,
  type Calendar,
  type Firing,
  type SavedInput,
  type ScheduleConfig,
  type ShownTrigger,
} from '@flow/triggers';

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const objectOrNull = { type: ['object', 'null'], additionalProperties: true } as const;

export const triggerView: JsonSchema = {
  type: 'object',
  properties: {
    id: text,
    dagId: text,
    kind: { enum: [...TRIGGER_KINDS] },
    name: text,
    enabled: { type: 'boolean' },
    problem: {
      ...objectOrNull,
      description: 'What keeps an enabled one from hearing of anything now: `{code, message}`; null in lists',
    },
    disabled: { ...objectOrNull, description: 'Why the service itself disabled it: `{code, message}`' },
    derived: { type: 'boolean', description: 'It is the first step of its DAG: change the DAG to change it' },
    config: { type: 'object', additionalProperties: true },
    input: objectOrNull,
    filter: textOrNull,
    dedupeKey: textOrNull,
    concurrency: objectOrNull,
    owner: text,
    description: { ...textOrNull, description: 'A schedule in words' },
    url: { ...textOrNull, description: 'Of a webhook, for callers with trigger.view: whoever knows it may call' },
    testUrl: { ...textOrNull, description: 'The same for tests: everything is checked, and nothing is started' },
    lastFiredAt: textOrNull,
    nextFireAt: textOrNull,
    failures: { type: 'integer', description: 'Runs in a row that failed' },
    createdAt: text,
    modifiedBy: text,
    updatedAt: text,
  },
};

export const triggerPage = pageSchema(triggerView);

export function toTriggerView({
  domain: _domain,
  lookup: _lookup,
  revision: _revision,
  hook,
  ...trigger
}: ShownTrigger) {
  return {
    ...trigger,
    description:
      trigger.kind === 'cron'
        ? describeSchedule(scheduleOf(trigger.config as unknown as ScheduleConfig, trigger.createdAt))
        : null,
    url: hook?.url ?? null,
    testUrl: hook?.testUrl ?? null,
  };
}

export const firingView: JsonSchema = {
  type: 'object',
  properties: {
    id: text,
    triggerId: text,
    dagId: text,
    key: { ...text, description: 'The only one of its trigger: the fire time, the event, what `dedupeKey` came to' },
    cause: text,
    at: { ...text, description: 'When it was due, or when it came' },
    status: { enum: [...FIRING_STATUSES] },
    reason: { ...objectOrNull, description: 'Why nothing was started: `{code, message}`' },
    instanceId: textOrNull,
    attempts: { type: 'integer' },
    group: { ...textOrNull, description: 'The backfill or the batch that it belongs to' },
    event: { type: 'object', additionalProperties: true },
    createdAt: text,
    endedAt: textOrNull,
  },
};

export const firingPage = pageSchema(firingView);

export function toFiringView({ domain: _domain, orderKey: _order, dueAt: _due, groupId, ...firing }: Firing) {
  return { ...firing, group: groupId === '' ? null : groupId };
}

const previewItems: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: { at: text, local: text, note: { ...text, description: 'What a change of the clocks does to it' } },
  },
};

export const previewView: JsonSchema = { type: 'object', properties: { items: previewItems } };

export const previewOfConfigView: JsonSchema = {
  type: 'object',
  properties: { description: { ...text, description: 'The schedule in words' }, items: previewItems },
};

const named = ['id', 'dagId', 'name', 'description', 'timezone'] as const;

export const calendarView: JsonSchema = {
  type: 'object',
  required: ['hours', 'triggers', 'completeUntil'],
  properties: {
    hours: {
      type: 'array',
      items: {
        type: 'object',
        required: ['at', 'schedules', 'fires', 'more', 'items'],
        properties: {
          at: { ...text, description: 'When the hour begins' },
          schedules: { type: 'integer', description: 'Schedules that fire in it' },
          fires: { type: 'integer', description: 'How often all of them fire' },
          more: { type: 'boolean', description: 'They fire more often than `fires`: nobody counted on' },
          items: {
            type: 'array',
            items: {
              type: 'object',
              required: ['triggerId', 'count', 'more', 'times'],
              properties: {
                triggerId: text,
                count: { type: 'integer', description: 'How often it fires in this hour' },
                more: { type: 'boolean', description: 'More often than `count`' },
                times: { type: 'array', items: text, description: 'The first ones, six at most' },
                note: { ...text, description: 'What a change of the clocks does to one of them' },
              },
            },
          },
        },
      },
    },
    triggers: {
      type: 'array',
      description: 'Those that `hours` tell of',
      items: {
        type: 'object',
        required: [...named],
        properties: {
          id: text,
          dagId: text,
          name: text,
          description: { ...text, description: 'The schedule in words' },
          timezone: { ...text, description: 'Whose clocks it counts by' },
        },
      },
    },
    completeUntil: {
      ...textOrNull,
      description:
        'From here on schedules are missing, for there are more than the 2,000 that fire next; null when all are here',
    },
  },
};

export function toCalendarView({ hours, completeUntil }: Calendar) {
  const triggers = new Map(hours.flatMap(({ items }) => items.map(({ trigger }) => [trigger.id, trigger])));
  return {
    hours: hours.map(({ items, ...hour }) => ({
      ...hour,
      items: items.map(({ trigger, ...item }) => ({ triggerId: trigger.id, ...item })),
    })),
    triggers: [...triggers.values()].map(({ id, dagId, name, config, createdAt }) => {
      const schedule = scheduleOf(config as unknown as ScheduleConfig, createdAt);
      return { id, dagId, name, description: describeSchedule(schedule), timezone: schedule.zone.name };
    }),
    completeUntil,
  };
}

export const backfillView: JsonSchema = {
  type: 'object',
  properties: {
    id: { ...textOrNull, description: 'Null of a dry run' },
    count: { type: 'integer' },
    standing: { type: 'integer', description: 'Times that an earlier backfill had; they are left out' },
    times: { type: 'array', items: text },
  },
};

export const savedInputView: JsonSchema = {
  type: 'object',
  properties: { name: text, data: { type: 'object', additionalProperties: true }, createdBy: text, createdAt: text },
};

export const savedInputPage = pageSchema(savedInputView);

export function toSavedInputView({ name, data, createdBy, createdAt }: SavedInput) {
  return { name, data, createdBy, createdAt };
}
