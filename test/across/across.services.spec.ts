import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { ended, killed, pause, strikeAcross, zombie, type Fault } from './faults';
import { Nodes } from './nodes';

const SEED = Number(process.env.SEED ?? 1);
const ROUNDS = Number(process.env.ROUNDS ?? 1);

function address(name: 'TEST_MONGO_URL' | 'TEST_MARIADB_URL' | 'TEST_REDIS_URL'): string {
  const url = process.env[name];
  if (!url) throw new Error(`${name} is not set: run scripts/services.sh up, then npm run test:services.`);
  return url;
}

/** Stores of their own for each run. */
async function stores(): Promise<{ settings: Readonly<Record<string, string>>; remove(): Promise<void> }> {
  const name = `flow_across_${randomBytes(6).toString('hex')}`;
  const mongo = new URL(address('TEST_MONGO_URL'));
  mongo.pathname = `/${name}`;
  const mariadb = new URL(address('TEST_MARIADB_URL'));
  const server = await createConnection(mariadb.href);
  await server.query(`CREATE DATABASE ${name}`);
  mariadb.pathname = `/${name}`;
  return {
    settings: {
      MONGODB_URL: mongo.href,
      MARIADB_URL: mariadb.href,
      REDIS_URL: address('TEST_REDIS_URL'),
      REDIS_PREFIX: `${name}:`,
    },
    remove: async () => {
      await server.query(`DROP DATABASE ${name}`);
      await server.end();
    },
  };
}

describe('Three processes on the same stores lose nothing and do nothing twice', () => {
  it.each<[string, readonly Fault[]]>([
    ['when one of them is killed', [killed]],
    ['when one of them is away for so long that the others take over, and comes back', [zombie]],
    ['when one of them is away for a moment', [pause]],
    ['when one of them is told to stop', [ended]],
  ])(
    '%s',
    async (_what, faults) => {
      const all = Array.from({ length: ROUNDS }, () => faults).flat();
      const { settings, remove } = await stores();
      const found = await strikeAcross(settings, all, { seed: SEED }).finally(remove);
      expect(found.violations).toEqual([]);
      expect(found.hits).toBe(found.faults);
      expect(found.runs).toBeGreaterThan(10);
    },
    900_000,
  );

  it('and refuse a DAG that limits how many run at once, which they cannot keep yet', async () => {
    const { settings, remove } = await stores();
    const nodes = new Nodes(1, settings);
    try {
      await nodes.startAll();
      const steps = [{ id: '0', operator: '@trigger/manual' }];
      const limited = { title: 'Limited', steps, concurrency: { max: 1, onFull: 'queue' } };
      const { id } = await nodes.must<{ id: string }>('POST', '/dags', limited);
      const { status, text } = await nodes.call('POST', `/dags/${id}/run`, {});
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([422, 'concurrency.not_shared']);
      expect((await nodes.must<{ total: number }>('GET', '/instances?limit=1&count=true')).total).toBe(0);
    } finally {
      await nodes.close();
      await remove();
    }
  }, 120_000);
});
