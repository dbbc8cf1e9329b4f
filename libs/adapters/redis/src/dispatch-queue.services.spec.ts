import { LANES, laneOf, type Dispatch, type DispatchConsumer } from '@flow/instances';
import type { DomainId, InstanceId } from '@flow/kernel';
import { anId, dispatchQueueContract } from '@flow/testing/instances';
import { BullmqDispatchQueue } from './dispatch-queue.bullmq';
import { RedisServer, until } from './testing/redis-server';
import { RedisWorld } from './testing/redis-world';

const SOON = { connectMs: 500, commandMs: 300, backOffMs: 50 };

dispatchQueueContract('BullmqDispatchQueue', async () => {
  const world = new RedisWorld();
  const open = async () => BullmqDispatchQueue.open(await world.connect(), world.clock, () => undefined);
  const [here, there] = [await open(), await open()];
  return {
    here,
    there,
    nowMs: () => Date.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    close: async () => {
      await Promise.all([here.close(), there.close()]);
      await world.close();
    },
  };
});

class Taker implements DispatchConsumer {
  hasRoom = true;
  readonly taken: InstanceId[] = [];
  constructor(private readonly outcome: () => Promise<void> = () => Promise.resolve()) {}
  take(id: InstanceId): Promise<void> {
    this.taken.push(id);
    return this.outcome();
  }
}

const aDispatch = (change: Partial<Dispatch> = {}): Dispatch => ({
  id: anId<InstanceId>(),
  epoch: 0,
  domain: 'acme' as DomainId,
  priority: 'medium',
  ...change,
});

describe('dispatches by BullMQ', () => {
  let server: RedisServer;
  let world: RedisWorld;
  const queues: BullmqDispatchQueue[] = [];
  const open = async (lockMs?: number) => {
    const queue = await BullmqDispatchQueue.open(await world.connect(), world.clock, () => undefined, lockMs);
    queues.push(queue);
    return queue;
  };
  beforeEach(async () => {
    server = await RedisServer.start();
    world = new RedisWorld(server.url, SOON);
  });
  afterEach(async () => {
    server.goOn();
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
    await world.close();
    await server.close();
  });

  it('leave nothing behind of what was taken but one small record a lane', async () => {
    const queue = await open();
    const taker = new Taker();
    queue.consume(taker);
    const ids = Array.from({ length: 200 }, (_, i) => aDispatch({ domain: `d${i}` as DomainId }));
    for (const dispatch of ids) expect(await queue.offer(dispatch)).toBe(true);
    await until(() => taker.taken.length === 200);
    await until(async () => (await queue.depths()).length === 0);
    const redis = await world.connect();
    await until(async () => (await redis.commands.keys(`${world.prefix}*:active`)).length === 0);
    const keys = await redis.commands.keys(`${world.prefix}*`);
    expect(keys.filter((key) => /[0-9A-Z]{26}/.test(key))).toEqual([]);
    expect(keys.length).toBeLessThanOrEqual(LANES * 6);
  });

  it('take few connections, however many lanes there are', async () => {
    const queue = await open();
    queue.consume(new Taker());
    await queue.offer(aDispatch());
    const redis = await world.connect();
    const clients = String(await redis.commands.client('LIST'))
      .trim()
      .split('\n');
    // Two connections of two each, and the queue's own.
    expect(clients).toHaveLength(5);
  });

  it('an offer while Redis is away is refused in time, and the same again is taken when it is back', async () => {
    const queue = await open();
    const taker = new Taker();
    queue.consume(taker);
    for (const [goesAway, comesBack] of [
      [() => server.kill(), () => server.up()],
      [async () => server.hang(), async () => server.goOn()],
    ] as const) {
      const dispatch = aDispatch();
      await goesAway();
      const began = performance.now();
      const offers = await Promise.all(Array.from({ length: 50 }, () => queue.offer(aDispatch())));
      expect(offers.filter(Boolean)).toEqual([]);
      expect(performance.now() - began).toBeLessThan(SOON.commandMs + 1_000);
      await comesBack();
      await until(() => queue.offer(dispatch));
      await until(() => taker.taken.includes(dispatch.id));
    }
  });

  it('a Redis that is emptied forgets what waited, and brings what is offered again', async () => {
    const queue = await open();
    const dispatches = Array.from({ length: 20 }, () => aDispatch());
    for (const dispatch of dispatches) await queue.offer(dispatch);
    const redis = await world.connect();
    await redis.commands.flushall();
    expect(await queue.depths()).toEqual([]);
    const taker = new Taker();
    queue.consume(taker);
    for (const dispatch of dispatches) expect(await queue.offer(dispatch)).toBe(true);
    await until(() => taker.taken.length === 20);
    expect(new Set(taker.taken)).toEqual(new Set(dispatches.map(({ id }) => id)));
  });

  it('a Redis that is emptied while something is taken hinders nothing', async () => {
    const queue = await open();
    let letGo: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (letGo = resolve));
    const taker = new Taker(() => first);
    queue.consume(taker);
    await queue.offer(aDispatch());
    await until(() => taker.taken.length === 1);
    await (await world.connect()).commands.flushall();
    letGo();
    const [next] = [aDispatch()];
    await until(() => queue.offer(next));
    await until(() => taker.taken.includes(next.id));
  });

  it('what a process had fetched that died then is brought to another', async () => {
    const [dead, alive] = [await open(300), await open(300)];
    let letGo: () => void = () => undefined;
    const never = new Taker(() => new Promise((resolve) => (letGo = resolve)));
    dead.consume(never);
    const dispatch = aDispatch();
    await dead.offer(dispatch);
    await until(() => never.taken.length === 1);
    // It does nothing any more, and says nothing.
    never.hasRoom = false;
    const taker = new Taker();
    alive.consume(taker);
    await until(() => taker.taken.includes(dispatch.id));
    letGo();
  });

  it('a domain that offers a thousand delays one in another lane by a few', async () => {
    const queue = await open();
    const loud = 'acme' as DomainId;
    const quiet = ['a', 'b', 'c', 'd'].find((domain) => laneOf(domain as DomainId) !== laneOf(loud)) as DomainId;
    await Promise.all(
      Array.from({ length: 1_000 }, () => queue.offer(aDispatch({ domain: loud, priority: 'highest' }))),
    );
    const late = aDispatch({ domain: quiet, priority: 'lowest' });
    await queue.offer(late);
    const taker = new Taker();
    queue.consume(taker);
    await until(() => taker.taken.length === 1_001);
    expect(taker.taken.indexOf(late.id)).toBeLessThan(LANES);
  });
});
