import { SeededRandom } from '@flow/testing/kernel';
import { Mongo } from '@flow/adapters/mongo';
import { migrateRelational } from '@flow/adapters/sql';
import { createConnection } from 'mysql2/promise';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { until } from '../chaos/house';
import { Service, aFolder } from '../service';
import { Plane, Servers } from './servers';

const NEWER = 999;
/** A person who looks, or a load balancer that asks every few seconds, has seen it by then; a busy machine included. */
const SEEN_WITHIN_MS = 60_000;

let servers: Servers;
let plane: Plane;
let folder: ReturnType<typeof aFolder>;
let service: Service | undefined;

beforeAll(async () => {
  servers = await Servers.open();
}, 60_000);
afterAll(() => servers.close());

beforeEach(async () => {
  const random = new SeededRandom(1);
  plane = await Plane.open(servers, 1, () => random.fraction());
  folder = aFolder();
});
afterEach(async () => {
  await service?.kill();
  service = undefined;
  servers.redis.goOn();
  await plane.close();
  folder.remove();
});

function spawn(settings: Readonly<Record<string, string>> = {}): Service {
  service = Service.spawn(folder.path, {
    SECRETS_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'info',
    ...plane.settingsOf(0),
    ...settings,
  });
  return service;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

function linesOf({ output }: Service): readonly Line[] {
  return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}

function expectNoStack({ output, errors }: Service): void {
  expect(output + errors).not.toMatch(/\n\s+at |"stack"/);
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: {
    readonly code?: string;
    readonly status?: string;
    readonly checks?: Readonly<Record<string, string>>;
  };
}

async function ask(address: string): Promise<Answered> {
  const answer = await fetch(address, { headers: { authorization: 'Bearer x' } });
  return {
    status: answer.status,
    retryAfter: answer.headers.get('retry-after'),
    body: (await answer.json()) as Answered['body'],
  };
}

const FLOW = { title: 'Adds', steps: [{ id: '0', operator: '@trigger/manual' }] };

describe('A start', () => {
  it('waits for its stores in whichever order they come, says so once for each, answers its probes, and goes on by itself', async () => {
    const [port, privatePort] = [await freePort(), await freePort()];
    const [mongoWay] = plane.waysTo('mongo');
    mongoWay!.set('held');
    await servers.redis.kill();
    await servers.mariadb.stop();
    const started = spawn({ API_SERVER_PORT: String(port), API_SERVER_PRIVATE_PORT: String(privatePort) });
    const waits = () => linesOf(started).filter(({ msg }) => msg.startsWith('the start waits for'));
    await until(() => waits().length >= 3, SEEN_WITHIN_MS);
    expect(
      waits()
        .map(({ setting }) => setting)
        .toSorted(),
    ).toEqual(['MARIADB_URL', 'MONGODB_URL', 'REDIS_URL']);
    for (const { setting, why, level } of waits()) {
      expect(why).toContain(setting);
      expect(level).toBe('warn');
    }
    const checks = { mongodb: 'down', mariadb: 'down', redis: 'down' };
    for (const at of [port, privatePort]) {
      const of = (path: string) => ask(`http://127.0.0.1:${at}${path}`);
      expect(await of('/health/alive')).toMatchObject({ status: 200, body: { status: 'up' } });
      expect(await of('/health/ready')).toMatchObject({ status: 503, body: { status: 'down', checks } });
      expect(await of('/health/startup')).toMatchObject({ status: 503, body: { status: 'down' } });
      const refused = await of('/api/automation/v1/dags');
      expect(refused).toMatchObject({ status: 503, retryAfter: '5', body: { code: 'server.starting' } });
    }
    await servers.redis.up();
    await until(() => linesOf(started).some(({ msg }) => msg === 'Redis is there'), SEEN_WITHIN_MS);
    expect((await ask(`http://127.0.0.1:${port}/health/ready`)).body.checks).toEqual({
      mongodb: 'down',
      mariadb: 'down',
    });
    await servers.mariadb.start([]);
    mongoWay!.set('open');
    await started.ready();
    await started.must('POST', '/dags', FLOW);
    expect(await ask(`http://127.0.0.1:${port}/health/ready`)).toMatchObject({ status: 200 });
    expectNoStack(started);
  }, 180_000);

  it.each(['SIGTERM'] as const)(
    'that waits ends at once with 0 by %s',
    async (signal) => {
      const started = spawn({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
      await until(() => started.output.includes('the start waits for Redis'), SEEN_WITHIN_MS);
      const since = Date.now();
      started.child.kill(signal);
      expect(await started.exited).toEqual({ code: 0, signal: null });
      expect(Date.now() - since).toBeLessThan(5_000);
      expect(started.errors).toBe('');
    },
    120_000,
  );

  it('ends at once when another program has its port, though a store is waited for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const started = spawn({ API_SERVER_PORT: String(port), REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(await started.exited).toEqual({ code: 1, signal: null });
    expect(started.errors).toContain('API_SERVER_PORT');
    taken.close();
  }, 120_000);

  const changed = (name: string, change: (url: URL) => void) => {
    const url = new URL(plane.settingsOf(0)[name]!);
    change(url);
    return { [name]: url.href };
  };

  it.each<[string, () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>, RegExp]>([
    [
      'a wrong password of MariaDB',
      () => changed('MARIADB_URL', (url) => (url.password = 'wrong-sesame')),
      /refuses the user or its password.*MARIADB_URL/,
    ],
    [
      'an unknown database of MariaDB',
      () => changed('MARIADB_URL', (url) => (url.pathname = '/none')),
      /(has no such database|does not let).*MARIADB_URL/,
    ],
    ['an address of MariaDB that is none', () => ({ MARIADB_URL: 'mysql://sesame' }), /MARIADB_URL must be an address/],
    ['MariaDB without MongoDB', () => ({ MONGODB_URL: '' }), /MONGODB_URL must be set too/],
    [
      'an address of MongoDB without a database',
      () => ({ MONGODB_URL: 'mongodb://127.0.0.1/' }),
      /MONGODB_URL must be an address/,
    ],
    ['a wrong password of Redis', withPassword, /refuses the user or the password.*REDIS_URL/],
    ['a Redis that throws keys away', evicting, /maxmemory-policy allkeys-lru.*noeviction/s],
    [
      'an unknown database of Redis',
      () => changed('REDIS_URL', (url) => (url.pathname = '/99')),
      /no such database.*REDIS_URL/,
    ],
    ['a newer schema in MongoDB', newerMongo, /MONGODB_URL has schema 999/],
    ['a newer schema in MariaDB', newerMariaDb, /MARIADB_URL has schema 999/],
  ])(
    'ends with 1 and a message that names the setting, though another store is away: %s',
    async (what, spoiled, said) => {
      const other = what.includes('Redis')
        ? changed('MARIADB_URL', (url) => (url.port = '1'))
        : { REDIS_URL: 'redis://127.0.0.1:1' };
      const started = spawn({ ...other, ...(await spoiled()) });
      try {
        expect(await started.exited).toEqual({ code: 1, signal: null });
        expect(started.errors).toMatch(said);
        expectNoStack(started);
        expect(started.output + started.errors).not.toContain('sesame');
      } finally {
        await restored();
      }
    },
    120_000,
  );

  async function withPassword() {
    await servers.redis.ask('CONFIG SET requirepass right-one');
    return changed('REDIS_URL', (url) => (url.password = 'wrong-sesame'));
  }

  async function evicting() {
    await servers.redis.ask('CONFIG SET maxmemory-policy allkeys-lru');
    return {};
  }

  async function newerMongo() {
    const mongo = await Mongo.open(plane.settingsOf(0).MONGODB_URL!);
    await mongo.collection('schema').updateOne({}, { $set: { version: NEWER } });
    await mongo.close();
    return {};
  }

  async function newerMariaDb() {
    await migrateRelational({ url: plane.settingsOf(0).MARIADB_URL!, pool: 1, tls: 'off' });
    const sql = await createConnection(plane.settingsOf(0).MARIADB_URL!);
    await sql.query(`INSERT INTO schema_migrations (version) VALUES (${NEWER})`);
    await sql.end();
    return {};
  }

  async function restored() {
    // A Redis that wants a password takes no CONFIG without it.
    await servers.redis.kill();
    await servers.redis.up();
  }
});
