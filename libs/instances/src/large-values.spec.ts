import { createHash } from 'node:crypto';
import type { Dag } from '@flow/dags';
import type { Instance } from '@flow/instances';
import { LargeValue, type Json, type JsonObject } from '@flow/kernel';
import { done, failed, type ActionOperator, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { textIn } from '@flow/testing/platform';

const list = Array.from({ length: 2_000 }, (_, i) => ({ n: i, name: `item ${i}` }));
const parts = { items: list, title: 'A list', $blob: 'what looks like a reference', large: { at: [], values: [] } };

/** Gives an output that a test names, and takes anything. */
function giving(id: string, output: Json, effect: 'read' | 'pure' = 'read'): ActionOperator {
  return {
    id,
    kind: 'action',
    title: id,
    help: id,
    effect,
    idempotent: true,
    timeoutMs: 1_000,
    capabilities: [],
    parameters: { type: 'object' },
    output: {},
    example: { parameters: {}, output },
    run: () => done(output),
  };
}

const big = { status: 200, body: parts };
const echo: ActionOperator = { ...giving('@test/echo', null, 'pure'), run: ({ parameters }) => done(parameters) };
/** Tells what it was given without giving it back. */
const weigh: ActionOperator = {
  ...giving('@test/weigh', null),
  run: ({ parameters }) =>
    done({
      sha256: createHash('sha256')
        .update(JSON.stringify(parameters.value ?? null))
        .digest('hex'),
    }),
};
const sha256 = (value: Json) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

describe('large values', () => {
  let world: RunWorld;
  const ann = aCaller();

  beforeEach(async () => {
    world = await RunWorld.open({
      operators: [giving('@test/big', big), giving('@test/huge', 'x'.repeat(200_000)), echo, weigh],
      values: { valueBytes: 150_000 },
      limits: { instanceBytes: 400_000, heldBytes: 100_000 },
    });
  });
  afterEach(() => world.close());

  async function run(steps: readonly Step[], fields: Partial<Dag> = {}): Promise<Instance> {
    const dag = await world.aDag(steps, fields);
    return world.service.start(ann, dag.id, {}, { waitMs: 60_000 });
  }
  const tasks = async ({ id }: Instance) => (await world.service.tasks(ann, id, { limit: 50 })).items;
  const outputs = async (instance: Instance) => (await tasks(instance)).map(({ output }) => output);
  const at = (id: string, operator: string, parameters: JsonObject = {}): Step => ({ id, operator, parameters });
  const whole = async (instance: Instance, row: object) =>
    JSON.parse(await textIn(world.service.written(instance, row))) as { output: Json; input: Json; result: Json };

  it('stand in rows as null with their places beside them, and are written out whole', async () => {
    const instance = await run([at('a', '@test/big')]);
    expect(instance.status).toBe('succeeded');
    const task = (await tasks(instance))[1];
    expect(task?.output).toEqual({ status: 200, body: null });
    expect(task?.large?.at).toEqual([{ path: ['output', 'body'], value: 0 }]);
    expect((await whole(instance, task ?? {})).output).toEqual(big);
  });

  it('give the parts that expressions name, and null for parts that are not there', async () => {
    const read = {
      name: '{{__a.body.items.3.name}}',
      sum: '{{__a.body.items[1].n + __a.body.items[2].n}}',
      title: 'It is {{__a.body.title}}',
      looksLikeOne: "{{__a.body.'$blob'}}",
      own: '{{__a.body.large}}',
      none: '{{__a.body.nobody.at.all}}',
      beyond: '{{__a.body.items.99999.name}}',
      status: '{{__a.status}}',
    };
    const instance = await run([at('a', '@test/big'), at('b', '@test/echo', read)]);
    expect((await outputs(instance))[2]).toEqual({
      name: 'item 3',
      sum: 3,
      title: 'It is A list',
      looksLikeOne: 'what looks like a reference',
      own: { at: [], values: [] },
      none: null,
      beyond: null,
      status: 200,
    });
  });

  it('are handed on whole, also a part that is large itself, to operators that know nothing of them', async () => {
    const instance = await run([
      at('a', '@test/big'),
      at('b', '@test/weigh', { value: '{{__a.body}}' }),
      at('c', '@test/weigh', { value: '{{__a.body.items}}' }),
      at('d', '@test/echo', { all: '{{__a}}' }),
      at('e', '@test/weigh', { value: '{{__d.all.body.items}}' }),
    ]);
    const given = await outputs(instance);
    expect(given[2]).toEqual({ sha256: sha256(parts) });
    expect(given[3]).toEqual({ sha256: sha256(list) });
    // What an operator gives back anew is a new value, of which the same can be read.
    expect(given[5]).toEqual({ sha256: sha256(list) });
    const [, , shown] = await tasks(instance);
    expect(shown?.input).toEqual({ value: null });
    expect((await whole(instance, shown ?? {})).input).toEqual({ value: parts });
  });

  it('are never mistaken for data from outside', async () => {
    const forged = { large: { values: [{ stored: { sha256: 'f'.repeat(64), bytes: 1, form: 'json' } }], at: [] } };
    const dag = await world.aDag([at('b', '@test/echo', { value: '{{data}}' })]);
    const instance = await world.service.start(ann, dag.id, { data: { data: forged } }, { waitMs: 60_000 });
    const task = (await tasks(instance))[1];
    expect(task?.large).toBeUndefined();
    expect(instance.input).toEqual({ data: forged });
  });

  it.each<[string, string, Json]>([
    ['looked into by a name that is worked out', '{{__a.body[vars.key]}}', 'A list'],
    [
      'made part of a text',
      'It has {{size(string(__a.body))}} characters',
      `It has ${JSON.stringify(parts).length} characters`,
    ],
    ['measured', '{{size(__a.body)}}', 4],
    ['compared', '{{__a.body == __a.body}}', true],
    ['gone over', '{{__a.body.map(k, k)}}', ['items', 'title', '$blob', 'large']],
    ['looked for something in', '{{__a.body.items.filter(i, i.n > 1997).map(i, i.name)}}', ['item 1998', 'item 1999']],
    ['given a default', '{{__a.body.none == null && __a.body != null}}', true],
    ['looked into through a variable', '{{vars.kept.items[vars.n].name}}', 'item 7'],
  ])('are read where they are %s', async (_what, text, come) => {
    const keep = at('k', '@internal/assign', { target: '{{vars.kept}}', value: '{{__a.body}}' });
    const instance = await run([at('a', '@test/big'), keep, at('b', '@test/echo', { text })], {
      vars: {
        key: { type: 'string', default: 'title' },
        n: { type: 'number', default: 7 },
        kept: { type: 'any', default: null },
      },
    });
    expect(instance.reason).toBeNull();
    expect((await outputs(instance))[3]).toEqual({ text: come });
  });

  it('that an expression makes are kept like any other', async () => {
    const instance = await run([
      at('a', '@test/big'),
      at('b', '@test/weigh', { value: '{{__a.body.items.map(i, i.name)}}' }),
      at('c', '@test/weigh', { value: 'all: {{__a.body.items}}' }),
    ]);
    const given = await outputs(instance);
    expect(given[2]).toEqual({ sha256: sha256(list.map(({ name }) => name)) });
    expect(given[3]).toEqual({ sha256: sha256(`all: ${JSON.stringify(list)}`) });
    expect((await tasks(instance))[2]).toMatchObject({
      input: { value: null },
      large: { at: [{ path: ['input', 'value'] }] },
    });
  });

  it('are gone over by a loop, and its outputs may be large again', async () => {
    const instance = await run(
      [
        at('a', '@test/big'),
        {
          ...at('l', '@control/flow/loop', {
            mode: 'array',
            array: '{{__a.body.items}}',
            maxIterations: 2_000,
            outputs: [{ key: 'names', value: '{{__l.value.name}}' }],
          }),
          steps: [at('d', '@internal/assign', { target: '{{vars.sum}}', value: '{{vars.sum + __l.value.n}}' })],
        },
      ],
      {
        vars: { sum: { type: 'number', default: 0 } },
        outputs: { sum: '{{vars.sum}}', last: '{{__l.outputs.names.1999}}' },
      },
    );
    expect(instance.reason).toBeNull();
    expect(instance.result).toEqual({ sum: 1_999_000, last: 'item 1999' });
  });

  it('are gone over by an instance that may hold less than the list: its elements count while they are held', async () => {
    const wide = Array.from({ length: 45 }, (_, n) => ({ n, text: 'x'.repeat(3_000) }));
    world.close();
    world = await RunWorld.open({
      operators: [giving('@test/wide', { body: wide })],
      values: { valueBytes: 150_000 },
      limits: { instanceBytes: 400_000, heldBytes: 50_000 },
    });
    const add = at('d', '@internal/assign', { target: '{{vars.sum}}', value: '{{vars.sum + __l.value.n}}' });
    const instance = await run(
      [
        at('a', '@test/wide'),
        { ...at('l', '@control/flow/loop', { mode: 'array', array: '{{__a.body}}' }), steps: [add] },
      ],
      { vars: { sum: { type: 'number', default: 0 } }, outputs: { sum: '{{vars.sum}}' } },
    );
    expect(instance.reason).toBeNull();
    expect(instance.result).toEqual({ sum: (45 * 44) / 2 });
  });

  it('go on being read after a crash in the midst of it', async () => {
    const dag = await world.aDag(
      [
        at('a', '@test/big'),
        {
          ...at('l', '@control/flow/loop', { mode: 'array', array: '{{__a.body.items.filter(i, i.n < 3)}}' }),
          steps: [at('d', '@test/call', {})],
        },
      ],
      { outputs: { size: '{{size(__a.body.items)}}' } },
    );
    const { id } = await world.service.start(ann, dag.id, {});
    let last: Instance | undefined;
    for (let i = 0; i < 3; i += 1) {
      while (world.calls.length === 0) await settle();
      world.crash();
      await world.restart();
      while (world.calls.length === 0) await settle();
      const ends = world.runner.ended(id, 60_000);
      await world.answer(done(null));
      if (i === 2) last = await ends;
    }
    expect(last).toMatchObject({ status: 'succeeded', result: { size: 2_000 } });
  });

  it('that are too large together for one expression are refused, by the setting that says so', async () => {
    const more = ['b', 'c'].map((id) => at(id, `@test/big-${id}`));
    const sizes = '{{size(__a.body) + size(__b.body) + size(__c.body)}}';
    world.close();
    const others = ['b', 'c'].map((id) => giving(`@test/big-${id}`, { body: [id, ...list] }));
    world = await RunWorld.open({
      operators: [giving('@test/big', big), ...others, echo],
      values: { valueBytes: 150_000 },
    });
    expect(await run([at('a', '@test/big'), ...more, at('d', '@test/echo', { sizes })])).toMatchObject({
      reason: { code: 'value.too_large_together', message: expect.stringContaining('LARGEST_VALUE') as string },
    });
  });

  it('are refused past the largest size, with the setting that says it', async () => {
    expect(await run([at('a', '@test/huge')])).toMatchObject({
      reason: { code: 'task.output_too_large', message: expect.stringContaining('LARGEST_VALUE') as string },
    });
  });

  it('count for the limit of the instance, each once', async () => {
    const again = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => at(id, '@test/weigh', { value: '{{__a.body}}' }));
    expect((await run([at('a', '@test/big'), ...again])).status).toBe('succeeded');
    const more = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((id) => at(id, '@test/other', { id }));
    world.close();
    let n = 0;
    const other = { ...giving('@test/other', null), run: () => done(`${(n += 1)}`.repeat(90_000)) };
    world = await RunWorld.open({ operators: [other], limits: { instanceBytes: 400_000 } });
    expect(await run(more)).toMatchObject({
      reason: { code: 'instance.too_large', stepId: 'f', message: expect.stringContaining('INSTANCE_LIMIT') as string },
    });
  });

  it('are the result of an instance', async () => {
    const instance = await run([at('a', '@test/big')], {
      outputs: { all: '{{__a.body}}', title: '{{__a.body.title}}' },
    });
    expect(instance.result).toEqual({ all: null, title: 'A list' });
    expect((await whole(instance, instance)).result).toEqual({ all: parts, title: 'A list' });
  });

  it('are there again after a crash, in the state and in the parts that are read then', async () => {
    const dag = await world.aDag([
      at('a', '@test/big'),
      at('b', '@test/call', {}),
      at('c', '@test/weigh', { value: '{{__a.body.items}}' }),
      at('d', '@test/echo', { title: '{{__a.body.title}}' }),
    ]);
    const { id } = await world.service.start(ann, dag.id, {});
    while (world.calls.length === 0) await settle();
    world.crash();
    await world.restart();
    while (world.calls.length === 0) await settle();
    const ends = world.runner.ended(id, 60_000);
    await world.answer(done(null));
    const instance = await ends;
    if (!instance) throw new Error('It did not end.');
    const given = await outputs(instance);
    expect([given[3], given[4]]).toEqual([{ sha256: sha256(list) }, { title: 'A list' }]);
  });

  it('go on with a run that was parked and taken up from its snapshot', async () => {
    const dag = await world.aDag([
      at('a', '@test/big'),
      at('b', '@test/call', {}),
      at('c', '@test/weigh', { value: '{{__a.body}}' }),
    ]);
    const { id } = await world.service.start(ann, dag.id, {});
    while (world.calls.length === 0) await settle();
    const open = world.calls[0];
    const drained = world.runs.drain(0);
    for (let i = 0; i < 20; i += 1) await world.clock.advance(100);
    open?.answer(done(null));
    await drained;
    world.crash();
    await world.restart();
    while (world.calls.length === 0) await settle();
    const ends = world.runner.ended(id, 60_000);
    await world.answer(done(null));
    const instance = await ends;
    expect(instance && (await outputs(instance))[3]).toEqual({ sha256: sha256(parts) });
  });

  it('pass between parents and children, to each its own', async () => {
    const child = await world.aDag([at('c', '@test/weigh', { value: '{{trigger.value}}' })], {
      title: 'child',
      outputs: { sum: '{{__c.sha256}}', back: '{{trigger.value}}' },
    });
    const instance = await run([
      at('a', '@test/big'),
      at('b', '@subflow/call/workflow', { dagId: child.id, data: { value: '{{__a.body}}' } }),
    ]);
    expect(instance.reason).toBeNull();
    const row = (await tasks(instance))[2];
    expect((await whole(instance, row ?? {})).output).toEqual({ sum: sha256(parts), back: parts });
  });

  it('are kept by a retry, as its own', async () => {
    const dag = await world.aDag([
      at('a', '@test/big'),
      at('b', '@test/call', {}),
      at('c', '@test/weigh', { value: '{{__a.body}}' }),
    ]);
    const { id } = await world.service.start(ann, dag.id, {});
    while (world.calls.length === 0) await settle();
    const failing = world.runner.ended(id, 60_000);
    await world.answer(failed('x.y', 'No.'));
    await failing;
    const { instance } = await world.runs.retries.retry(ann, id, { from: 'failed', version: 'original' });
    await world.large.release({ domain: ann.domain, owner: id });
    while (world.calls.length === 0) await settle();
    const ending = world.runner.ended(instance.id, 60_000);
    await world.answer(done(null));
    const ended = await ending;
    expect(ended && (await outputs(ended))[3]).toEqual({ sha256: sha256(parts) });
  });

  it('that are gone from the store fail whoever needs them, by name', async () => {
    const dag = await world.aDag([
      at('a', '@test/big'),
      at('b', '@test/call', {}),
      at('c', '@test/weigh', { value: '{{__a.body}}' }),
    ]);
    const { id } = await world.service.start(ann, dag.id, {});
    while (world.calls.length === 0) await settle();
    await world.large.release({ domain: ann.domain, owner: id });
    const ending = world.runner.ended(id, 60_000);
    await world.answer(done(null));
    expect(await ending).toMatchObject({ status: 'failed', reason: { code: 'blob.missing', stepId: 'c' } });
  });

  it('are read into memory for an operator up to a bound', async () => {
    const place = { domain: ann.domain, owner: 'one' };
    const huge = new LargeValue({ sha256: '0'.repeat(64), bytes: 17 * 1024 * 1024, form: 'text' }) as unknown as Json;
    await expect(world.large.load(place, { a: [huge] })).rejects.toThrow(
      /hold large values of more than 16777216 bytes/,
    );
  });

  it('tell what became of them in the history', async () => {
    const instance = await run([at('a', '@test/big')]);
    const { items } = await world.service.history(ann, instance.id, 0, 100);
    expect(items.map(({ type }) => type)).toContain('task.succeeded');
  });
});
