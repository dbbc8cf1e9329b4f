import { LiveEvents } from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';
import { anId } from '@flow/testing/instances';
import { RedisLiveFanOut } from './live-fan-out.redis';
import { RedisRateMeter } from './rate-meter.redis';
import { RedisServer, until } from './testing/redis-server';
import { RedisWorld } from './testing/redis-world';
import { RedisWorkerBell } from './worker-bell.redis';

const SOON = { connectMs: 500, commandMs: 300, backOffMs: 50 };
/** Less than it takes until a command is given up: who comes back by then has waited for none. */
const AT_ONCE_MS = 250;

/** One server that goes away in each of these ways, and comes back. */
const TROUBLES: readonly (readonly [
  string,
  (server: RedisServer) => Promise<void>,
  (server: RedisServer) => Promise<void>,
])[] = [
  ['killed and started again, empty', (server) => server.kill(), (server) => server.up()],
  ['hanging and going on', async (server) => server.hang(), async (server) => server.goOn()],
];

describe.each(TROUBLES)('while Redis is %s', (_name, goesAway, comesBack) => {
  let server: RedisServer;
  let world: RedisWorld;
  const instance = anId<InstanceId>();
  beforeEach(async () => {
    server = await RedisServer.start();
    world = new RedisWorld(server.url, SOON);
  });
  afterEach(async () => {
    server.goOn();
    await world.close();
    await server.close();
  });

  it('ringing throws nothing and delays nobody, and workers are heard again by themselves', async () => {
    const [here, there] = [new RedisWorkerBell(await world.connect()), new RedisWorkerBell(await world.connect())];
    const worker = anId<WorkerId>();
    const heard: InstanceId[] = [];
    there.listen(worker, (id) => heard.push(id));
    await world.settled();
    await goesAway(server);
    const began = performance.now();
    for (let i = 0; i < 100; i += 1) here.ring(worker, instance);
    expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
    await until(() => here.lost === 100);
    await comesBack(server);
    await until(() => {
      here.ring(worker, instance);
      return heard.length > 0;
    });
  });

  it('who watches is told that something may have been missed, and hears again', async () => {
    const [here, there] = [
      new RedisLiveFanOut(await world.connect(), 'here'),
      new RedisLiveFanOut(await world.connect(), 'there'),
    ];
    const live = new LiveEvents(world.clock, there);
    const watch = live.watch(instance, ['events']);
    const signal = new AbortController().signal;
    await world.settled();
    // That the listening stands is told once.
    expect(await watch.next(5_000, signal)).toBe('rung');
    await goesAway(server);
    await until(() => world.faults.length > 0 || (here.publish(instance, 'events'), here.lost > 0));
    const began = performance.now();
    for (let i = 0; i < 1_000; i += 1) here.publish(anId<InstanceId>(), 'events');
    expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
    await until(() => here.lost >= 1_000);
    await comesBack(server);
    // Nothing is published: that it stands again rings by itself, when it has been found out that it did not.
    expect(await watch.next(20_000, signal)).toBe('rung');
    await until(async () => {
      here.publish(instance, 'events');
      return (await watch.next(50, signal)) === 'rung';
    });
    // One who comes while it is away is served when it is back.
    await goesAway(server);
    const late = live.watch(anId<InstanceId>(), ['lines']);
    await comesBack(server);
    expect(await late.next(20_000, signal)).toBe('rung');
    late.stop();
    watch.stop();
  });

  it('rates are counted here, nobody waits for long, and are shared again when it is back', async () => {
    const meter = new RedisRateMeter(await world.connect(), 'starts', world.clock);
    const rate = { max: 1, perMs: 3_600_000, burst: 3 };
    const passes = async () => (await meter.take('k', rate)).isWithin;
    expect(await passes()).toBe(true);
    await goesAway(server);
    const began = performance.now();
    const taken = [];
    for (let i = 0; i < 50; i += 1) taken.push(await passes());
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(taken.filter(Boolean)).toHaveLength(3);
    expect(meter.counted).toBeGreaterThanOrEqual(49);
    const before = meter.counted;
    await comesBack(server);
    await until(async () => {
      const { counted } = meter;
      await meter.take('other', rate);
      return meter.counted === counted;
    });
    expect(meter.counted).toBeGreaterThanOrEqual(before);
  });
});

it('a Redis that is emptied costs a burst at most, and no ring', async () => {
  const server = await RedisServer.start();
  const world = new RedisWorld(server.url, SOON);
  const [here, there] = [await world.connect(), await world.connect()];
  const meter = new RedisRateMeter(here, 'starts', world.clock);
  const bell = new RedisWorkerBell(there);
  const worker = anId<WorkerId>();
  const instance = anId<InstanceId>();
  const heard: InstanceId[] = [];
  bell.listen(worker, (id) => heard.push(id));
  await world.settled();
  const rate = { max: 1, perMs: 3_600_000, burst: 2 };
  const passed = [];
  for (let i = 0; i < 3; i += 1) passed.push((await meter.take('k', rate)).isWithin);
  await here.commands.flushall();
  for (let i = 0; i < 3; i += 1) passed.push((await meter.take('k', rate)).isWithin);
  expect(passed).toEqual([true, true, false, true, true, false]);
  new RedisWorkerBell(here).ring(worker, instance);
  await world.settled();
  expect(heard).toEqual([instance]);
  await world.close();
  await server.close();
});
