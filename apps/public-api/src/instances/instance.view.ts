import type { JsonSchema } from '@flow/http';
import { INSTANCE_STATUSES, PRIORITIES, type Instance } from '@flow/instances';
import { pageSchema } from '../page.schema';

const text = { type: 'string' } as const;
const orNull = (type: string) => ({ type: [type, 'null'] });
const time = { type: ['string', 'null'], format: 'date-time' } as const;

export const instanceView: JsonSchema = {
  type: 'object',
  properties: {
    id: text,
    dagId: text,
    version: text,
    status: { enum: INSTANCE_STATUSES },
    priority: { enum: PRIORITIES },
    labels: { type: 'object', additionalProperties: text },
    trigger: { type: 'object', properties: { kind: text, id: text } },
    input: { type: 'object' },
    result: { description: "The return's parameters without `result`, or the DAG's `outputs`." },
    reason: {
      type: ['object', 'null'],
      properties: {
        code: text,
        message: text,
        stepId: orNull('string'),
        path: orNull('string'),
        attempt: orNull('integer'),
      },
    },
    progress: { type: 'object', properties: { total: { type: 'integer' }, done: { type: 'integer' } } },
    attempt: { type: 'integer' },
    retryOf: orNull('string'),
    rootId: text,
    parentId: orNull('string'),
    createdBy: text,
    createdAt: text,
    startedAt: time,
    endedAt: time,
  },
};
export const instancePage = pageSchema(instanceView);

export const taskView: JsonSchema = {
  type: 'object',
  properties: {
    id: text,
    stepId: text,
    path: text,
    title: orNull('string'),
    operator: text,
    status: { enum: ['pending', 'running', 'retrying', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled'] },
    attempt: { type: 'integer' },
    input: { description: 'Rendered parameters; secrets stand by name.' },
    output: {},
    error: { type: ['object', 'null'], properties: { code: text, message: text, output: {} } },
    startedAt: time,
    endedAt: time,
  },
};
export const taskPage = pageSchema(taskView);

export const historyView = pageSchema({
  type: 'object',
  properties: { seq: { type: 'integer' }, type: text, at: text, path: text },
});

const item = {
  id: { type: 'string', description: 'What Last-Event-ID takes.' },
  type: text,
  seq: { type: 'integer' },
  at: text,
};

export const eventView: JsonSchema = {
  type: 'object',
  required: ['id', 'type', 'seq', 'at'],
  properties: {
    ...item,
    taskId: text,
    stepId: text,
    path: text,
    attempt: { type: 'integer' },
    error: { type: 'object', properties: { code: text, message: text } },
    reason: { type: 'object' },
  },
};

export const lineView: JsonSchema = {
  type: 'object',
  required: ['id', 'type', 'seq', 'at', 'level', 'message', 'taskId', 'stepId', 'path', 'attempt'],
  properties: {
    ...item,
    type: { enum: ['log.line', 'log.full', 'log.lost'] },
    level: { enum: ['debug', 'info', 'warn', 'error'] },
    message: text,
    fields: { type: 'object' },
    taskId: text,
    stepId: text,
    path: text,
    attempt: { type: 'integer' },
  },
};

export const startedView: JsonSchema = {
  type: 'object',
  properties: { id: text, status: { enum: INSTANCE_STATUSES } },
};

export function toInstanceView({ domain: _domain, ...instance }: Instance): Omit<Instance, 'domain'> {
  return instance;
}
