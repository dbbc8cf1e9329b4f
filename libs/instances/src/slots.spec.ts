import type { ConcurrencyLimit, Dag, OnFull } from '@flow/dags';
import { done, type Step } from '@flow/operators';
import type { InstanceId, Priority } from '@flow/kernel';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import type { Instance, InstanceStatus } from './instance';
import { Slots } from './slots';

const call: Step = { id: 'a', operator: '@test/call', settings: { timeout: { delay: 86_400 } } };

describe('a DAG that limits how many of its instances run at once', () => {
  let world: RunWorld;
  let dag: Dag;
  const ann = aCaller();

  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const limited = async (concurrency: ConcurrencyLimit, fields: Partial<Dag> = {}) => {
    dag = await world.aDag([call], { title: 'limited', concurrency, ...fields });
  };
  const start = (customer = 'x', priority?: Priority) =>
    world.service.start(ann, dag.id, { data: { customer }, ...(priority && { priority }) });
  const started = async (count: number) => {
    const all: Instance[] = [];
    for (let i = 0; i < count; i += 1) {
      all.push(await start());
      await world.clock.advance(1);
    }
    return all;
  };
  const get = ({ id }: { readonly id: InstanceId }) => world.service.get(ann, id);
  const statuses = async (all: readonly Instance[]) => {
    await rest();
    return Promise.all(all.map(async (one) => (await get(one)).status));
  };
  /** Lets all that follows happen, a little time included. */
  const rest = () => world.clock.advance(2_000);
  const running = () => world.calls.map(({ context }) => context.instance.id);
  /** The call of this instance succeeds, and with it the instance. */
  const finish = async ({ id }: Instance) => {
    const at = world.calls.findIndex(({ context }) => context.instance.id === id);
    const [open] = world.calls.splice(at, 1);
    open!.answer(done(null));
    await rest();
  };

  it('lets begin as many as there are slots, queues the others, and begins them in their order as slots get free', async () => {
    await limited({ max: 2 });
    const all = await started(5);
    expect(all.map(({ status }) => status)).toEqual(['running', 'running', 'queued', 'queued', 'queued']);
    expect(all.map(({ startedAt }) => startedAt === null)).toEqual([false, false, true, true, true]);
    await rest();
    expect(running()).toEqual([all[0]!.id, all[1]!.id]);
    await finish(all[1]!);
    expect(running()).toEqual([all[0]!.id, all[2]!.id]);
    await finish(all[0]!);
    await finish(all[2]!);
    expect(await statuses(all)).toEqual(['succeeded', 'succeeded', 'succeeded', 'running', 'running']);
    await finish(all[3]!);
    await finish(all[4]!);
    expect(await statuses(all)).toEqual(Array<InstanceStatus>(5).fill('succeeded'));
    expect((await get(all[4]!)).startedAt).not.toBe((await get(all[4]!)).createdAt);
    expect(await start()).toMatchObject({ status: 'running' });
    expect(world.bugs).toEqual([]);
  });

  it('holds nothing of those that wait', async () => {
    await limited({ max: 1 });
    await started(30);
    await rest();
    expect([world.runner.liveCount, running().length]).toEqual([1, 1]);
  });

  it('counts by the key, which is read once from the input', async () => {
    await limited({ max: 1, key: '{{trigger.customer}}' });
    const [a, a2, b] = [await start('a'), await start('a'), await start('b')];
    expect([a.status, a2.status, b.status]).toEqual(['running', 'queued', 'running']);
    expect(a2.slot).toEqual({ key: '"a"', queued: true });
    await rest();
    await finish(b);
    expect(await statuses([a2])).toEqual(['queued']);
    await finish(a);
    expect(await statuses([a2])).toEqual(['running']);
  });

  it('begins those of higher priority first, and those that have waited long before them', async () => {
    await limited({ max: 1 });
    const first = await start();
    const lowest = await start('x', 'lowest');
    await world.clock.advance(60_000);
    const [low, high] = [await start('x', 'low'), await start('x', 'high')];
    await rest();
    await finish(first);
    expect(running()).toEqual([high.id]);
    await world.clock.advance(41 * 60_000);
    const highest = await start('x', 'highest');
    await finish(high);
    expect(running()).toEqual([low.id]);
    await finish(low);
    expect(running()).toEqual([lowest.id]);
    await finish(lowest);
    expect(running()).toEqual([highest.id]);
  });

  it('reject: refuses a start and leaves nothing of it', async () => {
    await limited({ max: 1, onFull: 'reject' });
    const first = await start();
    await expect(start()).rejects.toMatchObject({ kind: 'conflict', code: 'concurrency.full' });
    await rest();
    expect((await world.service.list(ann, {}, { limit: 10, count: true })).total).toBe(1);
    await finish(first);
    expect((await start()).status).toBe('running');
    await expect(start()).rejects.toMatchObject({ code: 'concurrency.full' });
  });

  it('queueOne: keeps the newest of those that wait, and says why the others are gone', async () => {
    await limited({ max: 1, onFull: 'queueOne' });
    const all = await started(4);
    expect(await statuses(all)).toEqual(['running', 'cancelled', 'cancelled', 'queued']);
    expect((await get(all[1]!)).reason).toMatchObject({
      code: 'instance.cancelled',
      message: expect.stringContaining('queueOne') as string,
    });
    expect((await get(all[1]!)).startedAt).toBeNull();
    await finish(all[0]!);
    expect(running()).toEqual([all[3]!.id]);
  });

  it('cancelOldest: cancels as many of the oldest as are too many, and begins when they are gone', async () => {
    await limited({ max: 2, onFull: 'cancelOldest' });
    const all = await started(4);
    expect(await statuses(all)).toEqual(['cancelling', 'cancelling', 'queued', 'queued']);
    expect(running()).toEqual([all[0]!.id, all[1]!.id]);
    await finish(all[0]!);
    expect(await statuses(all)).toEqual(['cancelled', 'cancelling', 'running', 'queued']);
    await finish(all[1]!);
    expect(await statuses(all)).toEqual(['cancelled', 'cancelled', 'running', 'running']);
    expect((await get(all[0]!)).reason?.message).toContain('cancelOldest');
  });

  it('cancelOthers: the newest is the only one that stays', async () => {
    await limited({ max: 2, onFull: 'cancelOthers' });
    const all = await started(3);
    await rest();
    const last = await start();
    expect(await statuses([...all, last])).toEqual(['cancelling', 'cancelling', 'cancelled', 'queued']);
    await finish(all[0]!);
    expect(await statuses([...all, last])).toEqual(['cancelled', 'cancelling', 'cancelled', 'running']);
  });

  it('lets one that waits be cancelled, paused and resumed, without a slot', async () => {
    await limited({ max: 1 });
    const [first, cancelled, paused, last] = (await started(4)) as [Instance, Instance, Instance, Instance];
    await world.runs.actions.cancel(ann, cancelled.id, { reason: 'no need' });
    expect((await world.runs.actions.pause(ann, paused.id)).status).toBe('paused');
    expect(await statuses([first, cancelled, paused, last])).toEqual(['running', 'cancelled', 'paused', 'queued']);
    await finish(first);
    // It has its slot, and does nothing with it yet.
    expect(await statuses([paused, last])).toEqual(['paused', 'queued']);
    expect(running()).toEqual([]);
    await world.runs.actions.resume(ann, paused.id);
    expect(await statuses([paused, last])).toEqual(['running', 'queued']);
    await finish(paused);
    expect(await statuses([paused, last])).toEqual(['succeeded', 'running']);
  });

  it('says what one that waits waits for, and how many are before it', async () => {
    await limited({ max: 1 }, { startBy: 'PT1H' });
    const [first, , third] = (await started(3)) as [Instance, Instance, Instance];
    const why = await world.service.why(ann, third.id);
    expect(why).toMatchObject({
      status: 'queued',
      waitingFor: [{ kind: 'slot', since: third.createdAt, until: '2026-01-01T01:00:00.002Z' }],
    });
    expect(why.waitingFor[0]?.message).toBe(
      `Waits for a slot of its DAG (concurrency): 1 at once, taken by ${first.id}; 1 begin before it.`,
    );
  });

  it('fails one that could not begin in time, and lets one that did run on', async () => {
    await limited({ max: 1 }, { startBy: 'PT1M', timeout: 'PT2M' });
    const [first, second, third] = (await started(3)) as [Instance, Instance, Instance];
    await world.clock.advance(50_000);
    await finish(first);
    expect(await statuses([second, third])).toEqual(['running', 'queued']);
    await world.clock.advance(20_000);
    expect(await get(third)).toMatchObject({ status: 'failed', reason: { code: 'instance.start_expired' } });
    expect(await statuses([second])).toEqual(['running']);
    // The time of the run began with it.
    await world.clock.advance(90_000);
    expect((await get(second)).status).toBe('running');
    await world.clock.advance(30_000);
    expect(await get(second)).toMatchObject({ status: 'failed', reason: { code: 'instance.timeout' } });
  });

  it('follows the newest version, also for those that wait', async () => {
    await limited({ max: 1 });
    const all = await started(4);
    await world.dags.update({ ...dag, concurrency: { max: 3 }, version: 'v0.0.9' }, dag.revision, { publish: true });
    await world.clock.advance(10_000);
    await finish(all[0]!);
    expect(await statuses(all)).toEqual(['succeeded', 'running', 'running', 'running']);
  });

  it('tells the history of one that waited', async () => {
    await limited({ max: 1 });
    const [first, second] = (await started(2)) as [Instance, Instance];
    await rest();
    await finish(first);
    const { items: events } = await world.service.history(ann, second.id, 0, 100);
    expect(events.map(({ type }) => type).filter((type) => type.startsWith('instance.'))).toEqual([
      'instance.queued',
      'instance.started',
    ]);
  });

  it('answers whoever waits for the end of one that waits itself', async () => {
    await limited({ max: 1 });
    const first = await start();
    const ended = world.service.start(ann, dag.id, {}, { waitMs: 60_000 });
    await rest();
    await finish(first);
    await world.answer(done(null));
    expect((await ended).status).toBe('succeeded');
  });

  it('gives the same instance to a start that comes again, without another slot', async () => {
    await limited({ max: 1, onFull: 'reject' });
    const id = world.ids.next<InstanceId>();
    const one = await world.service.start(ann, dag.id, {}, { id });
    expect((await world.service.start(ann, dag.id, {}, { id })).id).toBe(one.id);
  });

  it('counts sub-flows for their own DAG, and says when one waits for an instance above it', async () => {
    const child = await world.aDag([call], { title: 'child', concurrency: { max: 1 } });
    const step: Step = { id: 's', operator: '@subflow/call/workflow', parameters: { dagId: child.id } };
    const parent = await world.aDag([step], { title: 'parent' });
    const [one, two] = [await world.service.start(ann, parent.id, {}), await world.service.start(ann, parent.id, {})];
    await rest();
    expect(running().length).toBe(1);
    expect(await statuses([one, two])).toEqual(['waiting', 'waiting']);
    await world.answer(done(null));
    await rest();
    await world.answer(done(null));
    expect(await statuses([one, two])).toEqual(['succeeded', 'succeeded']);

    const self = await world.aDag([{ ...step, parameters: { dagId: 'later' } }], {
      title: 'self',
      concurrency: { max: 1 },
    });
    await world.dags.update(
      { ...self, steps: [self.steps[0]!, { ...step, parameters: { dagId: self.id } }], version: 'v0.0.9' },
      self.revision,
      { publish: true },
    );
    const top = await world.service.start(ann, self.id, {});
    await rest();
    const { items } = await world.service.list(ann, { dagId: self.id, status: ['queued'] }, { limit: 10 });
    const why = await world.service.why(ann, items[0]!.id);
    expect(why.waitingFor[0]?.message).toContain(`${top.id} has one and waits for this instance itself`);
  });

  it('keeps no more groups in memory than it may, and counts right all the same', async () => {
    const onBug = (error: unknown) => world.bugs.push(error);
    const slots = new Slots(
      ...([world.slotStore, world.dags, world.runner.projector, world.runner, world.clock, onBug, 3] as const),
    );
    Object.assign(world.runs.starts['limits'], { slots });
    await limited({ max: 1, key: '{{trigger.customer}}', onFull: 'reject' });
    const customers = Array.from({ length: 20 }, (_, i) => `customer ${i}`);
    const all: Instance[] = [];
    for (const customer of customers) all.push(await start(customer));
    await rest();
    for (const customer of customers) await expect(start(customer)).rejects.toMatchObject({ code: 'concurrency.full' });
    await rest();
    expect(slots.size).toBeLessThanOrEqual(4);
    for (const one of [all[0]!, all[7]!]) await finish(one);
    expect((await start('customer 0')).status).toBe('running');
    expect((await start('customer 7')).status).toBe('running');
    await expect(start('customer 8')).rejects.toMatchObject({ code: 'concurrency.full' });
    // One that waits in a group that was let go of is found by the end of who has its slot.
    await world.dags.update(
      { ...dag, concurrency: { max: 1, key: '{{trigger.customer}}' }, version: 'v0.0.9' },
      dag.revision,
      { publish: true },
    );
    const waits = await start('customer 3');
    for (let i = 0; i < 10; i += 1) await start(`another ${i}`);
    await world.clock.advance(10_000);
    await finish(all[3]!);
    expect(await statuses([waits])).toEqual(['running']);
    expect(world.bugs).toEqual([]);
  });

  it('gives a slot back when a start could not be written', async () => {
    await limited({ max: 1, onFull: 'reject' });
    await rest();
    world.limitSpace(true);
    await expect(start('x'.repeat(9_000))).rejects.toMatchObject({ kind: 'storage_full' });
    world.limitSpace(false);
    await rest();
    expect((await start()).status).toBe('running');
  });

  it('does not count debug runs, and does not hold them back', async () => {
    await limited({ max: 1, onFull: 'reject' });
    await start();
    expect((await world.debugging.runs.start(ann, { dagId: dag.id })).status).toBe('running');
  });

  it('takes turns among business domains and priorities where there is no room for all that may begin', async () => {
    const zoe = aCaller({ domain: 'zoe' });
    const mine = await world.aDag([call], { title: 'mine', concurrency: { max: 1 } });
    const hers = await world.aDag([call], { title: 'hers', domain: zoe.domain, concurrency: { max: 1 } });
    const startMine = (priority: Priority = 'medium') => world.service.start(ann, mine.id, { priority });
    const startHers = () => world.service.start(zoe, hers.id, {});
    const all = [await startMine(), await startHers()];
    for (let i = 0; i < 4; i += 1) all.push(await startMine());
    all.push(await startHers(), await startHers(), await startMine('low'));
    // From here on no more than two can be held.
    Object.assign(world['limits'], { liveInstances: 2 });
    for (const one of [mine, hers])
      await world.dags.update({ ...one, concurrency: { max: 9 }, version: 'v0.0.9' }, one.revision, { publish: true });
    await world.clock.advance(70_000);
    expect(world.runner.liveCount).toBe(2);
    const begun: string[] = [];
    while (world.calls.length > 0) {
      const { instance } = world.calls[0]!.context;
      const { domain, priority } = all.find(({ id }) => id === instance.id)!;
      begun.push(`${domain} ${priority}`);
      await world.answer(done(null));
      await rest();
      expect(world.runner.liveCount).toBeLessThanOrEqual(2);
    }
    const [acme, other] = ['acme medium', 'zoe medium'];
    expect(begun).toEqual([acme, other, acme, acme, other, acme, other, acme, 'acme low']);
    expect(world.bugs).toEqual([]);
  });

  describe('after kill -9', () => {
    const again = async () => {
      world.crash();
      await world.restart();
      await rest();
    };

    it('counts those that run, and goes on with those that wait', async () => {
      await limited({ max: 2 });
      const all = await started(5);
      await again();
      expect(running().sort()).toEqual([all[0]!.id, all[1]!.id]);
      expect((await start()).status).toBe('queued');
      await finish(all[0]!);
      expect(running().sort()).toEqual([all[1]!.id, all[2]!.id]);
    });

    it('lets nobody keep a slot that has ended', async () => {
      await limited({ max: 1, onFull: 'reject' });
      const one = await start();
      await rest();
      world.calls.splice(0, 1)[0]!.answer(done(null));
      while ((await world.service.get(ann, one.id)).status !== 'succeeded') await settle();
      await again();
      expect((await start()).status).toBe('running');
    });

    it('counts those whose slots waits for time or people', async () => {
      dag = await world.aDag([{ id: 'c', operator: '@control/callback' }], { title: 'asks', concurrency: { max: 1 } });
      const [asks, waits] = [await start(), await start()];
      await rest();
      await again();
      expect(await statuses([asks, waits])).toEqual(['waiting', 'queued']);
      await world.runs.callbacks.take(world.addresses.addressOf(ann.domain, asks.id, 'c', 1).token, null);
      expect(await statuses([asks, waits])).toEqual(['succeeded', 'waiting']);
    });

    /** Instances that have begun and not ended. */
    const taken = async () => {
      const { items } = await world.service.list(ann, { dagId: dag.id }, { limit: 100 });
      return items.filter(({ startedAt, endedAt }) => startedAt !== null && endedAt === null).length;
    };

    it.each<[OnFull, number, readonly InstanceStatus[]]>([
      ['queue', 1, ['succeeded', 'succeeded', 'succeeded', 'succeeded']],
      ['queue', 2, ['succeeded', 'succeeded', 'succeeded', 'succeeded']],
      ['queueOne', 1, ['succeeded', 'cancelled', 'cancelled', 'succeeded']],
      ['cancelOldest', 1, ['cancelled', 'cancelled', 'cancelled', 'succeeded']],
      ['cancelOldest', 2, ['cancelled', 'cancelled', 'succeeded', 'succeeded']],
      ['cancelOthers', 2, ['cancelled', 'cancelled', 'cancelled', 'succeeded']],
    ])('at any moment keeps to %s with %i slots', async (onFull, max, ends) => {
      world.close();
      for (let turns = 0; turns < 60; turns += 4) {
        world = await RunWorld.open();
        await limited({ max, onFull });
        const ids = [1, 2, 3, 4].map(() => world.ids.next<InstanceId>());
        const { service } = world;
        const startAll = async () => {
          for (const id of ids) await service.start(ann, dag.id, {}, { id });
        };
        // Its process goes away.
        startAll().catch(() => undefined);
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        await again();
        for (const id of ids) {
          // Whoever got no answer asks again.
          await world.service.start(ann, dag.id, {}, { id });
          await rest();
          expect(await taken()).toBeLessThanOrEqual(max);
        }
        for (let round = 0; round < 10; round += 1) {
          expect(await taken()).toBeLessThanOrEqual(max);
          for (const { answer } of world.calls.splice(0)) answer(done(null));
          await rest();
        }
        expect(await statuses(await Promise.all(ids.map((id) => get({ id }))))).toEqual(ends);
        if (turns + 4 < 60) world.close();
      }
    });
  });
});
