import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { builtMain } from '../../../test/build';
import { Service, TOKEN } from '../../../test/service';
import { openEmbedded } from '@flow/composition';
import { SystemRandom } from '@flow/platform';
import { openSecretBox } from '@flow/secrets';

export { ROOT } from '../../../test/build';
export { TOKEN };

type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** The real command and, where a test wants it, the real service, each as a process of its own, in a folder of their own. */
export class CliWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'flowctl-'));
  readonly dataDir = this.path('data');
  private service: Service | undefined;

  private constructor(
    private readonly command: string,
    readonly ports: readonly [number, number],
  ) {}

  static async open(): Promise<CliWorld> {
    // A build has all apps beside each other.
    const command = resolve(builtMain(), '../../../cli/src/main.js');
    return new CliWorld(command, [await freePort(), await freePort()]);
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  write(name: string, content: string): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  /** Runs to its end, in the world's folder, with its settings; `environment` changes them. */
  run(args: readonly string[], environment: Environment = {}, input = ''): Promise<Ended> {
    return this.start(args, environment, input).ended;
  }

  /** In a process group of its own, as a terminal starts a command. */
  start(args: readonly string[], environment: Environment = {}, input = ''): Running {
    const child = spawn(process.execPath, [this.command, ...args], {
      cwd: this.folder,
      env: this.environment(environment),
      detached: true,
      stdio: 'pipe',
    });
    child.stdin.end(input);
    return { child, ended: endOf(child) };
  }

  /** Until it is ready. Data of an earlier start is found again. */
  async serve(environment: Environment = {}): Promise<number> {
    this.service = await Service.start(this.folder, { ...this.settings(), ...environment });
    return this.service.child.pid ?? 0;
  }

  async stopService(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.service?.kill(signal);
    this.service = undefined;
  }

  /** A data folder as a first start leaves it, that nobody has. */
  async fill(): Promise<void> {
    mkdirSync(this.dataDir);
    openSecretBox(this.dataDir, undefined, new SystemRandom());
    await (await openEmbedded(this.dataDir)).close();
  }

  call(path: string, body?: object): Promise<unknown> {
    if (!this.service) throw new Error('The service does not run.');
    return this.service.must(body ? 'POST' : 'GET', path, body);
  }

  async close(): Promise<void> {
    await this.stopService('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private settings(): Record<string, string> {
    return {
      DATA_DIR: this.dataDir,
      API_SERVER_PORT: String(this.ports[0]),
      API_SERVER_PRIVATE_PORT: String(this.ports[1]),
      ADMIN_TOKEN: TOKEN,
    };
  }

  private environment(more: Environment): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.folder, FLOW_TOKEN: TOKEN, ...this.settings(), ...more };
  }
}

/** A definition that runs at once to a result. */
export function aFlow(title: string): object {
  return {
    title,
    steps: [
      { id: 'start', operator: '@trigger/form', parameters: { fields: [{ key: 'name', type: 'string' }] } },
      { id: 'end', operator: '@internal/return', parameters: { hello: '{{trigger.name}}' } },
    ],
  };
}

/** What stands in a folder, each file by its digest; who held the lock last, and SQLite's own index of its log, are no content. */
export function contentOf(folder: string): Record<string, string> {
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('lock.db') && !name.endsWith('-shm') && statSync(join(folder, name)).isFile(),
  );
  return Object.fromEntries(names.map((name) => [name, digest(name)]));
}

/** Asks again until it is so; fails after thirty seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 30_000; !(await isSo());) {
    if (Date.now() > endMs) throw new Error('It did not come about within thirty seconds.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Below the range from which the system gives ports by itself: what was free stays free until it is taken. Each test process has a part of its own. */
let nextPort = 20_000 + (Number(process.env.JEST_WORKER_ID ?? 1) % 100) * 100;

async function freePort(): Promise<number> {
  for (;;) {
    const port = (nextPort += 1);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (err += piece.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
