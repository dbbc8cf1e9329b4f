import type { DagId } from '@flow/kernel';
import type { Step } from '@flow/operators';
import fc from 'fast-check';
import { DagInUse, DagInvalid, DagNotFound } from './dag.errors';
import { aCaller, aDagsWorld } from './testing/a-dags-world';

const ann = aCaller();
type Called = string | { readonly dagId: string; readonly version: string };

const calls = (called: Called, id: string): Step => ({
  id,
  operator: '@subflow/call/workflow',
  parameters: typeof called === 'string' ? { dagId: called } : { ...called },
});
const flow = (title: string, called: readonly Called[] = [], fields: object = {}) => ({
  title,
  steps: [{ id: '0', operator: '@trigger/manual' }, ...called.map((one, i) => calls(one, `c${i}`))],
  ...fields,
});
type World = ReturnType<typeof aDagsWorld>;
const made = async (world: World, title: string, called: readonly Called[] = []): Promise<DagId> =>
  (await world.dags.create(ann, flow(title, called))).id;
const refusal = async (attempt: Promise<unknown>): Promise<string[]> => {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  if (!(error instanceof DagInvalid)) throw error as Error;
  return error.faults.map(({ code, pointer }) => `${code} ${pointer}`);
};
const messageOf = async (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => '',
    (error: unknown) => (error instanceof DagInvalid ? (error.faults[0]?.message ?? '') : ''),
  );

describe('a sub-flow', () => {
  it('is a DAG that stands in the same business domain', async () => {
    const world = aDagsWorld();
    const child = await made(world, 'Child');
    expect(await refusal(made(world, 'Parent', [child]))).toEqual([]);
    expect(await refusal(made(world, 'Lost', ['01HZY4T5N8M3K2J1H0GFEDCBA9']))).toEqual([
      'subflow.dag_unknown /steps/1/parameters/dagId',
    ]);
    expect(await refusal(world.dags.create(aCaller('other'), flow('Foreign', [child])))).toEqual([
      'subflow.dag_unknown /steps/1/parameters/dagId',
    ]);
    await world.actions.delete(ann, await made(world, 'Gone'));
    expect(await refusal(made(world, 'By title', ['Child']))).toEqual([
      'subflow.dag_unknown /steps/1/parameters/dagId',
    ]);
  });

  it('has the version that is called', async () => {
    const world = aDagsWorld();
    const child = await made(world, 'Child');
    await world.dags.update(ann, child, flow('Child', [], { description: 'new', version: 'v1.0.0' }));
    const version = (text: string) => made(world, `Parent of ${text}`, [{ dagId: child, version: text }]);
    expect(await refusal(version('v0.0.0'))).toEqual([]);
    expect(await refusal(version('v1.0.0'))).toEqual([]);
    expect(await refusal(version('v2.0.0'))).toEqual(['subflow.version_unknown /steps/1/parameters/version']);
  });

  it('is looked for wherever it is called, and found faults are told together', async () => {
    const world = aDagsWorld();
    const steps = [
      { id: '0', operator: '@trigger/manual' },
      {
        id: '1',
        operator: '@control/flow/try',
        steps: [calls('a', '2')],
        catch: [calls('b', '3')],
        undo: calls('c', '4'),
        onError: { steps: [calls('d', '5')] },
      },
    ];
    const at = ['/steps/0', '/catch/0', '/onError/steps/0', '/undo'];
    const expected = at.map((pointer) => `subflow.dag_unknown /steps/1${pointer}/parameters/dagId`);
    expect(await refusal(world.dags.create(ann, { title: 'A', steps }))).toEqual(expected);
    const { valid, errors } = await world.dags.validate(ann, { title: 'A', steps });
    expect([valid, errors.map(({ code, pointer }) => `${code} ${pointer}`)]).toEqual([false, expected]);
  });
});

describe('a DAG', () => {
  it('does not call itself', async () => {
    const world = aDagsWorld();
    const id = await made(world, 'A');
    const self = flow('A', [id]);
    expect(await refusal(world.dags.update(ann, id, self))).toEqual(['subflow.cycle /steps/1/parameters/dagId']);
    // Nor an older version of itself: a child cannot be its own ancestor.
    expect(await refusal(world.dags.update(ann, id, flow('A', [{ dagId: id, version: 'v0.0.0' }])))).toEqual([
      'subflow.cycle /steps/1/parameters/dagId',
    ]);
    expect((await world.dags.validate(ann, self)).errors.map(({ code }) => code)).toEqual(['subflow.cycle']);
  });

  it('is not called by those that it calls, and the chain is told', async () => {
    const world = aDagsWorld();
    const c = await made(world, 'C');
    const b = await made(world, 'B', [c]);
    const a = await made(world, 'A', [b]);
    const attempt = () => world.dags.update(ann, c, flow('C', [a]));
    expect(await refusal(attempt())).toEqual(['subflow.cycle /steps/1/parameters/dagId']);
    expect(await messageOf(attempt())).toContain('"C" calls "A" calls "B" calls "C"');
    expect(await refusal(world.versions.rollback(ann, b, 'v0.0.0'))).toEqual([]);
  });

  it('may call the same one twice, and by two ways', async () => {
    const world = aDagsWorld();
    const d = await made(world, 'D');
    const [b, c] = [await made(world, 'B', [d]), await made(world, 'C', [d, d])];
    expect(await refusal(made(world, 'A', [b, c, d, { dagId: d, version: 'v0.0.0' }]))).toEqual([]);
  });

  it('may call an older version that calls nothing, unless the newest of it would then call itself', async () => {
    const world = aDagsWorld();
    const b = await made(world, 'B');
    const a = await made(world, 'A');
    await world.dags.update(ann, b, flow('B', [a]));
    const pinned = flow('A', [{ dagId: b, version: 'v0.0.0' }]);
    expect(await refusal(world.dags.update(ann, a, pinned))).toEqual(['subflow.cycle /steps/1/parameters/dagId']);
    expect(await messageOf(world.dags.update(ann, a, pinned))).toContain('"B" calls "A" calls "B"');
    await world.dags.update(ann, b, flow('B', []));
    expect(await refusal(world.dags.update(ann, a, pinned))).toEqual([]);
  });

  it('reaches ten levels of sub-flows', async () => {
    const world = aDagsWorld();
    let child = await made(world, 'Leaf');
    for (let level = 1; level <= 10; level += 1) child = await made(world, `Level ${level}`, [child]);
    expect(await refusal(made(world, 'Too deep', [child]))).toEqual(['subflow.too_deep /steps/1/parameters/dagId']);
  });

  it('can be saved exactly when no chain of calls leads back to it, whatever the others call', async () => {
    const graph = fc.array(fc.subarray([0, 1, 2, 3, 4, 5]), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(graph, async (wanted) => {
        const world = aDagsWorld();
        const ids: DagId[] = [];
        for (const i of wanted.keys()) ids.push(await made(world, `D${i}`));
        const standing = wanted.map((): readonly number[] => []);
        const reaches = (from: number, to: number): boolean =>
          from === to || (standing[from] ?? []).some((next) => reaches(next, to));
        for (const [i, list] of wanted.entries()) {
          const faults = await refusal(
            world.dags.update(
              ann,
              ids[i]!,
              flow(
                `D${i}`,
                list.map((j) => ids[j]!),
              ),
            ),
          );
          expect(faults.length > 0).toBe(list.some((j) => reaches(j, i)));
          if (faults.length === 0) standing[i] = list;
        }
      }),
      { numRuns: 25 },
    );
  });

  it('that calls very much is answered at once', async () => {
    const world = aDagsWorld();
    const wide: DagId[] = [];
    for (let i = 0; i < 40; i += 1) wide.push(await made(world, `Leaf ${i}`));
    let below = wide;
    for (let level = 0; level < 4; level += 1) {
      const next: DagId[] = [];
      for (let i = 0; i < 40; i += 1) next.push(await made(world, `L${level} ${i}`, below));
      below = next;
    }
    // 40^5 ways, 200 DAGs.
    expect(await refusal(made(world, 'Top', below))).toEqual([]);
  });
});

describe('a DAG that others call', () => {
  it('is deleted after them, or when that is forced', async () => {
    const world = aDagsWorld();
    const child = await made(world, 'Child');
    const parents = [
      await made(world, 'First', [child, child]),
      await made(world, 'Second', [{ dagId: child, version: 'v0.0.0' }]),
    ];
    const attempt = world.actions.delete(ann, child);
    await expect(attempt).rejects.toBeInstanceOf(DagInUse);
    await expect(attempt).rejects.toThrow(/^2 DAGs call .*"First" .*"Second" .*force=true/);
    const blind = aCaller('acme', ['dag.delete']);
    await expect(world.actions.delete(blind, child)).rejects.toThrow(/^2 DAGs call the DAG \w+ as a sub-flow\. /);
    await world.actions.delete(ann, parents[0]!);
    await expect(world.actions.delete(ann, child)).rejects.toThrow(/^1 DAG calls .*"Second"/);
    await world.dags.update(ann, parents[1]!, flow('Second'));
    await world.actions.delete(ann, child);

    const other = await made(world, 'Other');
    await made(world, 'Third', [other]);
    await world.actions.delete(ann, other, { force: true });
    expect(await world.store.find(ann.domain, other)).toBeUndefined();
  });

  it('is found among many, in its own business domain', async () => {
    const world = aDagsWorld();
    const child = await made(world, 'Child');
    for (let i = 0; i < 60; i += 1) await made(world, `Flow ${i}`, i === 0 || i === 59 ? [child] : []);
    await expect(world.actions.delete(ann, child)).rejects.toThrow(/^2 DAGs call/);
    await expect(world.actions.delete(aCaller('other'), child)).rejects.toBeInstanceOf(DagNotFound);
  });

  it('goes with them in one batch, whatever the order', async () => {
    const world = aDagsWorld();
    const c = await made(world, 'C');
    const b = await made(world, 'B', [c]);
    const a = await made(world, 'A', [b, c]);
    const remove = (ids: readonly DagId[]) =>
      world.actions.batch(ann, { action: 'delete', ids }, () => Promise.reject(new Error('nothing is started')));
    expect((await remove([c, b])).map(({ id, ok, error }) => [id, ok, error?.code])).toEqual([
      [c, false, 'dag.in_use'],
      [b, false, 'dag.in_use'],
    ]);
    expect((await remove([c, a, b, 'nobody' as DagId])).map(({ id, ok }) => [id, ok])).toEqual([
      [c, true],
      [a, true],
      [b, true],
      ['nobody', false],
    ]);
  });
});

describe('an import', () => {
  const bring = (world: World, data: readonly unknown[], mode: 'create' | 'upsert' = 'create') =>
    world.transfer.import(ann, { data, mode });

  it('links definitions by their titles, in any order, and answers in the order that they were sent', async () => {
    const data = [flow('A', ['B', 'C']), flow('B', ['C']), flow('C')];
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]]) {
      const world = aDagsWorld();
      const sent = order.map((i) => data[i]);
      const items = await bring(world, sent);
      expect(items.map(({ title, ok }) => [title, ok])).toEqual(order.map((i) => [data[i]!.title, true]));
      const idOf = (title: string) => items.find((item) => item.title === title)?.id;
      const a = await world.dags.get(ann, idOf('A')!);
      expect(a.steps.slice(1).map(({ parameters }) => parameters?.dagId)).toEqual([idOf('B'), idOf('C')]);
    }
  }); // prettier-ignore

  it('links to DAGs that stand, by title and by id', async () => {
    const world = aDagsWorld();
    const child = await made(world, 'Child');
    const [item] = await bring(world, [flow('A', ['Child', child])]);
    const { steps } = await world.dags.get(ann, item!.id!);
    expect(steps.slice(1).map(({ parameters }) => parameters?.dagId)).toEqual([child, child]);
  });

  it('stores nothing when one call leads nowhere or in a circle', async () => {
    const world = aDagsWorld();
    expect(await refusal(bring(world, [flow('A', ['B']), flow('B', ['nobody'])]))).toEqual([
      'subflow.dag_unknown /1/steps/1/parameters/dagId',
    ]);
    expect(await refusal(bring(world, [flow('A', ['B']), flow('B', ['A'])]))).toEqual([
      'subflow.cycle /0/steps/1/parameters/dagId',
      'subflow.cycle /1/steps/1/parameters/dagId',
    ]);
    expect(await refusal(bring(world, [flow('A', ['A'])]))).toEqual(['subflow.cycle /0/steps/1/parameters/dagId']);
    expect((await world.dags.list(ann, {}, { limit: 10 })).items).toEqual([]);
  });

  it('knows the versions that come with it and those that stand', async () => {
    const world = aDagsWorld();
    const pin = (version: string) => flow('A', [{ dagId: 'B', version }]);
    expect(await refusal(bring(world, [pin('v2.0.0'), flow('B', [], { version: 'v1.0.0' })]))).toEqual([
      'subflow.version_unknown /0/steps/1/parameters/version',
    ]);
    await bring(world, [pin('v1.0.0'), flow('B', [], { version: 'v1.0.0' })]);
    const again = [pin('v1.0.1'), flow('B', [], { description: 'new' })];
    expect((await bring(world, again, 'upsert')).map(({ outcome, version }) => [outcome, version])).toEqual([
      ['updated', 'v0.0.1'],
      ['updated', 'v1.0.1'],
    ]);
    expect((await bring(world, again, 'upsert')).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect((await bring(world, [pin('v1.0.0')], 'upsert')).map(({ outcome }) => outcome)).toEqual(['updated']);
  });

  it('may turn a call round, when both come together', async () => {
    const world = aDagsWorld();
    await bring(world, [flow('A', ['B']), flow('B')]);
    expect(await refusal(bring(world, [flow('B', ['A'])], 'upsert'))).toEqual([
      'subflow.cycle /0/steps/1/parameters/dagId',
    ]);
    const [a, b] = (await world.dags.list(ann, { sort: 'title' }, { limit: 2 })).items;
    for (const name of ['A', a!.id])
      expect((await bring(world, [flow('B', [name]), flow('A')], 'upsert')).map(({ ok }) => ok)).toEqual([true, true]);
    expect((await world.dags.get(ann, b!.id)).steps[1]?.parameters).toEqual({ dagId: a!.id });
  });

  it('tells by item what fails because another did', async () => {
    const world = aDagsWorld();
    await made(world, 'B');
    const items = await bring(world, [flow('A', ['B']), flow('B'), flow('C')]);
    expect(items.map(({ title, ok, error }) => [title, ok, error?.code])).toEqual([
      ['A', false, 'dag.invalid'],
      ['B', false, 'dag.title_taken'],
      ['C', true, undefined],
    ]);
  });
});
