import { done, type Step } from '@flow/operators';
import type { JsonObject } from '@flow/kernel';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import type { Instance } from '@flow/instances';

const HOUR = 60 * 60 * 1_000;
const step = (id: string, operator: string, parameters: JsonObject = {}): Step => ({ id, operator, parameters });
const wait = (duration: string): Step => step('w', '@control/wait', { duration });
const callback = step('c', '@control/callback');

describe('a run that waits', () => {
  let world: RunWorld;
  const ann = aCaller();

  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  async function started(...steps: Step[]): Promise<Instance> {
    const dag = await world.aDag(steps, { title: `${steps.map(({ id }) => id).join()} ${Math.random()}` });
    return world.service.start(ann, dag.id, {});
  }
  /** Lets what lingers go. */
  const later = () => world.clock.advance(2_000);
  const statusOf = async ({ id }: Instance) => (await world.service.get(ann, id)).status;
  const addressOf = ({ id }: Instance, path: string) => world.addresses.addressOf(ann.domain, id, path, 1).token;

  it('is held by nobody, and goes on at its time', async () => {
    const far = await started(wait('PT2H'));
    await settle();
    expect([world.runner.liveCount, await statusOf(far)]).toEqual([0, 'waiting']);
    await world.clock.advance(2 * HOUR - 1);
    expect(await statusOf(far)).toBe('waiting');
    await world.clock.advance(1);
    expect(await statusOf(far)).toBe('succeeded');
    expect(world.bugs).toEqual([]);
  });

  it('is held while it goes on soon, or was moved just now', async () => {
    await started(wait('PT4S'));
    const asks = await started(callback);
    await settle();
    expect(world.runner.liveCount).toBe(2);
    await later();
    expect(world.runner.liveCount).toBe(1);
    await world.clock.advance(10_000);
    expect([world.runner.liveCount, await statusOf(asks)]).toEqual([0, 'waiting']);
  });

  it('is taken up by an answer, once by two at the same moment', async () => {
    const asks = await started(callback);
    await later();
    expect(world.runner.liveCount).toBe(0);
    const token = addressOf(asks, 'c');
    const answers = await Promise.allSettled([1, 2, 3].map((n) => world.runs.callbacks.take(token, n)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await statusOf(asks)).toBe('succeeded');
  });

  it('hears what comes on its way out of memory', async () => {
    const asks = await started(callback);
    const parking = world.clock.advance(1_000);
    const token = addressOf(asks, 'c');
    while (world.runner.liveCount > 0) await new Promise((resolve) => setImmediate(resolve));
    await world.runs.callbacks.take(token, 1);
    await parking;
    expect(await statusOf(asks)).toBe('succeeded');
  });

  it('can be paused, asked why it waits, resumed and cancelled', async () => {
    const asks = await started(callback);
    await later();
    expect((await world.service.why(ann, asks.id)).waitingFor).toMatchObject([{ kind: 'callback', path: 'c' }]);
    expect(world.runner.liveCount).toBe(0);
    expect((await world.runs.actions.pause(ann, asks.id)).status).toBe('paused');
    await later();
    expect(world.runner.liveCount).toBe(0);
    expect((await world.runs.actions.resume(ann, asks.id)).status).toBe('waiting');
    await later();
    await world.runs.actions.cancelAll(ann, asks.dagId, { reason: null });
    expect(await statusOf(asks)).toBe('cancelled');
  });

  it('tells its parent, which waits as it does', async () => {
    const child = await world.aDag([wait('PT1H')], { title: 'child' });
    const parent = await started(step('s', '@subflow/call/workflow', { dagId: child.id }));
    await later();
    expect(world.runner.liveCount).toBe(0);
    await world.clock.advance(HOUR);
    await later();
    expect(await statusOf(parent)).toBe('succeeded');
  });

  it('answers whoever waits for its end, though it was let go of meanwhile', async () => {
    const asks = await started(callback, step('e', '@internal/return', { n: '{{__c.body}}' }));
    const ended = world.runner.ended(asks.id, HOUR);
    await later();
    expect(world.runner.liveCount).toBe(0);
    await world.runs.callbacks.take(addressOf(asks, 'c'), 7);
    expect((await ended)?.result).toEqual({ n: 7 });
  });

  it('ends in its own time', async () => {
    const dag = await world.aDag([callback], { title: 'bounded', timeout: 'PT1H' });
    const run = await world.service.start(ann, dag.id, {});
    await later();
    expect(world.runner.liveCount).toBe(0);
    await world.clock.advance(HOUR);
    expect(await world.service.get(ann, run.id)).toMatchObject({
      status: 'failed',
      reason: { code: 'instance.timeout' },
    });
  });

  it('is left where it is by a start, and found when its time comes or has come', async () => {
    const [near, far, asks] = [await started(wait('PT1H')), await started(wait('PT3H')), await started(callback)];
    await later();
    world.crash();
    await world.clock.advance(2 * HOUR);
    const recovered = await world.restart();
    await world.clock.advance(0);
    expect(recovered.adopted).toBe(1);
    expect([await statusOf(near), await statusOf(far), await statusOf(asks)]).toEqual([
      'succeeded',
      'waiting',
      'waiting',
    ]);
    await world.clock.advance(HOUR);
    await world.runs.callbacks.take(addressOf(asks, 'c'), null);
    expect([await statusOf(far), await statusOf(asks)]).toEqual(['succeeded', 'succeeded']);
  });

  it('goes on at once after a stop in the midst of a call', async () => {
    const run = await started(step('a', '@test/call'));
    while (world.calls.length === 0) await settle();
    const draining = world.runs.drain(0);
    await world.clock.advance(1_000);
    await draining;
    world.crash();
    await world.restart();
    while (world.calls.length === 0) await settle();
    await world.answer(done(null));
    expect(await statusOf(run)).toBe('succeeded');
  });

  it('is one of hundreds that wake in the same second, each once', async () => {
    const dag = await world.aDag([wait('PT1H'), step('b', '@test/pure')], { title: 'many' });
    const many = await Promise.all(
      Array.from({ length: 500 }, () => world.service.start(ann, dag.id, {}).then(({ id }) => id)),
    );
    await later();
    expect(world.runner.liveCount).toBe(0);
    await world.clock.advance(HOUR);
    for (let turn = 0; turn < 100; turn += 1) await settle();
    await later();
    const { total } = await world.service.list(ann, { status: ['succeeded'] }, { limit: 1, count: true });
    expect(total).toBe(many.length);
    expect(world.bugs).toEqual([]);
  });
});
