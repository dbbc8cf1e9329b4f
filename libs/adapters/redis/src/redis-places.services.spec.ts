import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SystemClock } from '@flow/platform';
import { selfSigned } from '@flow/testing/platform';
import { RedisConnection, type RedisPlace } from './redis-connection';
import { RedisServer, freePort, until } from './testing/redis-server';

const run = promisify(execFile);
const RUN_TS = resolve(__dirname, '../../sqlite/src/testing/run-ts.cjs');
const SOON = { connectMs: 1_000, commandMs: 500, backOffMs: 100 };

const connections: RedisConnection[] = [];
const servers: RedisServer[] = [];
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function open(
  place: Omit<RedisPlace, 'prefix'>,
  onFault: (error: unknown) => void = () => undefined,
  patience = SOON,
) {
  const connection = await RedisConnection.open(
    { prefix: 'places:', ...place },
    new SystemClock(),
    { onFault },
    patience,
  );
  connections.push(connection);
  return connection;
}

async function started(server: Promise<RedisServer>): Promise<RedisServer> {
  servers.push(await server);
  return server;
}

describe('a Redis behind TLS', () => {
  it('is reached by rediss, when its certificate is trusted and not else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flow-redis-tls-'));
    const { key, cert } = selfSigned('localhost');
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    writeFileSync(keyFile, key);
    writeFileSync(certFile, cert);
    const port = await freePort();
    const tls = ['--tls-port', String(port), '--tls-cert-file', certFile, '--tls-key-file', keyFile];
    await started(RedisServer.start(...tls, '--tls-ca-cert-file', certFile, '--tls-auth-clients', 'no'));
    const url = `rediss://localhost:${port}`;
    // A busy machine takes its time for a handshake, and it is its end that is told.
    const patience = { ...SOON, connectMs: 10_000 };
    await expect(open({ url }, undefined, patience)).rejects.toMatchObject({
      code: 'redis.unavailable',
      message: expect.stringContaining('self-signed certificate') as string,
    });
    await expect(open({ url: `redis://localhost:${port}` })).rejects.toMatchObject({ code: 'redis.unavailable' });
    const args = [RUN_TS, resolve(__dirname, 'testing/ping-redis.ts'), url];
    const { stdout } = await run(process.execPath, args, { env: { ...process.env, NODE_EXTRA_CA_CERTS: certFile } });
    expect(stdout).toBe('ready');
    rmSync(folder, { recursive: true });
  });
});

describe('a Redis that Sentinels look after', () => {
  it('is found by them, and so is its successor', async () => {
    const login = ['--requirepass', 'sesame', '--masterauth', 'sesame', '--repl-diskless-sync-delay', '0'];
    const master = await started(RedisServer.start(...login));
    await started(RedisServer.start(...login, '--replicaof', `127.0.0.1 ${master.port}`));
    const sentinel = await started(RedisServer.startSentinel('flow', master.port, 'sesame'));
    const faults: unknown[] = [];
    // The host of the url does not count.
    const place = { url: 'redis://:sesame@nowhere.invalid:1/2', sentinelName: 'flow' };
    const sentinels = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${sentinel.port}`];
    const redis = await open({ ...place, sentinels }, (error) => faults.push(error));
    await redis.commands.set('a', '1');
    expect(await redis.commands.client('INFO')).toContain(' db=2 ');
    let stood = 0;
    redis.channels.listen('c', { onMessage: () => undefined, onStanding: () => (stood += 1) });
    await until(() => stood === 1);
    // Sentinel and replica know of one another, and the replica has what was written.
    await until(async () => (await sentinel.ask('SENTINEL REPLICAS flow')).includes('slave'));
    await until(async () => (await redis.commands.wait(1, 300)) === 1);

    await master.kill();
    await until(
      () =>
        redis.ready().then(
          () => true,
          () => false,
        ),
      40_000,
    );
    expect(await redis.commands.get('a')).toBe('1');
    await until(() => stood === 2);
    expect(faults.length).toBeGreaterThan(0);
    expect(JSON.stringify(faults)).not.toContain('sesame');
  });

  it('is refused when they know no such master, or are not there', async () => {
    const master = await started(RedisServer.start());
    const sentinel = await started(RedisServer.startSentinel('flow', master.port));
    const url = 'redis://nowhere.invalid';
    const others = { url, sentinels: [`127.0.0.1:${sentinel.port}`], sentinelName: 'other' };
    await expect(open(others)).rejects.toMatchObject({ code: 'redis.unavailable' });
    const nobody = { url, sentinels: [`127.0.0.1:${await freePort()}`], sentinelName: 'flow' };
    await expect(open(nobody)).rejects.toMatchObject({
      code: 'redis.unavailable',
      message: expect.stringContaining('flow of the Sentinels 127.0.0.1') as string,
    });
  });
});
