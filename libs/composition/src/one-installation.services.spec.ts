import { MongoInstallationMark, Mongo, MongoWorkerLog } from '@flow/adapters/mongo';
import { RedisConnection, RedisOfAnotherInstallation } from '@flow/adapters/redis';
import { TestDatabase } from '@flow/testing/adapters/sql';
import type { WorkerId } from '@flow/kernel';
import { FailpointHit, StoresMixed, SystemClock, SystemRandom, armFailpoint } from '@flow/platform';
import { loadSettings } from '@flow/settings';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { openProduction } from './adapters.production';

const given = (name: string): string => {
  const address = process.env[name];
  if (!address) throw new Error(`${name} is not set: run scripts/services.sh up.`);
  return address;
};

const WAITING = {
  clock: new SystemClock(),
  random: new SystemRandom(),
  signal: new AbortController().signal,
  onWait: () => undefined,
  onThere: () => undefined,
};

/** Servers that nobody else uses, of one installation after the first start on them. */
class World {
  private constructor(
    readonly mongodbUrl: string,
    readonly database: TestDatabase,
    readonly prefix: string,
  ) {}

  static async open(): Promise<World> {
    const name = `flow_installation_${randomBytes(6).toString('hex')}`;
    const mongo = Object.assign(new URL(given('TEST_MONGO_URL')), { pathname: `/${name}` });
    return new World(mongo.href, await TestDatabase.make(), `${name}:`);
  }

  /** A start, up to where its stores are open; `other` are servers in the place of these. */
  async start(other: Partial<Pick<World, 'mongodbUrl' | 'database' | 'prefix'>> = {}): Promise<void> {
    const { mongodbUrl = this.mongodbUrl, database = this.database, prefix = this.prefix } = other;
    const { settings } = loadSettings({
      folder: tmpdir(),
      environment: {
        MONGODB_URL: mongodbUrl,
        MARIADB_URL: database.url.href,
        REDIS_URL: given('TEST_REDIS_URL'),
        REDIS_PREFIX: prefix,
        SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
        ADMIN_TOKEN: 'the-admin-token-of-this-test-only',
      },
    });
    const stores = await openProduction(settings, () => undefined, WAITING);
    await stores.close();
  }

  async ids(): Promise<readonly (string | undefined)[]> {
    const [row] = await this.database.query('SELECT id FROM installation');
    return this.within(async (mongo, redis) => [
      (await new MongoInstallationMark(mongo).find())?.id,
      row && String(row.id),
      (await redis.commands.get(redis.key('installation'))) ?? undefined,
    ]);
  }

  async within<T>(work: (mongo: Mongo, redis: RedisConnection) => Promise<T>): Promise<T> {
    const mongo = await Mongo.open(this.mongodbUrl, { for: 'look', poolSize: 1 });
    const place = { url: given('TEST_REDIS_URL'), prefix: this.prefix };
    const redis = await RedisConnection.open(place, new SystemClock(), { onFault: () => undefined });
    try {
      return await work(mongo, redis);
    } finally {
      await redis.close();
      await mongo.close();
    }
  }

  /** What a build of before there were ids would leave that has served: its tables are older, and may hold nothing. */
  async makeOlder(): Promise<void> {
    await this.database.query('DELETE FROM installation');
    await this.database.query(
      'UPDATE schema_migrations SET applied_at = applied_at - INTERVAL 1 DAY WHERE version < 5',
    );
    await this.within(async (mongo, redis) => {
      await redis.commands.del(redis.key('installation'));
      await mongo.collection('installation').deleteOne({});
      await new MongoWorkerLog(mongo).open('worker-1' as WorkerId);
    });
  }

  async close(): Promise<void> {
    await this.within(async (mongo, redis) => {
      await mongo.drop();
      const keys = await redis.commands.keys(`${this.prefix}*`);
      if (keys.length > 0) await redis.commands.del(keys);
    });
    await this.database.remove();
  }
}

const ID = /^[0-9A-Z]{26}$/;

describe('Servers', () => {
  let worlds: World[] = [];
  const aWorld = async () => {
    const world = await World.open();
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    armFailpoint(undefined);
    for (const world of worlds) await world.close();
    worlds = [];
  });

  it('are of one installation, however many start at first', async () => {
    const world = await aWorld();
    await Promise.all(Array.from({ length: 5 }, () => world.start()));
    const ids = await world.ids();
    expect(ids[0]).toMatch(ID);
    expect(new Set(ids).size).toBe(1);
    await world.start();
    expect(await world.ids()).toEqual(ids);
  });

  it('of two installations are refused, each pair by its settings, and keep what they have', async () => {
    const [one, other] = [await aWorld(), await aWorld()];
    await one.start();
    await other.start();
    const before = [await one.ids(), await other.ids()];
    const { database, mongodbUrl, prefix } = other;
    for (const mixed of [{ database }, { mongodbUrl }]) {
      const start = one.start(mixed);
      await expect(start).rejects.toThrow(StoresMixed);
      await expect(start).rejects.toThrow(/\(MONGODB_URL\) belongs to the installation .*\(MARIADB_URL\) to /);
    }
    await expect(one.start({ prefix })).rejects.toThrow(RedisOfAnotherInstallation);
    await expect(one.start({ prefix })).rejects.toThrow(/another database number in REDIS_URL.*REDIS_PREFIX/);
    expect([await one.ids(), await other.ids()]).toEqual(before);
  });

  it('of which one is empty are refused, at each start anew', async () => {
    const [one, empty] = [await aWorld(), await aWorld()];
    await one.start();
    const { database, mongodbUrl } = empty;
    for (let start = 0; start < 2; start += 1) {
      await expect(one.start({ database })).rejects.toThrow(/\(MARIADB_URL\) belongs to no installation/);
      await expect(one.start({ mongodbUrl })).rejects.toThrow(/\(MONGODB_URL\) belongs to no installation/);
    }
    await one.start();
  });

  it('may have a Redis that is emptied: its id is written again', async () => {
    const world = await aWorld();
    await world.start();
    const [id] = await world.ids();
    await world.within((_mongo, redis) => redis.commands.del(redis.key('installation')));
    await world.start();
    expect(await world.ids()).toEqual([id, id, id]);
  });

  it('of before there were ids get one, though MariaDB holds nothing; but not beside one that was never used', async () => {
    const [older, fresh] = [await aWorld(), await aWorld()];
    await older.start();
    await older.makeOlder();
    for (let start = 0; start < 2; start += 1)
      await expect(older.start({ database: fresh.database })).rejects.toThrow(/\(MARIADB_URL\) has never been used/);
    await fresh.database.query("INSERT INTO domain_retentions VALUES ('acme', 'P1D', 'ann', 1)");
    const start = fresh.start();
    await expect(start).rejects.toThrow(
      /\(MARIADB_URL\) holds data of an installation, and .*\(MONGODB_URL\) has never/,
    );
    await older.start();
    const [id, ...others] = await older.ids();
    expect(id).toMatch(ID);
    expect(others[0]).toBe(id);
  });

  it.each(
    ['installation.decide', 'installation.follow', 'installation.settle'].flatMap((write) => [
      `${write}.before`,
      `${write}.after`,
    ]),
  )('whose first start was cut off at %s come to one id with the next', async (point) => {
    const world = await aWorld();
    armFailpoint(`${point}:throw`);
    await expect(world.start()).rejects.toThrow(FailpointHit);
    armFailpoint(undefined);
    await world.start();
    const ids = await world.ids();
    expect(ids[0]).toMatch(ID);
    expect(new Set(ids).size).toBe(1);
  });
});
