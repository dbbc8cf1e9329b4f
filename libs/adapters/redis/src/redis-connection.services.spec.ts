import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { SystemClock } from '@flow/platform';
import { endAtOnce } from './redis-client';
import { RedisConnection, type RedisPlace } from './redis-connection';
import { RedisEvicts, RedisUnavailable } from './redis.errors';
import { RedisServer, freePort, until } from './testing/redis-server';
import { RedisWorld, freshPrefix } from './testing/redis-world';

const SOON = { connectMs: 500, commandMs: 300, backOffMs: 100 };

const open = (place: Partial<RedisPlace> & { readonly url: string }) =>
  RedisConnection.open({ prefix: freshPrefix(), ...place }, new SystemClock(), { onFault: () => undefined }, SOON);

/** What a start is refused with, and that it does not take long. */
async function refusal(place: Partial<RedisPlace> & { readonly url: string }): Promise<Error> {
  const began = performance.now();
  const outcome = await open(place).then(
    async (connection) => {
      await connection.close();
      return new Error('It was taken.');
    },
    (error: unknown) => error as Error,
  );
  expect(performance.now() - began).toBeLessThan(SOON.connectMs + SOON.commandMs + 2_000);
  return outcome;
}

describe('a connection to Redis', () => {
  it('answers, and keeps installations apart by their prefix', async () => {
    const world = new RedisWorld();
    const redis = await world.connect();
    await redis.ready();
    expect(redis.key('bell', 'W')).toBe(`${world.prefix}bell:W`);
    await world.close();
    await expect(redis.ready()).rejects.toBeInstanceOf(RedisUnavailable);
    expect(world.faults).toEqual([]);
  });

  it('is refused at the start when nobody listens there, in a sentence that names the setting', async () => {
    const port = await freePort();
    const error = await refusal({ url: `redis://ann:sesame@127.0.0.1:${port}` });
    expect(error).toMatchObject({ kind: 'unavailable', code: 'redis.unavailable' });
    expect(error.message).toContain(`127.0.0.1:${port} (REDIS_URL)`);
    expect(JSON.stringify([error.message, error.stack, error])).not.toContain('sesame');
  });

  it('is refused when the host has no address', async () => {
    expect(await refusal({ url: 'redis://no-such-host.invalid:6379' })).toBeInstanceOf(RedisUnavailable);
  });

  it('is refused when the other side takes the connection and says nothing', async () => {
    const sockets = new Set<Socket>();
    const mute: Server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const error = await refusal({ url: `redis://127.0.0.1:${(mute.address() as AddressInfo).port}` });
    expect(error.message).toContain('does not answer in time');
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  it('is refused with a wrong password or none, and the password is nowhere in what is said', async () => {
    const server = await RedisServer.start('--requirepass', 'right-one');
    for (const login of [':sesame@', 'ann:sesame@', '']) {
      const error = await refusal({ url: `redis://${login}127.0.0.1:${server.port}` });
      expect(error).toMatchObject({ code: 'redis.misconfigured' });
      expect(error.message).toContain('refuses the user or the password');
      expect(JSON.stringify([error.message, error.stack, error, error.cause])).not.toContain('sesame');
    }
    const right = await open({ url: `redis://:right-one@127.0.0.1:${server.port}/3` });
    expect(await right.commands.client('INFO')).toContain(' db=3 ');
    await right.close();
    await server.close();
  });

  it('is refused with a database that is not there', async () => {
    const server = await RedisServer.start('--databases', '2');
    const error = await refusal({ url: `${server.url}/2` });
    expect(error).toMatchObject({ code: 'redis.misconfigured' });
    expect(error.message).toMatch(/no such database.*REDIS_URL/);
    await server.close();
  });

  it('is not ready while its memory is full, and is again when there is room', async () => {
    const server = await RedisServer.start();
    const redis = await open({ url: server.url });
    await redis.ready();
    await redis.commands.config('SET', 'maxmemory', '1');
    await expect(redis.ready()).rejects.toThrow(/REDIS_URL.* has no memory left: raise its maxmemory/);
    await redis.commands.config('SET', 'maxmemory', '0');
    await redis.ready();
    await redis.close();
    await server.close();
  });

  it('is refused when that Redis may throw keys away, and says what to set', async () => {
    const server = await RedisServer.start('--maxmemory-policy', 'allkeys-lru');
    const error = await refusal({ url: server.url });
    expect(error).toBeInstanceOf(RedisEvicts);
    expect(error.message).toContain('maxmemory-policy noeviction');
    await server.close();
  });

  it('says so when a Redis begins to throw keys away', async () => {
    const server = await RedisServer.start();
    const world = new RedisWorld(server.url, SOON);
    const redis = await world.connect();
    await redis.commands.config('SET', 'maxmemory-policy', 'volatile-ttl');
    await redis.commands.client('KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => undefined);
    await until(() => world.faults.some((fault) => fault instanceof RedisEvicts));
    await world.close();
    await server.close();
  });
});

describe('while Redis is away', () => {
  let server: RedisServer;
  let world: RedisWorld;
  beforeEach(async () => {
    server = await RedisServer.start();
    world = new RedisWorld(server.url, SOON);
  });
  afterEach(async () => {
    server.goOn();
    await world.close();
    await server.close();
  });

  it('a command is refused at once, that is told once, and it is used again when it is back', async () => {
    const redis = await world.connect();
    const heard: string[] = [];
    let stood = 0;
    redis.channels.listen(redis.key('c'), {
      onMessage: (message) => heard.push(message),
      onStanding: () => {
        stood += 1;
      },
    });
    await until(() => stood === 1);
    await server.kill();
    await until(() => world.faults.length > 0);
    const began = performance.now();
    for (let i = 0; i < 100; i += 1) await expect(redis.ready()).rejects.toBeInstanceOf(RedisUnavailable);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(world.faults).toHaveLength(1);
    await server.up();
    await until(() => world.backs === 1 && stood === 2);
    await redis.ready();
    await redis.commands.publish(redis.key('c'), 'hello');
    await until(() => heard.length === 1);
  });

  it('a command to one that hangs is refused in time, and the connections are made anew', async () => {
    const redis = await world.connect();
    let stood = 0;
    redis.channels.listen(redis.key('c'), { onMessage: () => undefined, onStanding: () => (stood += 1) });
    await until(() => stood === 1);
    server.hang();
    const began = performance.now();
    await expect(redis.ready()).rejects.toThrow('does not answer in time');
    expect(performance.now() - began).toBeLessThan(SOON.commandMs + 1_000);
    await expect(redis.channels.settled()).rejects.toThrow();
    await until(() => redis.commands.status !== 'ready');
    const nothing = performance.now();
    await expect(redis.ready()).rejects.toBeInstanceOf(RedisUnavailable);
    expect(performance.now() - nothing).toBeLessThan(SOON.commandMs + 1_000);
    server.goOn();
    await until(async () =>
      redis.ready().then(
        () => stood === 2,
        () => false,
      ),
    );
  });

  it('CLIENT PAUSE delays nobody for longer than a command may take', async () => {
    const redis = await world.connect();
    await redis.commands.client('PAUSE', 1_500, 'ALL');
    const began = performance.now();
    await expect(redis.ready()).rejects.toThrow('does not answer in time');
    expect(performance.now() - began).toBeLessThan(SOON.commandMs + 1_000);
    await until(async () =>
      redis.ready().then(
        () => true,
        () => false,
      ),
    );
  });

  it('a driver that has given up is made to connect again', async () => {
    const redis = await world.connect();
    let stood = 0;
    redis.channels.listen(redis.key('c'), { onMessage: () => undefined, onStanding: () => (stood += 1) });
    await until(() => stood === 1);
    const queue = await redis.another('queue');
    await queue.connect();
    for (const client of [redis.commands, redis.channels['subscriber'], queue]) client.disconnect();
    await until(() => redis.commands.status === 'end');
    await expect(redis.ready()).rejects.toBeInstanceOf(RedisUnavailable);
    await until(() => world.backs === 1 && stood === 2 && queue.status === 'ready');
    await redis.ready();
    endAtOnce(queue);
    await redis.close();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect([redis.commands.status, queue.status]).toEqual(['end', 'end']);
  });

  it('closing does not wait for one that hangs', async () => {
    const redis = await world.connect();
    server.hang();
    const began = performance.now();
    await redis.close();
    expect(performance.now() - began).toBeLessThan(500);
  });
});
