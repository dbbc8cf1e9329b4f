import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { builtMain } from './build';

export const TOKEN = 'the-admin-token-of-the-system-tests-only';
const PREFIX = '/api/automation/v1';
/** Far beyond what anything takes: what has not come about by then never does, and a run that waits for it would tell nobody. */
const NEVER_MS = 120_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** What a request that must succeed was answered with. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the shape once, at the call
export function bodyOf<T>(request: string, { status, text }: Reply): T {
  if (status >= 300) throw new Error(`${request}: ${status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** What each thread of a process does, as the kernel says it: the evidence when it hangs. */
export function threadsOf(pid: number | string | undefined): string {
  const tasks = `/proc/${pid}/task`;
  try {
    return readdirSync(tasks)
      .map((id) => {
        const [name, state] = ['comm', 'wchan'].map((file) => readFileSync(join(tasks, id, file), 'utf8').trim());
        return `${name} in ${state}`;
      })
      .join(', ');
  } catch {
    return 'not to be seen here';
  }
}

/** Whoever is asked: one process, or several as one. */
export type Target = Pick<Service, 'call' | 'must' | 'running'>;

/** A folder that is gone when the test is over. */
export function aFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'flow-system-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The built service as a process of its own, on free ports. */
export class Service {
  readonly exited: Promise<Exit>;
  /** Where callers reach it when a wire lies between. */
  via: string | undefined;
  private readonly agent = new Agent({ connections: 64, headersTimeout: NEVER_MS, bodyTimeout: NEVER_MS });
  /** It neither ended nor got ready, and was killed. */
  hung = false;
  private out = '';
  private err = '';

  private constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString('utf8')));
    child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk.toString('utf8')));
    this.exited = new Promise((resolve) =>
      // `close` comes when everything that it wrote is here.
      child.once('close', (code, signal) => {
        void this.agent.destroy();
        resolve({ code, signal });
      }),
    );
  }

  /** Starts a process; it may end before it is ready. */
  static spawn(folder: string, environment: Readonly<Record<string, string>> = {}, main = builtMain()): Service {
    return new Service(
      spawn(process.execPath, [main], {
        // Where no .env of anybody stands.
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH,
          DATA_DIR: folder,
          API_SERVER_PORT: '0',
          API_SERVER_PRIVATE_PORT: '0',
          ADMIN_TOKEN: TOKEN,
          LOG_LEVEL: 'warn',
          ...environment,
        },
      }),
    );
  }

  /** Starts a process and waits until it is ready. */
  static async start(
    folder: string,
    environment: Readonly<Record<string, string>> = {},
    main = builtMain(),
  ): Promise<Service> {
    const service = Service.spawn(folder, environment, main);
    await service.ready();
    return service;
  }

  get output(): string {
    return this.out;
  }

  get errors(): string {
    return this.err;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** `http://127.0.0.1:8082`, as the process printed it. */
  get address(): string {
    const address = /public API\s+(\S+)/.exec(this.out)?.[1];
    if (address === undefined) throw new Error(`It is not ready:\n${this.out}${this.err}`);
    return address;
  }

  get privateAddress(): string {
    const address = /(?:private API|probes)\s+(\S+)/.exec(this.out)?.[1];
    if (address === undefined) throw new Error(`It is not ready:\n${this.out}${this.err}`);
    return address;
  }

  /** Resolves when it has printed that it is ready; throws when it ended before, or was killed because it neither ended nor came to it. */
  async ready(withinMs = NEVER_MS): Promise<void> {
    const never = setTimeout(() => {
      this.hung = true;
      this.err += `\nIt is not ready after ${withinMs} ms; its threads: ${threadsOf(this.child.pid)}\n`;
      this.child.kill('SIGKILL');
    }, withinMs);
    const told = new Promise<void>((resolve) => {
      const look = () => {
        if (this.out.includes('is ready') && /(private API|probes)\s+\S+\n/.test(this.out)) resolve();
      };
      this.child.stdout?.on('data', look);
      look();
    });
    const ended = await Promise.race([told, this.exited]);
    clearTimeout(never);
    if (ended) throw new Error(`It ended before it was ready (${JSON.stringify(ended)}):\n${this.out}${this.err}`);
  }

  /** Throws when the connection breaks: then nobody knows what became of the request. */
  async call(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
    token = TOKEN,
    at = this.via ?? this.address,
  ): Promise<Reply> {
    const response = await request(`${at}${PREFIX}${path}`, {
      dispatcher: this.agent,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  }

  async must<T>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    return bodyOf(`${method} ${path}`, await this.call(method, path, body, headers));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    if (this.running) this.child.kill(signal);
    return this.exited;
  }

  async stop(): Promise<Exit> {
    return this.kill('SIGTERM');
  }
}
