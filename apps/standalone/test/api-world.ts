import { API_PREFIX, type ServerName } from '@flow/http';
import type { Permission } from '@flow/auth';
import { createLog } from '@flow/observability';
import { loadSettings, type SettingName } from '@flow/settings';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { startService, type Service } from '@flow/composition';
import { STANDALONE } from '../src/standalone.app';

export type Body = string | Buffer | object | number | boolean | null;

export interface Ask {
  /** The admin's when left out; null sends none. */
  readonly token?: string | null;
  readonly domain?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly server?: 'public' | 'private';
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
}

export class Answer {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string | string[] | undefined>>,
    readonly text: string,
  ) {}

  /** The body as JSON; the caller knows its shape. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the shape once, at the call
  as<T>(): T {
    return JSON.parse(this.text) as T;
  }

  get json(): unknown {
    return JSON.parse(this.text) as unknown;
  }

  get problem(): Problem {
    return this.as<Problem>();
  }

  get id(): string {
    return this.as<{ id: string }>().id;
  }
}

export const ADMIN_TOKEN = 'the-admin-token-of-the-api-tests-only';

/** A whole service in this process, on free ports of the loopback and a folder of its own; asked over real HTTP. */
export class ApiWorld {
  private readonly pools = new Map<string, Pool>();
  private lines = '';
  private count = 0;

  private constructor(
    private readonly environment: Readonly<Partial<Record<SettingName, string>>>,
    readonly folder: string,
    private running: Service | undefined,
  ) {}

  static async open(environment: Readonly<Partial<Record<SettingName, string>>> = {}): Promise<ApiWorld> {
    const world = new ApiWorld(environment, mkdtempSync(join(tmpdir(), 'flow-api-')), undefined);
    await world.start();
    return world;
  }

  get standalone(): Service {
    if (!this.running) throw new Error('The service is stopped.');
    return this.running;
  }

  addressOf(server: ServerName): string {
    const address = this.standalone.addresses[server];
    if (address === undefined) throw new Error(`The ${server} server is not open.`);
    return address;
  }

  /** Everything that was logged so far, at level trace. */
  get log(): string {
    return this.lines;
  }

  /** The lines of level error, cut to what a person reads. */
  get errors(): string[] {
    return this.lines
      .split('\n')
      .filter((line) => line.includes('"level":"error"') || line.includes('"level":"fatal"'))
      .map((line) => line.slice(0, 1_500));
  }

  /** A business domain that nobody has used yet: a world of its own for one test. */
  newDomain(): string {
    this.count += 1;
    return `domain-${this.count}`;
  }

  /** Sends what it is told; the path goes behind the prefix unless it begins with `//` (`//docs` is `/docs`). */
  async call(method: string, path: string, body?: Body, ask: Ask = {}): Promise<Answer> {
    const { token = ADMIN_TOKEN, domain, headers, server = 'public' } = ask;
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await this.poolOf(server).request({
      method,
      path: path.startsWith('//') ? path.slice(1) : `${API_PREFIX}${path}`,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(domain !== undefined && { 'x-business-domain': domain }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
    });
    return new Answer(response.statusCode, response.headers, await response.body.text());
  }

  /** As `call`, for what must succeed. */
  async must(method: string, path: string, body?: Body, ask: Ask = {}): Promise<Answer> {
    const answer = await this.call(method, path, body, ask);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** A token with these permissions, in these domains ('*' when left out). */
  async token(permissions: readonly Permission[], domains: readonly string[] = ['*']): Promise<string> {
    const made = await this.must('POST', '/me/tokens', { name: 'test', permissions, domains });
    return made.as<{ token: string }>().token;
  }

  /** The ids of all DAGs of a domain, with their revisions' times: what must stay as it is when a request is refused. */
  async dagsOf(domain: string): Promise<string> {
    return (await this.must('GET', '/dags?limit=200&count=true', undefined, { domain })).text;
  }

  async start(): Promise<void> {
    const { settings } = loadSettings({
      folder: this.folder,
      environment: {
        API_SERVER_PORT: '0',
        API_SERVER_PRIVATE_PORT: '0',
        DATA_DIR: this.folder,
        ADMIN_TOKEN,
        ...this.environment,
      },
    });
    const log = createLog({
      level: 'trace',
      format: 'json',
      destination: { write: (line: string) => void (this.lines += line) },
    });
    this.running = await startService(STANDALONE, settings, log, (error) => {
      throw error;
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
    this.pools.clear();
    await this.running?.stop();
    this.running = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private poolOf(server: 'public' | 'private'): Pool {
    const known = this.pools.get(server);
    if (known) return known;
    const pool = new Pool(this.addressOf(server), { connections: 64 });
    this.pools.set(server, pool);
    return pool;
  }
}

export const MANUAL = { id: 'start', operator: '@trigger/manual' };

/** A definition of a DAG that runs at once to a result. */
export function aDefinition(title: string, more: object = {}): object {
  return {
    title,
    steps: [MANUAL, { id: 'end', operator: '@internal/return', parameters: { answer: 42 } }],
    ...more,
  };
}

/** Waits for a fact that comes about by itself; fails after ten seconds. */
export async function until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const endMs = Date.now() + 30_000; ;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error('It did not come about within thirty seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
