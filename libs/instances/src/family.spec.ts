import type { Dag } from '@flow/dags';
import type { Instance } from '@flow/instances';
import { done, type Step } from '@flow/operators';
import { armFailpoint } from '@flow/platform';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const call = (id: string): Step => ({ id, operator: '@test/call' });
const ann = aCaller();
/** Rows are written within it; a write of rows that failed is not tried again in it, one of the log is. */
const A_MOMENT = 230;
/** Shorter than the pause before a write of the log is tried again. */
const AN_INSTANT = 60;
const LONG = 120_000;

/** Where a worker dies; what it was told to do next stands still from then on. */
const DEATHS = [
  ...['log.append', 'log.mark', 'instance.settle'].flatMap((name) => [`${name}.before`, `${name}.after`]),
  ...['before', 'commit', 'after'].map((moment) => `instance.project.${moment}`),
].flatMap((point) => [1, 2, 3].map((count) => `${point}@${count}`));

describe('a run that waits for another', () => {
  let world: RunWorld;
  let child: Dag;
  let parent: Dag;
  beforeEach(async () => {
    world = await RunWorld.open();
    child = await world.aDag([
      call('work'),
      { id: 'r', operator: '@internal/return', parameters: { n: '{{__work.n}}' } },
    ]);
    parent = await world.aDag([
      { id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId: child.id } },
      call('after'),
      { id: 'r', operator: '@internal/return', parameters: { got: '{{__sub.n}}' } },
    ]);
  });
  afterEach(() => {
    armFailpoint(undefined);
    world.close();
  });

  const childrenOf = async () =>
    (await world.service.list(ann, { sort: 'createdAt', dagId: child.id }, { limit: 10 })).items;
  const factsOf = async ({ id }: Instance) =>
    (await world.service.history(ann, id, 0, 1_000)).items
      .map(({ type }) => type)
      .filter((type) => type.startsWith('task.child_'));
  /** Dies at the point, or shortly after when it is not passed; another worker takes over. */
  const dieAt = async (point: string, doing: () => void) => {
    armFailpoint(`${point}:throw`);
    doing();
    await settle();
    const isOfRows = !point.startsWith('log.append');
    await world.clock.advance(isOfRows ? A_MOMENT : AN_INSTANT);
    if (/^(instance\.project|log\.mark).*@1$/.test(point))
      expect(world.bugs.map(String)).toEqual([expect.stringContaining(point.slice(0, -2))]);
    world.bugs.length = 0;
    world.crash();
    armFailpoint(undefined);
    await world.restart();
    await world.clock.advance(A_MOMENT);
  };
  /** Answers whatever is called until nothing is called any more; gives the steps in their order. */
  const answerAll = async () => {
    const steps: string[] = [];
    while (world.calls.length > 0) {
      const { idempotencyKey } = await world.answer(done({ n: 7 }));
      steps.push(idempotencyKey.split(':')[1] ?? '');
      await world.clock.advance(A_MOMENT);
    }
    return steps;
  };
  const nothingLeft = async () => {
    await world.clock.advance(LONG);
    await world.runner.projector.caughtUp();
    expect(await world.store.outbox('', 10)).toEqual([]);
  };

  it.each(DEATHS)('is told of its end once, though the worker dies at %s', async (point) => {
    const instance = await world.service.start(ann, parent.id, {});
    await settle();
    await dieAt(point, () => world.calls.shift()?.answer(done({ n: 7 })));
    const steps = await answerAll();
    expect(steps.filter((step) => step === 'after')).toHaveLength(1);
    expect(await world.service.get(ann, instance.id)).toMatchObject({ status: 'succeeded', result: { got: 7 } });
    expect(await factsOf(instance)).toEqual(['task.child_started', 'task.child_ended']);
    expect(await childrenOf()).toMatchObject([{ status: 'succeeded' }]);
    await nothingLeft();
  });

  it.each(DEATHS)('starts one child, though the worker dies at %s while it does', async (point) => {
    const acknowledged: Instance[] = [];
    await dieAt(
      point,
      () => void world.service.start(ann, parent.id, {}).then((started) => acknowledged.push(started)),
    );
    await answerAll();
    const { items } = await world.service.list(ann, { sort: 'createdAt', dagId: parent.id }, { limit: 10 });
    // What was not acknowledged may be there or not; what is there is whole.
    expect(items.length).toBeGreaterThanOrEqual(acknowledged.length);
    for (const instance of items) {
      expect(instance).toMatchObject({ status: 'succeeded', result: { got: 7 } });
      expect(await factsOf(instance)).toEqual(['task.child_started', 'task.child_ended']);
    }
    expect(await childrenOf()).toHaveLength(items.length);
    await nothingLeft();
  });

  it.each(DEATHS)('that is cancelled cancels its child, though the worker dies at %s', async (point) => {
    const instance = await world.service.start(ann, parent.id, {});
    await settle();
    const acknowledged: Instance[] = [];
    await dieAt(point, () => {
      void world.runs.actions.cancel(ann, instance.id, { reason: null }).then((told) => acknowledged.push(told));
    });
    const { status } = await world.service.get(ann, instance.id);
    if (acknowledged.length > 0) expect(status).toBe('cancelled');
    if (status !== 'cancelled') await world.runs.actions.cancel(ann, instance.id, { reason: null });
    await settle();
    // An operator that does not hear is given up.
    await world.clock.advance(LONG);
    expect(await childrenOf()).toMatchObject([{ status: 'cancelled' }]);
    expect((await world.service.get(ann, instance.id)).status).toBe('cancelled');
    await nothingLeft();
  });
});
