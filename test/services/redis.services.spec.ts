import { Redis } from 'ioredis';
import { randomBytes } from 'node:crypto';
import { addressOf } from './addresses';

describe('The Redis server', () => {
  const key = `probe:${randomBytes(6).toString('hex')}`;
  let redis: Redis;

  beforeAll(() => {
    redis = new Redis(addressOf('redis'));
  });
  afterEach(() => redis.del(key));
  afterAll(() => redis.quit());

  it('keeps what is written', async () => {
    await redis.hset(key, { text: 'ä☃', count: 1 });
    await redis.hincrby(key, 'count', 41);
    expect(await redis.hgetall(key)).toEqual({ text: 'ä☃', count: '42' });
  });

  it('gives a lock to exactly one of 20 who ask at once, and has it end by itself', async () => {
    const others = Array.from({ length: 20 }, () => redis.duplicate());
    try {
      const answers = await Promise.all(others.map((other, index) => other.set(key, index, 'PX', 60_000, 'NX')));
      expect(answers.filter((answer) => answer === 'OK')).toHaveLength(1);
      expect(await redis.pttl(key)).toBeGreaterThan(0);
    } finally {
      await Promise.all(others.map((other) => other.quit()));
    }
  });

  it('evicts nothing and keeps its log, as the dispatch queue needs it', async () => {
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  });
});
