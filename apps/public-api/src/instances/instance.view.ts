import { PRIORITIES, traceIdOf } from '@flow/kernel';
import type { JsonSchema } from '@flow/http';
import { shownUrl, type ShownDelivery } from '@flow/deliveries';
import { INSTANCE_STATUSES, WHY_KINDS, type Instance } from '@flow/instances';
import { debugRunView, toDebugRunView } from '../debug/debug-run.view';
import { pageSchema } from '@flow/http';
import { largeSchema, largeView } from './large.view';

const text = { type: 'string' } as const;
const orNull = (type: string) => ({ type: [type, 'null'] });
const time = { type: ['string', 'null'], format: 'date-time' } as const;

const failure = {
  code: text,
  message: text,
  stepId: orNull('string'),
  path: orNull('string'),
  attempt: orNull('integer'),
};

const callbackView: JsonSchema = {
  type: 'object',
  description:
    'Where its end is told, when it was started with `callbackUrl`; how far that has come stands in a single read alone.',
  properties: {
    url: { type: 'string', description: 'Without the query, which may hold what lets its caller in.' },
    status: { enum: ['pending', 'delivered', 'dead'] },
    attempts: { type: 'integer' },
    nextAt: { ...time, description: 'When it is tried next.' },
    lastError: { ...orNull('string'), description: 'What kept the last attempt from being taken.' },
  },
};

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
        ...failure,
        output: { description: 'What came back all the same.' },
        cause: {
          type: 'object',
          properties: failure,
          description:
            "The failure that this one followed, with a cause of its own; of a sub-flow, the child's reason.",
        },
        compensation: {
          type: 'array',
          description: 'What was undone, in the order in which it was.',
          items: {
            type: 'object',
            properties: {
              stepId: text,
              path: text,
              status: { enum: ['succeeded', 'failed'] },
              error: { type: 'object', properties: { code: text, message: text } },
            },
          },
        },
      },
    },
    progress: { type: 'object', properties: { total: { type: 'integer' }, done: { type: 'integer' } } },
    attempt: { type: 'integer' },
    retryOf: orNull('string'),
    rootId: text,
    parentId: orNull('string'),
    parent: {
      type: 'object',
      description: 'Of a sub-flow: the step that started it.',
      properties: {
        id: text,
        path: text,
        attempt: { type: 'integer' },
        index: { type: 'integer', description: 'Which of the children of that step it is, from 0.' },
        waits: { type: 'boolean', description: 'Whether the step waits for its end.' },
      },
    },
    depth: { type: 'integer', description: 'Of a sub-flow: how many levels are above it.' },
    callback: callbackView,
    debug: debugRunView,
    traceId: {
      type: 'string',
      description:
        'Of the W3C trace that its start belongs to, when the request had a `traceparent`; of a sub-flow, that of its parent.',
    },
    slot: {
      type: 'object',
      description: 'Of a DAG with `concurrency`: instances with the same key share its slots.',
      properties: {
        key: { type: 'string', description: "What the key came to, as JSON; '' without a key." },
        queued: { type: 'boolean', description: 'It waits for a slot, or has ended before it had one.' },
      },
    },
    createdBy: text,
    createdAt: text,
    startedAt: time,
    endedAt: time,
    large: largeSchema,
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
    adopted: { const: true, description: 'Taken over from the instance that this one retries.' },
    error: {
      type: ['object', 'null'],
      properties: {
        code: text,
        message: text,
        handled: { type: 'boolean', description: '`onError` took it.' },
        output: {},
      },
    },
    waitingFor: {
      type: 'object',
      description: 'While it waits.',
      properties: {
        kind: { enum: ['timer', 'callback', 'approval', 'children'] },
        until: {
          ...time,
          description: 'When the wait is over at the latest; with `heartbeat` the next sign of life is due then.',
        },
        seenAt: { type: 'string', format: 'date-time', description: 'Of a callback: when its last sign of life came.' },
        progress: {
          type: 'object',
          description: 'Of a callback: what the other side told last.',
          properties: {
            percent: { type: 'number' },
            message: text,
            data: {},
            at: { type: 'string', format: 'date-time' },
          },
        },
        assignees: { type: 'array', items: text, description: 'Of an approval, as what follows.' },
        quorum: { type: 'integer' },
        schema: { type: ['object', 'null'] },
        decisions: { type: 'array', items: { type: 'object' } },
        total: { type: 'integer', description: 'Of sub-flows, as what follows.' },
        open: { type: 'integer', description: 'Children that have not ended.' },
        first: { type: ['string', 'null'], description: 'The first child, once it stands.' },
      },
    },
    startedAt: time,
    endedAt: time,
    large: largeSchema,
  },
};
export const taskPage = pageSchema(taskView);

/** What people did, and what became of children. */
const facts = {
  by: {
    type: 'string',
    description: 'Who cancelled, paused, resumed, decided; `breakpoint` for a debug run that stopped.',
  },
  decision: { enum: ['approved', 'rejected'] },
  child: { ...orNull('string'), description: 'Of task.child_started and task.child_ended: the instance.' },
  index: { type: 'integer', description: 'Which of the children, from 0.' },
  status: { type: 'string', description: 'How the child ended.' },
};

export const historyView = pageSchema({
  type: 'object',
  properties: { seq: { type: 'integer' }, type: text, at: text, path: text, ...facts },
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
    reason: {
      type: ['object', 'string', 'null'],
      description: 'Why it failed or was cancelled; of instance.cancelling, the words of who asked for it.',
    },
    ...facts,
  },
};

export const lineView: JsonSchema = {
  type: 'object',
  required: ['id', 'type', 'seq', 'at', 'level', 'message', 'taskId', 'stepId', 'path', 'attempt'],
  properties: {
    ...item,
    type: { enum: ['log.line', 'log.refused', 'log.full', 'log.lost'] },
    level: { enum: ['debug', 'info', 'warn', 'error'] },
    message: text,
    fields: { type: 'object' },
    taskId: text,
    stepId: text,
    path: text,
    attempt: { type: 'integer' },
  },
};

export const whyView: JsonSchema = {
  type: 'object',
  required: ['status', 'waitingFor', 'reason'],
  properties: {
    status: { enum: INSTANCE_STATUSES },
    waitingFor: {
      type: 'array',
      description: 'What keeps it from its end, 100 at most; empty when it has ended.',
      items: {
        type: 'object',
        properties: {
          kind: {
            enum: WHY_KINDS,
          },
          message: { type: 'string', description: 'A sentence for people.' },
          stepId: orNull('string'),
          path: orNull('string'),
          since: time,
          until: { ...time, description: 'When it is over at the latest.' },
        },
      },
    },
    reason: { type: ['object', 'null'], properties: failure },
    callback: callbackView,
  },
};

export const batchView: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          ok: { type: 'boolean' },
          instanceId: { type: 'string', description: 'Of a retry: the new instance.' },
          error: { type: 'object', properties: { code: text, message: text } },
        },
      },
    },
  },
};

export const startedView: JsonSchema = {
  type: 'object',
  properties: { id: text, status: { enum: INSTANCE_STATUSES } },
};

export const retriedView: JsonSchema = {
  type: 'object',
  properties: {
    id: { ...orNull('string'), description: 'Null of a dry run.' },
    status: { enum: [...INSTANCE_STATUSES, null], description: 'Null of a dry run.' },
    attempt: { type: 'integer' },
    retryOf: text,
    kept: { type: 'integer', description: 'Tasks that are taken over.' },
    again: {
      type: 'array',
      description:
        'What was done before and is done again as soon as the new run comes to it: calls with the effect of each, and what waits or starts another DAG, whose `effect` is null.',
      items: {
        type: 'object',
        properties: { stepId: text, path: text, operator: text, effect: { enum: ['pure', 'read', 'write', null] } },
      },
    },
    repeats: {
      type: 'array',
      description: 'Those of `again` that are calls with an effect outside.',
      items: { type: 'object', properties: { stepId: text, path: text, operator: text } },
    },
  },
};

/** With `callback` also how far telling its end has come. */
export function toInstanceView(
  { domain: _domain, callbackUrl, traceparent, debug, large, ...instance }: Instance,
  callback?: ShownDelivery,
) {
  return {
    ...instance,
    ...(callbackUrl !== undefined && { callback: callback ?? { url: shownUrl(callbackUrl) } }),
    ...(traceparent !== undefined && { traceId: traceIdOf(traceparent) }),
    ...(debug && { debug: toDebugRunView(debug) }),
    ...(large && { large: largeView(large) }),
  };
}
