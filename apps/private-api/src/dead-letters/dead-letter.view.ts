import { shownUrl, type DeadLetter, type Redriven, type WholeDeadLetter } from '@flow/deliveries';
import { pageSchema, type JsonSchema } from '@flow/http';
import type { Json } from '@flow/kernel';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const SHOWN = {
  id: { type: 'string', description: 'What every attempt bore as `webhook-id`, and bears when it is driven anew.' },
  instanceId: text,
  url: { type: 'string', description: 'Where it goes, without the query.' },
  attempts: { type: 'integer' },
  lastError: text,
  createdAt: { ...time, description: 'When it was first to be delivered.' },
  diedAt: { ...time, description: 'When it was given up.' },
};

export const deadLetterPage = pageSchema({ type: 'object', properties: SHOWN });

export const deadLetterView: JsonSchema = {
  type: 'object',
  properties: { ...SHOWN, payload: { description: 'What it says; stays as it is.' } },
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
  },
};

export function toDeadLetterView(letter: DeadLetter) {
  const { id, instance, url, attempts, lastError, createdAt, diedAt } = letter;
  return { id, instanceId: instance, url: shownUrl(url), attempts, lastError, createdAt, diedAt };
}

export function toWholeDeadLetterView(letter: WholeDeadLetter) {
  return { ...toDeadLetterView(letter), payload: JSON.parse(letter.body) as Json };
}

export function toRedrivenView(driven: Redriven) {
  const { id, ok } = driven;
  return driven.ok ? { id, ok } : { id, ok, error: { code: driven.error.code, message: driven.error.message } };
}
