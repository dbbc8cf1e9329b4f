import type { JsonSchema } from './dto-schemas';

/** The answer of a list. */
export function pageSchema(item: JsonSchema): JsonSchema {
  return {
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: {
      items: { type: 'array', items: item },
      nextCursor: { type: ['string', 'null'], description: 'Give it as `cursor` for the next page; null on the last.' },
      total: { type: 'integer', description: 'With `count=true`.' },
    },
  };
}
