import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMES_UP_MS = 20_000;

/** The server that tests share; each takes a prefix of its own and leaves others' keys alone. */
export function testRedisUrl(): string {
  const url = process.env.TEST_REDIS_URL;
  if (!url) throw new Error('Set TEST_REDIS_URL to a Redis for tests, as in redis://127.0.0.1:16379.');
  return url;
}

/** A real redis-server of one test's own, to be killed, made to hang or emptied. It keeps nothing over a restart. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly args: readonly string[],
  ) {}

  static async start(...args: readonly string[]): Promise<RedisServer> {
    const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'flow-redis-'))];
    const keeps = ['--dir', folder, '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
    const server = new RedisServer(port, folder, ['--port', String(port), '--bind', '127.0.0.1', ...keeps, ...args]);
    await server.up();
    return server;
  }

  /** One that looks after the master on this port, and decides alone. */
  static async startSentinel(name: string, master: number, password?: string): Promise<RedisServer> {
    const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'flow-redis-'))];
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${master} 1`,
      `sentinel down-after-milliseconds ${name} 500`,
      `sentinel failover-timeout ${name} 5000`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${name} ${password}`]),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const server = new RedisServer(port, folder, [file, '--sentinel']);
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Comes up again on the same port, empty. */
  async up(): Promise<void> {
    const child = spawn('redis-server', [...this.args], { stdio: 'ignore' });
    this.child = child;
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
    await Promise.race([this.answers(), failed]);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Takes connections and bytes, and answers nothing. */
  hang(): void {
    this.child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const until = Date.now() + COMES_UP_MS;
    while (!(await this.ping())) {
      if (Date.now() > until) throw new Error(`redis-server on port ${this.port} does not come up.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private async ping(): Promise<boolean> {
    // One that wants a password says so, and is up.
    return /^(\+PONG|-NOAUTH)/.test(await this.ask('PING').catch(() => ''));
  }

  /** What it says to a command, as it comes over the wire. */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`${command}\r\n`));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.once('error', reject);
    });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when it is so; fails when that takes longer than anything here may. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It has not come to be within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
