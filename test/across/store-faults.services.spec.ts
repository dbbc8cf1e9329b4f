import { SeededRandom } from '@flow/testing/kernel';
import { randomBytes } from 'node:crypto';
import { after, until } from '../chaos/house';
import { Service, aFolder } from '../service';
import { Plane, Servers } from './servers';

const SEEN_WITHIN_MS = 60_000;
/** So long that a log which told of every failure would be full of it. */
const LASTS_MS = 3_000;
const ANSWERED_WITHIN_MS = 25_000;

interface StoreFault {
  readonly what: string;
  readonly strike: () => Promise<unknown>;
  readonly mend: () => Promise<unknown>;
  /** The check of /health/ready that says so, and the setting that the log names. */
  readonly check: string;
  readonly setting: string;
  /** Something that cannot be done meanwhile; nothing is where nothing is lost but haste. */
  readonly refused?: readonly ['PUT' | 'POST', string, object];
}

describe('A store that goes away under a running service', () => {
  let servers: Servers;
  let plane: Plane;
  let service: Service;
  const folder = aFolder();
  let dag: string;

  beforeAll(async () => {
    servers = await Servers.open();
    const random = new SeededRandom(1);
    plane = await Plane.open(servers, 1, () => random.fraction());
    service = await Service.start(folder.path, {
      SECRETS_KEY: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'info',
      ...plane.settingsOf(0),
    });
    const steps = [{ id: '0', operator: '@trigger/manual' }];
    dag = (await service.must<{ id: string }>('POST', '/dags', { title: 'Adds', steps })).id;
  }, 120_000);
  afterAll(async () => {
    await service.kill();
    servers.redis.goOn();
    await plane.close();
    await servers.close();
    folder.remove();
  });

  const variable = ['PUT', '/variables/limit', { value: 'ten' }] as const;
  const faults: readonly StoreFault[] = [
    {
      what: 'MariaDB that is killed',
      strike: () => servers.mariadb.stop('SIGKILL'),
      mend: () => servers.mariadb.start([]),
      check: 'mariadb',
      setting: 'MARIADB_URL',
      refused: variable,
    },
    {
      what: 'MariaDB that is read-only',
      strike: () => servers.mariadb.start(['--read-only=ON']),
      mend: () => servers.mariadb.start([]),
      check: 'mariadb',
      setting: 'MARIADB_URL',
      refused: variable,
    },
    {
      what: 'MariaDB to which nothing passes any more',
      strike: async () => plane.waysTo('mariadb')[0]!.set('held'),
      mend: async () => plane.waysTo('mariadb')[0]!.set('open'),
      check: 'mariadb',
      setting: 'MARIADB_URL',
      refused: variable,
    },
    {
      what: 'Redis that is killed',
      strike: () => servers.redis.kill(),
      mend: () => servers.redis.up(),
      check: 'redis',
      setting: 'REDIS_URL',
    },
    {
      what: 'Redis that hangs',
      strike: async () => servers.redis.hang(),
      mend: async () => servers.redis.goOn(),
      check: 'redis',
      setting: 'REDIS_URL',
    },
    {
      what: 'Redis that is full',
      strike: () => servers.redis.ask('CONFIG SET maxmemory 1'),
      mend: () => servers.redis.ask('CONFIG SET maxmemory 0'),
      check: 'redis',
      setting: 'REDIS_URL',
    },
    {
      what: 'MongoDB to which nothing passes any more',
      strike: async () => plane.waysTo('mongo')[0]!.set('held'),
      mend: async () => plane.waysTo('mongo')[0]!.set('open'),
      check: 'store',
      setting: 'MONGODB_URL',
      refused: ['POST', '/dags', { title: 'Refused', steps: [{ id: '0', operator: '@trigger/manual' }] }],
    },
  ];

  it.each(faults.map((fault) => [fault.what, fault] as const))(
    'is told once, is not ready, refuses what needs it with the time to come back, and loses nothing: %s',
    async (_what, { strike, mend, check, setting, refused }) => {
      const from = service.output.length;
      const before = await start();
      const counted = await unavailable();
      await strike();
      await until(async () => (await ready()).body.checks[check] === 'down', SEEN_WITHIN_MS);
      const struckAt = Date.now();
      if (refused) await expectRefused(refused);
      else await start();
      while (Date.now() < struckAt + LASTS_MS) {
        await ready();
        await after(200);
      }
      await mend();
      await until(async () => (await ready()).status === 200, SEEN_WITHIN_MS);
      for (const id of before) await service.must('GET', `/instances/${id}`);
      await start();

      const lines = linesIn(service.output.slice(from));
      const told = lines.filter((line) => line.check === check);
      expect(told.map(({ msg }) => msg)).toEqual([
        'not ready: this process takes no requests until it is back',
        'it is back',
      ]);
      // What is slower than a probe waits is told as that alone.
      if (!String(told[0]!.why).startsWith('took longer')) expect(told[0]!.why).toContain(setting);
      const kinds = lines
        .filter(({ level }) => level === 'warn')
        .map(({ msg, code, check: of }) => `${msg} ${code} ${of}`);
      expect(kinds).toHaveLength(new Set(kinds).size);
      expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
      expect(service.output + service.errors).not.toContain('"stack"');
      if (refused) expect(await unavailable()).toBeGreaterThan(counted);
    },
    180_000,
  );

  /** Three runs that were acknowledged. */
  async function start(): Promise<readonly string[]> {
    const begin = () => service.must<{ id: string }>('POST', `/dags/${dag}/run`, {});
    return (await Promise.all([begin(), begin(), begin()])).map(({ id }) => id);
  }

  async function expectRefused([method, path, body]: NonNullable<StoreFault['refused']>): Promise<void> {
    const since = Date.now();
    const answer = await fetch(`${service.address}/api/automation/v1${path}`, {
      method,
      headers: { authorization: 'Bearer the-admin-token-of-the-system-tests-only', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(Date.now() - since).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  async function ready() {
    const answer = await fetch(`${service.address}/health/ready`);
    return { status: answer.status, body: (await answer.json()) as { checks: Readonly<Record<string, string>> } };
  }

  /** What could not be done, by the metric. */
  async function unavailable(): Promise<number> {
    const text = await (await fetch(`${service.privateAddress}/metrics`)).text();
    return [...text.matchAll(/^flow_unavailable_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  }
});

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly check?: string;
  readonly why?: string;
  readonly code?: string;
}

function linesIn(output: string): readonly Line[] {
  return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}
