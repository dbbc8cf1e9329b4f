/** The definitions that the journeys run. */

const form = (fields: readonly object[]) => ({ id: 'start', operator: '@trigger/form', parameters: { fields } });
const give = (parameters: object) => ({ id: 'end', operator: '@internal/return', parameters });

/** Calls with an effect, a loop, an attempt that fails, and a person at the end. */
export const orders = (source: string, title = 'Orders of the day') => ({
  title,
  steps: [
    form([{ key: 'count', type: 'number', required: true, default: 3 }]),
    { id: 'book', title: 'Book the day', operator: '@internal/checkpoint', parameters: { value: '{{trigger.count}}' } },
    {
      id: 'fetch',
      operator: '@http/request',
      parameters: { method: 'POST', url: `${source}/orders`, body: { count: '{{trigger.count}}' } },
      settings: { retry: { max: 1, delay: 0.3 } },
    },
    {
      id: 'each',
      operator: '@control/flow/loop',
      parameters: { mode: 'limit', limit: '{{trigger.count}}', concurrency: 4 },
      steps: [{ id: 'keep', operator: '@internal/checkpoint', parameters: { value: '{{__each.index}}' } }],
    },
    {
      id: 'ask',
      operator: '@control/approval',
      parameters: {
        title: 'Ship {{trigger.count}} orders?',
        assignees: ['admin'],
        schema: {
          type: 'object',
          required: ['carrier'],
          properties: {
            carrier: { enum: ['rail', 'road'], title: 'Carrier' },
            insured: { type: 'boolean', title: 'Insured' },
          },
        },
      },
    },
    give({ carrier: '{{__ask.decisions.0.data.carrier}}', booked: '{{__book.value}}' }),
  ],
});

/** Goes on until it is told to stop waiting. */
export const patient = (title: string, seconds: number) => ({
  title,
  steps: [
    { id: 'start', operator: '@trigger/manual' },
    {
      id: 'each',
      operator: '@control/flow/loop',
      parameters: { mode: 'limit', limit: seconds * 5, concurrency: 1 },
      steps: [
        { id: 'rest', operator: '@control/wait', parameters: { duration: 'PT0.2S' } },
        { id: 'keep', operator: '@internal/checkpoint', parameters: { value: '{{__each.index}}' } },
      ],
    },
    give({ done: true }),
  ],
});

/** One step behind another, so many of them. */
export const long = (title: string, count: number) => ({
  title,
  steps: [
    { id: 'start', operator: '@trigger/manual' },
    ...Array.from({ length: count - 1 }, (_, i) => ({
      id: `s${i}`,
      operator: '@internal/define',
      parameters: { type: 'number', value: i },
    })),
  ],
});

/** So many steps, thirty beside one another. */
export const wide = (title: string, count: number) => ({
  title,
  steps: [
    { id: 'start', operator: '@trigger/manual' },
    ...Array.from({ length: count - 1 }, (_, i) => ({
      id: `s${i}`,
      title: `Step ${i}`,
      operator: '@internal/define',
      parameters: { type: 'number', value: i },
      dependsOn: [i < 30 ? 'start' : `s${i - 30}`],
    })),
  ],
});

/** Fetches one large value. */
export const large = (source: string) => ({
  title: 'A large value',
  steps: [
    { id: 'start', operator: '@trigger/manual' },
    { id: 'fetch', operator: '@http/request', parameters: { method: 'GET', url: `${source}/large` } },
    give({ body: '{{__fetch.body}}' }),
  ],
});
