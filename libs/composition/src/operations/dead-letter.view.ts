import { shownUrl, type DeadLetter, type WholeDeadLetter } from '@flow/deliveries';
import { pageSchema, type JsonSchema } from '@flow/http';
import type { AppError, Json } from '@flow/kernel';
import type { Firing } from '@flow/triggers';
import { DEAD_LETTER_KINDS } from './dead-letters.dto';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const SHOWN = {
  kind: { enum: [...DEAD_LETTER_KINDS] },
  id: {
    type: 'string',
    description: 'Of a callback: what every attempt bore as `webhook-id`, and bears when it is driven anew.',
  },
  instanceId: { ...text, description: 'Of a callback' },
  url: { type: 'string', description: 'Of a callback: where it goes, without the query.' },
  triggerId: { ...text, description: 'Of a firing' },
  dagId: { ...text, description: 'Of a firing' },
  code: { ...text, description: 'Of a firing: why it was given up, as docs/errors.md has it' },
  attempts: { type: 'integer' },
  lastError: text,
  createdAt: { ...time, description: 'When it was first to be delivered.' },
  diedAt: { ...time, description: 'When it was given up.' },
};

export const deadLetterPage = pageSchema({ type: 'object', properties: SHOWN });

export const deadLetterView: JsonSchema = {
  type: 'object',
  properties: { ...SHOWN, payload: { description: 'What a callback says; stays as it is. The event of a firing.' } },
};

export const redriveView: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          ok: { type: 'boolean' },
          error: { type: 'object', properties: { code: text, message: text } },
        },
      },
    },
    more: { type: 'boolean', description: 'Of a filter: others fit it too; ask again.' },
    redriven: { type: 'integer', description: 'Of all of a trigger: how many were' },
    left: { type: 'integer', description: 'Of all of a trigger: how many are still to be' },
  },
};

export function toDeadLetterView(letter: DeadLetter) {
  const { id, instance, url, attempts, lastError, createdAt, diedAt } = letter;
  return { kind: 'callback', id, instanceId: instance, url: shownUrl(url), attempts, lastError, createdAt, diedAt };
}

export function toWholeDeadLetterView(letter: WholeDeadLetter) {
  return { ...toDeadLetterView(letter), payload: JSON.parse(letter.body) as Json };
}

export function toDeadFiringView({ id, triggerId, dagId, attempts, reason, createdAt, endedAt }: Firing) {
  const { code = '', message: lastError = '' } = reason ?? {};
  return { kind: 'firing', id, triggerId, dagId, attempts, code, lastError, createdAt, diedAt: endedAt };
}

export function toWholeDeadFiringView(firing: Firing) {
  return { ...toDeadFiringView(firing), payload: firing.event };
}

/** One id of a redrive: whether it is carried out anew, or why not. */
export function toRedrivenView(id: string, error?: AppError) {
  return error ? { id, ok: false, error: { code: error.code, message: error.message } } : { id, ok: true };
}
