import type { Dag, RateLimit } from '@flow/dags';
import { done, type Step } from '@flow/operators';
import type { InstanceId, JsonObject } from '@flow/kernel';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const call: Step = { id: 'a', operator: '@test/call' };
const pure: Step = { id: 'a', operator: '@test/pure' };

describe('a DAG that limits how many of its instances start in a time', () => {
  let world: RunWorld;
  let dag: Dag;
  const ann = aCaller();

  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const limited = async (rateLimit: RateLimit, fields: Partial<Dag> = {}) => {
    dag = await world.aDag([pure], { title: 'limited', rateLimit, ...fields });
  };
  const start = (data: JsonObject = {}, id?: InstanceId) =>
    world.service.start(ann, dag.id, { data }, id === undefined ? {} : { id });
  const refused = { kind: 'limited', code: 'rate.limited' };

  it('refuses those that are too many, says when to come again, and leaves nothing of them', async () => {
    await limited({ max: 2, per: 'PT10S' });
    await start();
    await start();
    await expect(start()).rejects.toMatchObject({ ...refused, retryAfterMs: 5_000 });
    await world.clock.advance(4_999);
    await expect(start()).rejects.toMatchObject(refused);
    await world.clock.advance(1);
    await start();
    expect((await world.service.list(ann, {}, { limit: 10, count: true })).total).toBe(3);
  });

  it('lets through a burst of its own size', async () => {
    await limited({ max: 1, per: 1_000, burst: 3 });
    for (let i = 0; i < 3; i += 1) await start();
    await expect(start()).rejects.toMatchObject({ ...refused, retryAfterMs: 1_000 });
  });

  it('counts by the key, which reads the input, the trigger, and what surrounds a run', async () => {
    await limited({ max: 1, per: 'PT1M', key: '{{__0.customer}} {{env.REGION}} {{variables.rate}}' });
    await start({ customer: 'a' });
    await start({ customer: 'b' });
    await expect(start({ customer: 'a' })).rejects.toMatchObject(refused);
  });

  it('refuses a start whose key cannot be worked out', async () => {
    await limited({ max: 1, per: 'PT1M', key: '{{trigger.n + 1}}' });
    await expect(start({ n: { not: 'a number' } })).rejects.toMatchObject({
      kind: 'unprocessable',
      code: 'limit.key_failed',
    });
    await start({ n: 1 });
  });

  it('does not count a start that comes again under the same id, nor one that is refused for another reason', async () => {
    await limited({ max: 2, per: 'PT1M' }, { concurrency: { max: 1, onFull: 'reject' }, steps: [dagTrigger, call] });
    const id = world.ids.next<InstanceId>();
    await start({}, id);
    await start({}, id);
    for (let i = 0; i < 3; i += 1) await expect(start()).rejects.toMatchObject({ code: 'concurrency.full' });
    while (world.calls.length === 0) await settle();
    await world.answer(done(null));
    await start();
    await expect(start()).rejects.toMatchObject(refused);
  });

  it('lets a sub-flow wait until it may start', async () => {
    await limited({ max: 1, per: 'PT10S' });
    const step: Step = { id: 's', operator: '@subflow/call/workflow', parameters: { dagId: dag.id } };
    const parent = await world.aDag([step], { title: 'parent' });
    await start();
    const { id } = await world.service.start(ann, parent.id, {});
    await world.clock.advance(9_000);
    expect((await world.service.get(ann, id)).status).toBe('waiting');
    await world.clock.advance(2_000);
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
  });

  it('begins anew with a full bucket after a restart', async () => {
    await limited({ max: 1, per: 'PT1H' });
    await start();
    await expect(start()).rejects.toMatchObject(refused);
    world.crash();
    await world.restart();
    await start();
  });

  it('does not limit debug runs', async () => {
    await limited({ max: 1, per: 'PT1H' });
    await start();
    await world.debugging.runs.start(ann, { dagId: dag.id });
  });
});

const dagTrigger: Step = { id: '0', operator: '@trigger/manual' };

describe('a business domain with a quota of live instances', () => {
  let world: RunWorld;
  let dag: Dag;
  const ann = aCaller();
  const zoe = aCaller({ domain: 'zoe' });
  const refused = { kind: 'limited', code: 'quota.exceeded' };

  beforeEach(async () => {
    world = await RunWorld.open();
    world.liveLimit = 2;
    dag = await world.aDag([call], { title: 'one' });
  });
  afterEach(() => world.close());

  const start = () => world.service.start(ann, dag.id, {});
  const openCall = async () => {
    while (world.calls.length === 0) await settle();
  };

  it('has no more than that, queued ones included, and gets room when one ends', async () => {
    const queued = await world.aDag([call], { title: 'queued', concurrency: { max: 1 } });
    await start();
    await start();
    await expect(start()).rejects.toMatchObject(refused);
    await openCall();
    await world.answer(done(null));
    await world.service.start(ann, queued.id, {});
    await expect(world.service.start(ann, queued.id, {})).rejects.toMatchObject(refused);
    const hers = await world.aDag([call], { title: 'hers', domain: zoe.domain });
    expect((await world.service.start(zoe, hers.id, {})).status).toBe('running');
  });

  it('counts right after kill -9, and when the quota is set later', async () => {
    world.liveLimit = 0;
    await start();
    await start();
    world.liveLimit = 3;
    await start();
    await expect(start()).rejects.toMatchObject(refused);
    world.crash();
    await world.restart();
    await expect(start()).rejects.toMatchObject(refused);
    await openCall();
    await world.answer(done(null));
    await world.clock.advance(1_000);
    await start();
    await expect(start()).rejects.toMatchObject(refused);
  });

  it('counts right when instances come and go while they are counted for the first time', async () => {
    world.liveLimit = 0;
    for (let i = 0; i < 3; i += 1) await start();
    while (world.calls.length < 3) await settle();
    world.liveLimit = 3;
    const tries = [start(), start(), start()];
    for (const { answer } of world.calls.splice(0)) answer(done(null));
    const outcomes = await Promise.allSettled(tries);
    await world.clock.advance(1_000);
    const live = outcomes.filter(({ status }) => status === 'fulfilled').length;
    for (let more = live; more < 3; more += 1) await start();
    await expect(start()).rejects.toMatchObject(refused);
  });

  it('never refuses a sub-flow, and counts it', async () => {
    const step: Step = { id: 's', operator: '@subflow/call/workflow', parameters: { dagId: dag.id } };
    const parent = await world.aDag([step], { title: 'parent' });
    await start();
    await world.service.start(ann, parent.id, {});
    while (world.calls.length < 2) await settle();
    await openCall();
    await world.answer(done(null));
    await expect(start()).rejects.toMatchObject(refused);
  });

  it('gets its place back from a start that fails', async () => {
    const rejecting = await world.aDag([call], { title: 'rejecting', concurrency: { max: 1, onFull: 'reject' } });
    await world.service.start(ann, rejecting.id, {});
    for (let i = 0; i < 5; i += 1)
      await expect(world.service.start(ann, rejecting.id, {})).rejects.toMatchObject({ code: 'concurrency.full' });
    await start();
    await expect(start()).rejects.toMatchObject(refused);
  });
});
