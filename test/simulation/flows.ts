import type { DagContent } from '@flow/dags';
import type { Json, JsonObject } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { aDefinition } from '../model/dag-generator';

/** A DAG of the load. `expected` is worked out by hand: what an undisturbed instance comes to for `{ n }`. */
export interface Flow {
  readonly id: string;
  readonly content: Pick<DagContent, 'steps' | 'vars'> &
    Partial<Pick<DagContent, 'outputs' | 'timeout' | 'concurrency'>>;
  readonly expected?: (n: number) => Expectation;
}

export interface Expectation {
  readonly status: 'succeeded' | 'failed';
  readonly result: Json;
  readonly code?: string;
}

/** What people and callers answer in the flows that have an expectation. */
export const ANSWER = { v: 7 };

const succeeds = (of: (n: number) => Json) => (n: number) => ({ status: 'succeeded' as const, result: of(n) });
const fails = (code: string) => () => ({ status: 'failed' as const, result: null, code });

const write = (id: string, v: Json, more: Partial<Step> & { fails?: number } = {}): Step => {
  const { fails: times = 0, ...rest } = more;
  return { id, operator: '@test/write', parameters: { v, fails: times }, ...rest };
};
const read = (id: string, v: Json, times = 0): Step => ({
  id,
  operator: '@test/read',
  parameters: { v, fails: times },
});
const pure = (id: string, v: Json): Step => ({ id, operator: '@test/pure', parameters: { v } });
const retry = { retry: { max: 3, delay: 1, backoff: 'fixed' as const, jitter: false } };
const wait = (id: string, duration: string): Step => ({ id, operator: '@control/wait', parameters: { duration } });
const callback = (id: string): Step => ({ id, operator: '@control/callback' });
const call = (id: string, dagId: string, more: JsonObject = {}, rest: Partial<Step> = {}): Step => ({
  id,
  operator: '@subflow/call/workflow',
  parameters: { dagId, data: { n: '{{trigger.n}}' }, ...more },
  ...rest,
});

const flow = (
  id: string,
  steps: readonly Step[],
  outputs: JsonObject | undefined,
  expected?: Flow['expected'],
  timeout?: string,
): Flow => ({
  id,
  content: {
    steps: [{ id: '0', operator: '@trigger/manual' }, ...steps],
    vars: {},
    ...(outputs && { outputs }),
    ...(timeout !== undefined && { timeout }),
  },
  ...(expected && { expected }),
});

const N = '{{trigger.n}}';

/** Each construct once, small enough that its result can be said in advance. */
export const FLOWS: readonly Flow[] = [
  flow(
    'chain',
    [write('a', N), write('b', '{{__a.v}}'), pure('c', '{{__b.v}}')],
    { r: '{{__c.v}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow(
    'retries',
    [write('a', N, { fails: 2, settings: retry }), read('b', '{{__a.v}}', 1)],
    { r: '{{__b.v}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow(
    'fan',
    [
      {
        id: 'p',
        operator: '@control/flow/parallel',
        branches: [
          { id: 'x', steps: [write('a', N), wait('w', 'PT3S')] },
          { id: 'y', steps: [read('b', N), write('c', '{{__b.v}}')] },
          { id: 'z', steps: [pure('d', N)] },
        ],
      },
    ],
    { a: '{{__a.v}}', c: '{{__c.v}}', d: '{{__d.v}}' },
    succeeds((n) => ({ a: n, c: n, d: n })),
  ),
  flow(
    'loop',
    [
      {
        id: 'l',
        operator: '@control/flow/loop',
        parameters: {
          mode: 'array',
          array: [1, 2, 3, 4],
          concurrency: 2,
          outputs: [{ key: 'k', value: '{{__w.v}}' }],
        },
        steps: [write('w', '{{__l.value}}')],
      },
    ],
    { k: '{{__l.outputs.k}}' },
    succeeds(() => ({ k: [1, 2, 3, 4] })),
  ),
  flow(
    'asks',
    [write('a', N), callback('q'), write('b', '{{__q.body.v}}')],
    { r: '{{__b.v}}' },
    succeeds(() => ({ r: ANSWER.v })),
  ),
  flow(
    'approved',
    [{ id: 'q', operator: '@control/approval', parameters: { assignees: ['ann', 'bob'], quorum: 2 } }, write('b', N)],
    { d: '{{__q.decision}}' },
    succeeds(() => ({ d: 'approved' })),
  ),
  flow(
    'calls',
    [call('s', 'chain'), write('b', '{{__s.r}}')],
    { r: '{{__b.v}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow(
    'calls-pure',
    [call('s', 'pure')],
    { r: '{{__s.r}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow(
    'calls-asks',
    [call('s', 'asks')],
    { r: '{{__s.r}}' },
    succeeds(() => ({ r: ANSWER.v })),
  ),
  flow(
    'calls-calls',
    [call('s', 'calls-asks'), call('t', 'chain')],
    { s: '{{__s.r}}', t: '{{__t.r}}' },
    succeeds((n) => ({ s: ANSWER.v, t: n })),
  ),
  flow(
    'leaves',
    [call('s', 'retries', { wait: false }), write('b', N)],
    { r: '{{__b.v}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow(
    'many',
    [
      {
        id: 's',
        operator: '@subflow/call/dataflow',
        parameters: { dagId: 'chain', data: [{ n: 1 }, { n: 2 }, { n: 3 }] },
      },
    ],
    { ok: '{{__s.succeeded}}', first: '{{__s.items.0.result.r}}', last: '{{__s.items.2.result.r}}' },
    succeeds(() => ({ ok: 3, first: 1, last: 3 })),
  ),
  flow(
    'many-pure',
    [{ id: 's', operator: '@subflow/call/dataflow', parameters: { dagId: 'pure', data: [{ n: 1 }, { n: 2 }] } }],
    { ok: '{{__s.succeeded}}', last: '{{__s.items.1.result.r}}' },
    succeeds(() => ({ ok: 2, last: 2 })),
  ),
  flow(
    'gives-up',
    [
      call('s', 'asks-long', {}, { settings: { timeout: { delay: 4 }, retry: { max: 0 } }, onError: 'continue' }),
      write('b', N),
    ],
    { code: '{{__s.error.code}}', r: '{{__b.v}}' },
    succeeds((n) => ({ code: 'task.timeout', r: n })),
  ),
  flow(
    'races',
    [
      {
        id: 'p',
        operator: '@control/flow/parallel',
        parameters: { join: 'any' },
        branches: [
          { id: 'x', steps: [call('s', 'asks-long')] },
          { id: 'y', steps: [write('a', N)] },
        ],
      },
      write('b', N),
    ],
    { r: '{{__b.v}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow(
    'returns',
    [
      { ...call('s', 'asks-long'), dependsOn: ['0'] },
      { ...write('a', N), dependsOn: ['0'] },
      { id: 'r', operator: '@internal/return', parameters: { v: '{{__a.v}}' }, dependsOn: ['a'] },
    ],
    undefined,
    succeeds((n) => ({ v: n })),
  ),
  flow('expires', [write('a', N), callback('never')], undefined, fails('instance.timeout'), 'PT40S'),
  flow(
    'mends',
    [
      {
        id: 't',
        operator: '@control/flow/try',
        steps: [write('a', N, { fails: 1 }), write('skipped', N)],
        catch: [write('c', '{{error.code}}')],
        finally: [write('f', N)],
      },
    ],
    { c: '{{__c.v}}', f: '{{__f.v}}' },
    succeeds((n) => ({ c: 'sink.busy', f: n })),
  ),
  flow(
    'undoes',
    [write('a', N, { undo: write('u', '{{completed.output.v}}') }), wait('w', 'PT1S'), write('b', N, { fails: 1 })],
    undefined,
    fails('sink.busy'),
  ),
];

/** What the flows above call. */
export const CALLED: readonly Flow[] = [
  flow(
    'pure',
    [pure('a', N)],
    { r: '{{__a.v}}' },
    succeeds((n) => ({ r: n })),
  ),
  flow('asks-long', [write('a', N), callback('never')], { r: '{{__a.v}}' }),
  flow('child', [write('a', '{{trigger.v}}'), callback('q')], { v: '{{__q.body.v}}' }),
];

const limited = (base: Flow, concurrency: DagContent['concurrency']): Flow => ({
  ...base,
  content: { ...base.content, ...(concurrency && { concurrency }) },
});
const twoWrites = (id: string, expected?: Flow['expected']) =>
  flow(id, [write('a', N), wait('w', 'PT1S'), write('b', '{{__a.v}}')], { r: '{{__b.v}}' }, expected);
const three = { dagId: 'limited', data: [{ n: 1 }, { n: 2 }, { n: 3 }] };

/** DAGs of which several instances are started, and few run at once. The first is called by the last. */
export const LIMITED: readonly Flow[] = [
  limited(
    twoWrites(
      'limited',
      succeeds((n) => ({ r: n })),
    ),
    { max: 1 },
  ),
  limited(
    twoWrites(
      'limited-by-key',
      succeeds((n) => ({ r: n })),
    ),
    { max: 2, key: '{{trigger.n % 2}}' },
  ),
  limited(twoWrites('last-queued'), { max: 1, onFull: 'queueOne' }),
  limited(twoWrites('newest'), { max: 2, onFull: 'cancelOldest' }),
  flow(
    'calls-limited',
    [{ id: 's', operator: '@subflow/call/dataflow', parameters: three }, write('b', N)],
    { ok: '{{__s.succeeded}}', r: '{{__b.v}}' },
    succeeds((n) => ({ ok: 3, r: n })),
  ),
];

/** Steps that nobody answers: their wait is ended by what is around them. */
export const NEVER_ANSWERED = 'never';

/** A random definition of the model's tests; its meaning is checked there. */
export function randomFlow(seed: number): Flow {
  const { steps, vars = {}, outputs } = aDefinition(seed, { steps: 9, depth: 4, concurrency: true });
  const declared = Object.entries(vars).map(([name, each]) => [name, { type: 'number', ...each }] as const);
  return { id: `random-${seed}`, content: { steps, vars: Object.fromEntries(declared), ...(outputs && { outputs }) } };
}

export function randomFlowOf(id: string): Flow | undefined {
  const [, seed] = /^random-(\d+)$/.exec(id) ?? [];
  return seed === undefined ? undefined : randomFlow(Number(seed));
}
