import { Redis } from 'ioredis';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = resolve(__dirname, '../../scripts/services.sh');

/** scripts/services.sh itself, with a Redis of its own in a folder of its own. */
describe('The script that starts real servers', () => {
  let folder: string;
  let port: number;

  const run = (...words: string[]) =>
    new Promise<{ code: number | null; output: string }>((done, failed) => {
      const child = spawn(SCRIPT, words, {
        env: { ...process.env, SERVICES_DIR: folder, SERVICES_REDIS_PORT: String(port) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.once('error', failed);
      child.once('exit', (code) => done({ code, output }));
    });
  const pid = () => Number(readFileSync(join(folder, 'redis', 'pid'), 'utf8').split(' ')[0]);
  const written = () => readFileSync(join(folder, 'env'), 'utf8');
  const ask = async <T>(question: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(port, '127.0.0.1');
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  const listen = (at: number) =>
    new Promise<Server>((done) => {
      const server = createServer().listen(at, '127.0.0.1', () => done(server));
    });
  const close = (server: Server) => promisify(server.close.bind(server))();

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flow-servers-'));
    const free = await listen(0);
    ({ port } = free.address() as AddressInfo);
    await close(free);
  });
  afterEach(async () => {
    await run('down');
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts a server once, tells where it is, and ends it', async () => {
    const first = await run('up', 'redis');
    expect(first.output).toMatch(new RegExp(`redis +up +redis://127.0.0.1:${port}/0 +Redis`));
    expect(first.code).toBe(0);
    expect(written()).toBe(`TEST_REDIS_URL=redis://127.0.0.1:${port}/0\n`);
    const started = pid();
    expect((await run('up', 'redis')).code).toBe(0);
    expect(pid()).toBe(started);
    expect(await ask((redis) => redis.set('a', 'kept'))).toBe('OK');

    expect(await run('down', 'redis')).toEqual({ code: 0, output: 'redis ended.\n' });
    expect((await run('status', 'redis')).code).toBe(1);
    expect(existsSync(join(folder, 'env'))).toBe(false);
    expect(await run('down', 'redis')).toEqual({ code: 0, output: '' });

    await run('up', 'redis');
    expect(await ask((redis) => redis.get('a'))).toBe('kept');
  });

  it('starts a server again that died, and says of a dead one that it is down', async () => {
    await run('up', 'redis');
    const died = pid();
    process.kill(died, 'SIGKILL');
    const status = await run('status', 'redis');
    expect(status.output).toMatch(/redis +down/);
    expect(status.code).toBe(1);
    expect((await run('up', 'redis')).code).toBe(0);
    expect(pid()).not.toBe(died);
    expect(await ask((redis) => redis.ping())).toBe('PONG');
  });

  it('leaves a port alone that others use, and names the setting', async () => {
    const other = await listen(port);
    const refused = await run('up', 'redis');
    await close(other);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(`port ${port} of 127.0.0.1 is taken`);
    expect(refused.output).toContain('SERVICES_REDIS_PORT');
    expect(existsSync(join(folder, 'env'))).toBe(false);
  });

  it('shows the end of the log of a server that cannot start', async () => {
    await run('up', 'redis');
    await run('down', 'redis');
    rmSync(join(folder, 'redis', 'appendonlydir'), { recursive: true });
    writeFileSync(join(folder, 'redis', 'appendonlydir'), 'a file where Redis wants its folder');
    const refused = await run('up', 'redis');
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/redis does not answer on port \d+: it does not run/);
    expect(refused.output).toContain('appendonlydir');
  });

  it('refuses a word or a name that it does not know', async () => {
    const [word, name] = [await run('start'), await run('up', 'postgres')];
    expect(word.output).toContain('say up, down or status');
    expect(name.output).toContain('no server named postgres');
    expect([word.code, name.code]).toEqual([1, 1]);
  });
});
