import { rateMeterContract } from '@flow/testing/kernel';
import { liveFanOutContract, workerBellContract } from '@flow/testing/instances';
import { RedisLiveFanOut } from './live-fan-out.redis';
import { RedisRateMeter } from './rate-meter.redis';
import { RedisWorkerBell } from './worker-bell.redis';
import { RedisWorld } from './testing/redis-world';

const pair = async <T>(view: (...of: [Awaited<ReturnType<RedisWorld['connect']>>, string]) => T) => {
  const world = new RedisWorld();
  return {
    here: view(await world.connect(), 'here'),
    there: view(await world.connect(), 'there'),
    settled: () => world.settled(),
    close: () => world.close(),
  };
};

workerBellContract('RedisWorkerBell', () => pair((redis) => new RedisWorkerBell(redis)));
liveFanOutContract('RedisLiveFanOut', () => pair((redis, speaker) => new RedisLiveFanOut(redis, speaker)));

rateMeterContract('RedisRateMeter', async () => {
  const world = new RedisWorld();
  return {
    meter: new RedisRateMeter(await world.connect(), 'starts', world.clock),
    // Timers may be a little early.
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.ceil(ms) + 2)),
    close: () => world.close(),
  };
});

describe('a RedisRateMeter', () => {
  const rate = { max: 1, perMs: 3_600_000, burst: 10 };

  it('counts for all processes together, and apart from other meters', async () => {
    const world = new RedisWorld();
    const meters = [await world.connect(), await world.connect()].map(
      (redis) => new RedisRateMeter(redis, 'starts', world.clock),
    );
    const taken = await Promise.all(Array.from({ length: 40 }, async (_, i) => meters[i % 2]!.take('k', rate)));
    expect(taken.filter(({ isWithin }) => isWithin)).toHaveLength(10);
    const other = new RedisRateMeter(await world.connect(), 'requests', world.clock);
    expect(await other.take('k', rate)).toMatchObject({ isWithin: true, remaining: 9 });
    expect(meters.map(({ counted }) => counted)).toEqual([0, 0]);
    await world.close();
  });

  it('leaves no key behind when the bucket is full again', async () => {
    const world = new RedisWorld();
    const redis = await world.connect();
    const meter = new RedisRateMeter(redis, 'starts', world.clock);
    await meter.take('k', { max: 1, perMs: 1_000, burst: 1 });
    const [key] = await redis.commands.keys(`${world.prefix}*`);
    const ttl = await redis.commands.pttl(key!);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(1_000);
    await world.close();
  });
});
