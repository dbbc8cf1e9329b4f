import { RedisServer } from '@flow/testing/adapters/redis';
import { OwnMariaDb } from '@flow/testing/adapters/sql';
import { createConnection } from 'mongoose';
import { createConnection as connectToMariaDb } from 'mysql2/promise';
import { randomBytes } from 'node:crypto';
import { notOutlivingUs } from '../chaos/leftovers';
import { OwnKafka } from '../events/own-kafka';
import { TcpProxy, type Harm } from './tcp-proxy';

export const STORES = ['mongo', 'mariadb', 'redis'] as const;
export type Store = (typeof STORES)[number];

/**
 * MariaDB and Redis of our own, to be killed, stopped and emptied, and a Kafka where somebody wants it. MongoDB is a stand-in, which keeps nothing over its
 * end: only ways to it fail.
 */
export class Servers {
  private constructor(
    readonly mariadb: OwnMariaDb,
    readonly redis: RedisServer,
    readonly kafka: OwnKafka | undefined,
    private readonly isGone: () => void,
  ) {}

  static async open({ hasKafka = false } = {}): Promise<Servers> {
    const kafka = hasKafka ? await OwnKafka.prepare() : undefined;
    const [mariadb, redis] = await Promise.all([OwnMariaDb.make(), RedisServer.start(), kafka?.up()]);
    await mariadb.start([]);
    const isGone = notOutlivingUs(() => {
      void mariadb.stop('SIGKILL');
      void redis.kill();
      kafka?.kill();
    });
    return new Servers(mariadb, redis, kafka, isGone);
  }

  async close(): Promise<void> {
    this.redis.goOn();
    await this.redis.close();
    await this.mariadb.remove();
    await this.kafka?.close();
    this.isGone();
  }
}

/** What some processes share, with a way of its own for each of them to each server. */
export class Plane {
  private constructor(
    readonly servers: Servers,
    private readonly addresses: Readonly<Record<Store, string>>,
    private readonly ways: Readonly<Record<Store, readonly TcpProxy[]>>,
    private readonly prefix: string,
  ) {}

  static async open(servers: Servers, count: number, fraction: () => number): Promise<Plane> {
    const { TEST_MONGO_URL: given } = process.env;
    if (!given) throw new Error('TEST_MONGO_URL is not set: run scripts/services.sh up mongo.');
    const name = `flow_across_${randomBytes(6).toString('hex')}`;
    const mongo = new URL(given);
    mongo.pathname = `/${name}`;
    const mariadb = servers.mariadb.url;
    const sql = await connectToMariaDb(mariadb.href);
    await sql.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await sql.end();
    mariadb.pathname = `/${name}`;
    const addresses = { mongo: mongo.href, mariadb: mariadb.href, redis: servers.redis.url };
    const waysTo = (address: string) => {
      const { hostname, port } = new URL(address);
      const to = { host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port) };
      return Promise.all(Array.from({ length: count }, () => TcpProxy.before(to, fraction)));
    };
    const ways = {
      mongo: await waysTo(addresses.mongo),
      mariadb: await waysTo(addresses.mariadb),
      redis: await waysTo(addresses.redis),
    };
    return new Plane(servers, addresses, ways, `${name}:`);
  }

  /** The documents, by no way that fails. */
  get mongo(): string {
    return this.addresses.mongo;
  }

  /** What the process in this place is told. */
  settingsOf(place: number): Readonly<Record<string, string>> {
    const by = (store: Store) => this.ways[store][place]!.of(this.addresses[store]);
    return {
      MONGODB_URL: by('mongo'),
      MARIADB_URL: by('mariadb'),
      REDIS_URL: by('redis'),
      REDIS_PREFIX: this.prefix,
    };
  }

  /** The ways to a server: all of them, or that of one process. */
  waysTo(store: Store, place?: number): readonly TcpProxy[] {
    return place === undefined ? this.ways[store] : [this.ways[store][place]!];
  }

  async close(): Promise<void> {
    for (const way of STORES.flatMap((store) => this.ways[store])) await way.close();
    const mongo = await createConnection(this.addresses.mongo).asPromise();
    await mongo.dropDatabase();
    await mongo.close();
  }
}

/** What has been done on these ways since. */
export function harmOn(ways: readonly TcpProxy[]): () => Harm {
  const sum = (of: keyof Harm) => ways.reduce((total, { harm }) => total + harm[of], 0);
  const now = (): Harm => ({
    ended: sum('ended'),
    refused: sum('refused'),
    reset: sum('reset'),
    heldBytes: sum('heldBytes'),
    late: sum('late'),
    asked: sum('asked'),
    answered: sum('answered'),
  });
  const before = now();
  return () => {
    const harm = now();
    for (const name of Object.keys(harm) as (keyof Harm)[]) harm[name] -= before[name];
    return harm;
  };
}
