import { TestDatabase } from '@flow/testing/adapters/sql';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { Service } from '../../../test/service';
import { CliWorld, until, type Ended } from './cli-world';

export interface Hit {
  readonly path: string;
  readonly key: string | undefined;
  readonly secret: unknown;
  readonly body: string;
}

/** Somebody outside: who asks for `/hang` is answered when it is let go. */
class Outside {
  readonly hits: Hit[] = [];
  isHanging = true;
  private readonly held: ServerResponse[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Outside> {
    const server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (piece: Buffer) => (body += piece.toString()));
      incoming.on('end', () => {
        const key = incoming.headers['idempotency-key'];
        const path = incoming.url ?? '';
        outside.hits.push({
          path,
          key: key === undefined ? undefined : String(key),
          secret: incoming.headers['x-api-key'],
          body,
        });
        if (path === '/hang' && outside.isHanging) outside.held.push(response);
        else
          response
            .writeHead(path === '/gone' ? 410 : path === '/later' ? 503 : 200, { 'content-type': 'application/json' })
            .end(path === '/big' ? JSON.stringify({ all: 'x'.repeat(60_000) }) : '{}');
      });
    });
    const outside = new Outside(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return outside;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  of(path: string): readonly Hit[] {
    return this.hits.filter((hit) => hit.path === path);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

type Environment = Readonly<Record<string, string>>;

/** A data folder that is served, then moved into databases of its own, and processes on those. */
export class MoveWorld {
  private readonly services: Service[] = [];

  private constructor(
    readonly cli: CliWorld,
    readonly outside: Outside,
    readonly database: TestDatabase,
    readonly mongo: URL,
  ) {}

  static async open(): Promise<MoveWorld> {
    const mongo = new URL(process.env.TEST_MONGO_URL ?? '');
    mongo.pathname = `/flow_move_${randomBytes(6).toString('hex')}`;
    return new MoveWorld(await CliWorld.open(), await Outside.open(), await TestDatabase.make(), mongo);
  }

  /** On the folder, from now on `this.service`. */
  serveFolder(): Promise<Service> {
    const settings = { OUTBOUND_ALLOW: '127.0.0.1', STEP_OUTPUT_LIMIT: '16KiB', LOG_LEVEL: 'error' };
    return this.start(this.cli.dataDir, settings);
  }

  /** A process of an installation on the databases, without Redis. */
  serveDatabases(more: Environment = {}): Promise<Service> {
    return this.start(this.cli.path(`node-${this.services.length}`), this.production(more));
  }

  production(more: Environment = {}): Record<string, string> {
    return {
      ...{ OUTBOUND_ALLOW: '127.0.0.1', STEP_OUTPUT_LIMIT: '16KiB', LOG_LEVEL: 'error' },
      ...this.settings(),
      ...more,
    };
  }

  settings(): Record<string, string> {
    return { MONGODB_URL: this.mongo.href, MARIADB_URL: this.database.url.href, SECRETS_KEY: this.key };
  }

  get key(): string {
    const lines = readFileSync(this.cli.path('data', 'secrets.key'), 'utf8').split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('#')).join(',');
  }

  move(more: Environment = {}, ...args: readonly string[]): Promise<Ended> {
    return this.cli.run(['migrate', '--from', 'embedded', '--to', 'production', ...args], {
      ...this.settings(),
      ...more,
    });
  }

  private async start(folder: string, settings: Environment): Promise<Service> {
    mkdirSync(folder, { recursive: true });
    const service = await Service.start(folder, settings);
    this.services.push(service);
    return service;
  }

  async close(): Promise<void> {
    for (const service of this.services) await service.kill();
    this.outside.close();
    await this.database.remove();
    const { createConnection } = await import('mongoose');
    const connection = await createConnection(this.mongo.href).asPromise();
    await connection.dropDatabase();
    await connection.close();
    await this.cli.close();
  }
}

export const step = (id: string, operator: string, parameters: object = {}, more: object = {}) => ({
  id,
  operator,
  parameters,
  ...more,
});

/** As whoever holds a callback address: no token, and the place where the service is now. */
export async function callBack(service: Service, url: string, body: object): Promise<number> {
  const { statusCode, body: answer } = await request(`${service.address}${new URL(url).pathname}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await answer.dump();
  return statusCode;
}

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
}

export async function statusIs(service: Service, id: string, ...status: readonly string[]): Promise<Shown> {
  let shown = { id, status: '', result: null } as Shown;
  await until(async () => {
    shown = await service.must<Shown>('GET', `/instances/${id}`);
    return status.includes(shown.status);
  });
  return shown;
}
