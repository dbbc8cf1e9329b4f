import type { Instance, RetryRequest } from '@flow/instances';
import { done, failed, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import fc from 'fast-check';

const ann = aCaller();

/** A body without ids. */
type Shape = readonly Part[];
type Part =
  | { readonly kind: 'call' | 'look' | 'undone' }
  | { readonly kind: 'handled'; readonly by: Shape }
  | { readonly kind: 'loop'; readonly concurrency: 1 | 2; readonly steps: Shape }
  | { readonly kind: 'try'; readonly steps: Shape; readonly caught: Shape | null; readonly last: Shape | null }
  | { readonly kind: 'parallel'; readonly branches: readonly Shape[] };

const { body } = fc.letrec<{ body: Shape; part: Part }>((tie) => ({
  body: fc.array(tie('part'), { minLength: 1, maxLength: 3, depthIdentifier: 'flow', size: 'small' }),
  part: fc.oneof(
    { depthIdentifier: 'flow', maxDepth: 3, withCrossShrink: true },
    fc.record({ kind: fc.constantFrom('call' as const, 'call' as const, 'look' as const, 'undone' as const) }),
    fc.record({ kind: fc.constant('handled' as const), by: tie('body') }),
    fc.record({
      kind: fc.constant('loop' as const),
      concurrency: fc.constantFrom(1 as const, 2 as const),
      steps: tie('body'),
    }),
    fc.record({
      kind: fc.constant('try' as const),
      steps: tie('body'),
      caught: fc.option(tie('body')),
      last: fc.option(tie('body')),
    }),
    fc.record({
      kind: fc.constant('parallel' as const),
      branches: fc.array(tie('body'), { minLength: 2, maxLength: 2 }),
    }),
  ),
}));

/** The steps of a shape, each with an id of its own. */
function stepsOf(shape: Shape, next = counter()): readonly Step[] {
  return shape.map((part): Step => {
    const id = `s${next()}`;
    const call = { id, operator: '@test/call' };
    switch (part.kind) {
      case 'call':
        return call;
      case 'look':
        return { id, operator: '@test/look' };
      case 'undone':
        return { ...call, undo: { id: `u${next()}`, operator: '@test/call' } };
      case 'handled':
        return { ...call, onError: { steps: stepsOf(part.by, next) } };
      case 'loop': {
        const parameters = { mode: 'limit', limit: 2, concurrency: part.concurrency };
        return { id, operator: '@control/flow/loop', parameters, steps: stepsOf(part.steps, next) };
      }
      case 'try':
        return {
          id,
          operator: '@control/flow/try',
          steps: stepsOf(part.steps, next),
          ...(part.caught && { catch: stepsOf(part.caught, next) }),
          ...((part.last ?? !part.caught) && { finally: stepsOf(part.last ?? [{ kind: 'look' }], next) }),
        };
      case 'parallel': {
        const branches = part.branches.map((steps) => ({ id: `b${next()}`, steps: stepsOf(steps, next) }));
        return { id, operator: '@control/flow/parallel', branches };
      }
    }
  });
}

function counter(): () => number {
  let count = 0;
  return () => (count += 1);
}

/**
 * Answers calls until none is open, each path always the same way, and tells which were made. What succeeds is answered before what fails: then
 * it does not matter to what else came when that two branches go on side by side.
 */
async function play(world: RunWorld, fails: (path: string) => boolean): Promise<ReadonlySet<string>> {
  const made = new Set<string>();
  await settle();
  while (world.calls.length > 0) {
    const open = world.calls.map(({ context }) => context.task.path);
    for (const path of open) made.add(path);
    const well = open.findIndex((path) => !fails(path));
    const at = well >= 0 ? well : open.indexOf([...open].sort()[0] ?? '');
    const [call] = world.calls.splice(at, 1);
    const path = call?.context.task.path ?? '';
    call?.answer(fails(path) ? failed('test.failed', 'It failed.') : done({ from: path }));
    await settle();
  }
  return made;
}

describe('a dry run of a retry', () => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const now = (id: Instance['id']) => world.service.get(ann, id);
  const start = async (steps: readonly Step[]) => {
    const dag = await world.aDag(steps);
    return world.service.start(ann, dag.id, { data: { n: 1 } });
  };

  it('names exactly the calls of before that the retry then makes again, of flows of many shapes and from any step', async () => {
    let named = 0;
    await fc.assert(
      fc.asyncProperty(body, fc.integer({ min: 2, max: 9 }), fc.nat(), async (shape, oneIn, seed) => {
        const steps = stepsOf(shape);
        const fails = (path: string) => !path.includes('/@undo/') && hash(path, seed) % oneIn === 0;
        const { id } = await start(steps);
        const before = await play(world, fails);
        const { items } = await world.service.tasks(ann, id, { limit: 200 });
        const called = items.filter(({ attempt, operator }) => attempt > 0 && operator.startsWith('@test/'));
        for (const from of ['failed' as const, ...called.slice(0, 4).map(({ path }) => ({ path }))]) {
          const request: RetryRequest = { from, version: 'original' };
          const told = await world.runs.retries.preview(ann, id, request);
          const { instance, ...outline } = await world.runs.retries.retry(ann, id, request);
          const again = await play(world, fails);
          expect(outline).toEqual(told);
          const paths = told.again.map(({ path }) => path);
          expect([...paths].sort()).toEqual([...again].filter((path) => before.has(path)).sort());
          expect((await now(instance.id)).attempt).toBe(told.attempt);
          named += paths.length;
        }
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(named).toBeGreaterThan(100);
  });

  it('tells calls by their effects, and what waits', async () => {
    const { id } = await start([
      { id: 'look', operator: '@test/look' },
      { id: 'rest', operator: '@control/wait', parameters: { duration: 'PT0S' } },
      { id: 'pay', operator: '@test/call' },
    ]);
    await play(world, (path) => path === 'pay');
    const { again, repeats, kept, attempt } = await world.runs.retries.preview(ann, id, {
      from: { stepId: 'look' },
      version: 'original',
    });
    expect(again).toEqual([
      { stepId: 'look', path: 'look', operator: '@test/look', effect: 'read' },
      { stepId: 'rest', path: 'rest', operator: '@control/wait', effect: null },
      { stepId: 'pay', path: 'pay', operator: '@test/call', effect: 'write' },
    ]);
    expect([repeats.map(({ path }) => path), kept, attempt]).toEqual([['pay'], 0, 2]);
  });

  it('changes nothing, and writes nothing', async () => {
    const { id } = await start([{ id: 'pay', operator: '@test/call' }]);
    await play(world, () => true);
    const state = async () => ({
      instances: (await world.service.list(ann, {}, { limit: 10 })).items,
      tasks: (await world.service.tasks(ann, id, { limit: 10 })).items,
      live: world.runner.liveCount,
    });
    const before = await state();
    for (let i = 0; i < 3; i += 1)
      await world.runs.retries.preview(ann, id, { from: 'failed', version: 'latest', data: { n: 2 } });
    await settle();
    expect(await state()).toEqual(before);
    expect(world.calls).toEqual([]);
    world.crash();
    expect(await world.restart()).toMatchObject({ adopted: 0, replayed: 0 });
  });
});

function hash(text: string, seed: number): number {
  let sum = seed % 1_000_003;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
