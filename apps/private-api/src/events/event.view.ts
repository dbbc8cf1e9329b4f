import type { JsonSchema } from '@flow/http';
import { FIRING_STATUSES, MOST_PUSHED } from '@flow/triggers';

const text = { type: 'string' } as const;
const event = {
  type: 'object',
  properties: {
    specversion: { ...text, description: '1.0' },
    id: { ...text, description: 'With `source` the only one: whoever sends it again sends the same.' },
    source: text,
    type: { ...text, description: 'What triggers ask for.' },
    time: text,
    data: { description: "What a run gets, unless its trigger's `input` says otherwise." },
  },
  additionalProperties: true,
};

export const eventBody: JsonSchema = {
  anyOf: [event, { type: 'array', minItems: 1, maxItems: MOST_PUSHED, items: event }],
};

export const pushedView: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      description: 'One an event, in their order.',
      items: {
        type: 'object',
        properties: {
          id: text,
          source: text,
          firings: {
            type: 'array',
            description: 'What each trigger makes of it; GET /triggers/:id/firings follows it.',
            items: {
              type: 'object',
              properties: { id: text, triggerId: text, status: { enum: [...FIRING_STATUSES] } },
            },
          },
        },
      },
    },
  },
};
