import { valueOf } from './sink';

/** Effects of one run in the words of the model: a step, and its iteration where it has one. */
export interface Happening {
  readonly step: string;
  readonly i?: number;
}

/** A form of flow, and all that must be true of a run of it, worked out from its `n` alone. */
export interface Shape {
  readonly name: string;
  /** The definition's steps. `child` is the id of the DAG that the shape of that name was saved as. */
  steps(url: string, child: string): readonly object[];
  readonly child?: Shape;
  result(n: number): object;
  readonly effects: readonly Happening[];
  /** Pairs of steps of which the second needs the first; with the milliseconds that at least lie between them. */
  readonly order: readonly (readonly [string, string, number?])[];
  /** What is answered to the address that a step has sent out. */
  answer?(n: number): { readonly v: number };
  /** How often a step is told that it failed, and the pause that follows. */
  readonly fails?: { readonly step: string; times(n: number): number; readonly pauseMs: number };
}

const IN = {
  id: 'in',
  operator: '@trigger/form',
  parameters: { fields: [{ key: 'n', type: 'number', required: true }] },
};
const N = '{{__in.n}}';
const RETRY = { retry: { max: 5, delay: 0.1 } };
const PAUSE_MS = 300;
const WAIT_MS = 1_200;
/** More than STEP_OUTPUT_LIMIT as the harness sets it. */
const LARGE = 40_000;

const give = (parameters: object) => ({ id: 'end', operator: '@internal/return', parameters });
const define = (id: string, value: string) => ({
  id,
  operator: '@internal/define',
  parameters: { type: 'number', value },
});

function post(url: string, id: string, n: string, more: object = {}, settings: object = RETRY) {
  return {
    id,
    operator: '@http/request',
    parameters: { method: 'POST', url, body: { n, step: id, ...more } },
    settings,
  };
}

const next = (step: string, n: number) => valueOf({ step, n });

/** Two effects, the second of which needs the first. */
export const CHAIN: Shape = {
  name: 'chain',
  steps: (url) => [
    IN,
    post(url, 'double', N),
    define('between', '{{__double.body.value}}'),
    post(url, 'next', '{{__between.value}}'),
    give({ sum: '{{__next.body.value}}' }),
  ],
  result: (n) => ({ sum: 2 * n + 1 }),
  effects: [{ step: 'double' }, { step: 'next' }],
  order: [['double', 'next']],
};

const ITEMS = [1, 2, 3];

const FAN: Shape = {
  name: 'fan',
  steps: (url) => [
    IN,
    {
      id: 'fan',
      operator: '@control/flow/parallel',
      branches: [
        { id: 'x', steps: [post(url, 'left', N)] },
        {
          id: 'y',
          steps: [
            {
              id: 'each',
              operator: '@control/flow/loop',
              parameters: {
                mode: 'array',
                array: ITEMS,
                concurrency: 2,
                outputs: [{ key: 'k', value: '{{__item.body.value}}' }],
              },
              steps: [post(url, 'item', N, { i: '{{__each.value}}' })],
            },
          ],
        },
      ],
    },
    post(url, 'last', '{{__left.body.value}}'),
    give({ items: '{{__each.outputs.k}}', last: '{{__last.body.value}}' }),
  ],
  result: (n) => ({ items: ITEMS.map((i) => valueOf({ step: 'item', n, i })), last: next('last', next('left', n)) }),
  effects: [{ step: 'left' }, ...ITEMS.map((i) => ({ step: 'item', i })), { step: 'last' }],
  order: [
    ['left', 'last'],
    ['item', 'last'],
  ],
};

const TIMER: Shape = {
  name: 'timer',
  steps: (url) => [
    IN,
    post(url, 'before', N),
    { id: 'wait', operator: '@control/wait', parameters: { duration: `PT${WAIT_MS / 1_000}S` } },
    post(url, 'after', '{{__before.body.value}}'),
    give({ v: '{{__after.body.value}}' }),
  ],
  result: (n) => ({ v: n + 2 }),
  effects: [{ step: 'before' }, { step: 'after' }],
  order: [['before', 'after', WAIT_MS]],
};

const CALLBACK: Shape = {
  name: 'callback',
  steps: (url) => [
    IN,
    post(url, 'ask', N, { url: '{{callbacks.answer.url}}' }),
    { id: 'answer', operator: '@control/callback' },
    post(url, 'took', '{{__answer.body.v}}'),
    give({ v: '{{__took.body.value}}' }),
  ],
  answer: (n) => ({ v: 7 * n }),
  result: (n) => ({ v: 7 * n + 1 }),
  effects: [{ step: 'ask' }, { step: 'took' }],
  order: [['ask', 'took']],
};

const SHAKY = { retry: { max: 5, delay: PAUSE_MS / 1_000, backoff: 'fixed', jitter: false } };
const failures = (n: number) => (n % 2) + 1;

const RETRIES: Shape = {
  name: 'retries',
  steps: (url) => [
    IN,
    // Whole numbers only come out of a text as numbers when they are alone in it.
    post(url, 'shaky', N, { fails: '{{__in.n % 2 + 1}}' }, SHAKY),
    post(url, 'then', '{{__shaky.body.value}}'),
    give({ v: '{{__then.body.value}}' }),
  ],
  result: (n) => ({ v: n + 2 }),
  effects: [{ step: 'shaky' }, { step: 'then' }],
  order: [['shaky', 'then']],
  fails: { step: 'shaky', times: failures, pauseMs: PAUSE_MS },
};

const PARENT: Shape = {
  name: 'parent',
  child: CHAIN,
  steps: (url, child) => [
    IN,
    post(url, 'first', N),
    { id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId: child, data: { n: N } } },
    post(url, 'last', '{{__sub.sum}}'),
    give({ v: '{{__last.body.value}}' }),
  ],
  result: (n) => ({ v: 2 * n + 2 }),
  effects: [{ step: 'first' }, { step: 'last' }],
  order: [['first', 'last']],
};

/** What it is given is large, so that it belongs to two instances. */
const CARRIER: Shape = {
  name: 'carrier',
  steps: (url) => [
    { id: '0', operator: '@trigger/manual' },
    post(url, 'carried', '{{trigger.n}}'),
    give({ v: '{{__carried.body.value}}' }),
  ],
  result: (n) => ({ v: n + 1 }),
  effects: [{ step: 'carried' }],
  order: [],
};

const LARGE_VALUE: Shape = {
  name: 'large',
  child: CARRIER,
  steps: (url, child) => [
    IN,
    post(url, 'bulky', N, { pad: LARGE }),
    {
      id: 'sub',
      operator: '@subflow/call/workflow',
      parameters: { dagId: child, data: { n: N, pad: '{{__bulky.body.pad}}' } },
    },
    post(url, 'read', '{{__bulky.body.value}}'),
    give({ v: '{{__read.body.value}}', child: '{{__sub.v}}' }),
  ],
  result: (n) => ({ v: n + 2, child: n + 1 }),
  effects: [{ step: 'bulky' }, { step: 'read' }],
  order: [['bulky', 'read']],
};

/** By what a run does, in the order in which they are started. */
export const SHAPES = {
  chain: CHAIN,
  fan: FAN,
  timer: TIMER,
  callback: CALLBACK,
  retries: RETRIES,
  parent: PARENT,
  large: LARGE_VALUE,
} as const;
