import { MARIADB_MIGRATIONS } from '@flow/adapters/sql';
import { Mongo, MongoInstallationMark } from '@flow/adapters/mongo';
import { TestDatabase } from '@flow/testing/adapters/sql';
import { randomBytes } from 'node:crypto';
import { CliWorld } from './cli-world';

interface Finding {
  readonly about: string;
  readonly state: string;
  readonly message: string;
}

describe('flowctl where servers are named', () => {
  let world: CliWorld;
  let database: TestDatabase;
  let settings: Record<string, string>;
  beforeEach(async () => {
    [world, database] = [await CliWorld.open(), await TestDatabase.make()];
    const mongo = new URL(process.env.TEST_MONGO_URL ?? '');
    mongo.pathname = `/flow_doctor_${randomBytes(6).toString('hex')}`;
    settings = {
      ...{ MONGODB_URL: mongo.href, MARIADB_URL: database.url.href, REDIS_URL: process.env.TEST_REDIS_URL ?? '' },
      SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
    };
  });
  afterEach(async () => {
    await world.close();
    await database.remove();
  });

  const examine = async (more: Record<string, string> = {}) => {
    const { code, out } = await world.run(['doctor', '--json'], { ...settings, ...more });
    const { findings } = JSON.parse(out) as { findings: readonly Finding[] };
    return {
      code,
      of: (about: string) =>
        findings.filter((one) => one.about === about).map(({ state, message }) => `${state}: ${message}`),
    };
  };

  it('the doctor asks each of them, and changes nothing there', async () => {
    const found = await examine();
    expect(found.code).toBe(0);
    expect(found.of('mongodb')[0]).toMatch(/^ok: MongoDB \d+\.\d+.*, empty: a start fills it\.$/);
    expect(found.of('mariadb')).toEqual([expect.stringMatching(/^ok: MariaDB 1\d\..*, empty: a start fills it\.$/)]);
    expect(found.of('redis')).toEqual([expect.stringMatching(/^ok: Redis \d.*, maxmemory-policy noeviction\.$/)]);
    expect(await database.query('SHOW TABLES')).toEqual([]);
    await world.run(['migrate'], settings);
    expect((await examine()).of('mariadb')).toEqual([
      expect.stringContaining(`, schema ${MARIADB_MIGRATIONS.length}.`),
    ]);
  });

  it('the doctor names what keeps a start from using them, without passwords', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'hidden-4711';
    const found = await examine({
      ...{ MONGODB_URL: 'mongodb://flow:hidden-4711@127.0.0.1:1/flow', MARIADB_URL: wrong.href },
      ...{ REDIS_URL: 'redis://:hidden-4711@127.0.0.1:1/0', SECRETS_KEY: '' },
    });
    expect(found.code).toBe(1);
    expect(found.of('mongodb')).toEqual([
      expect.stringMatching(/^fault: MongoDB \(MONGODB_URL\) cannot be used: no server answers/),
    ]);
    expect(found.of('mariadb')).toEqual([
      expect.stringMatching(/^fault: MariaDB at .* refuses the user or its password/),
    ]);
    expect(found.of('redis')).toEqual([expect.stringMatching(/^fault: Redis at 127\.0\.0\.1:1 \(REDIS_URL\)/)]);
    expect(found.of('settings').join()).toContain('SECRETS_KEY must be set too');
    expect((await world.run(['doctor'], { ...settings, MARIADB_URL: wrong.href })).out).not.toContain('hidden');
  });

  it('the doctor tells which installation the servers are of, and of two', async () => {
    expect((await examine()).of('installation')).toEqual(['ok: The first start makes its id.']);
    const mongo = await Mongo.open(settings.MONGODB_URL ?? '');
    const mark = new MongoInstallationMark(mongo);
    await mark.put('01HINSTALLATION00000000001');
    await mark.settle();
    await world.run(['migrate'], settings);
    const another = await examine();
    expect(another.code).toBe(1);
    expect(another.of('installation')).toEqual([
      expect.stringMatching(/^fault: MariaDB \(MARIADB_URL\) belongs to no installation/),
    ]);
    await database.query("INSERT INTO installation VALUES (1, '01HINSTALLATION00000000001')");
    expect((await examine()).of('installation')).toEqual([
      'ok: All servers are of the installation 01HINSTALLATION00000000001.',
    ]);
    await mongo.drop();
    await mongo.close();
  });

  it('backup, restore and compact say what to use instead', async () => {
    await world.fill();
    for (const [args, instead] of [
      [['backup', world.path('copy')], 'mongodump'],
      [['restore', world.path('copy')], 'mongorestore'],
      [['compact'], 'OPTIMIZE TABLE'],
    ] as const) {
      const { code, out, err } = await world.run(args, settings);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain('MONGODB_URL and MARIADB_URL are set');
      expect(err.replace(/\s+/g, ' ')).toContain(instead);
    }
    expect((await world.run(['compact'], { ...settings, MONGODB_URL: '', MARIADB_URL: '' })).code).toBe(0);
  });
});
