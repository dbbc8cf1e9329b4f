import {
  Mongo,
  MongoBlobStore,
  MongoDagOutbox,
  MongoDagStore,
  MongoDeliveryStore,
  MongoEndedInstances,
  MongoInstanceCounts,
  MongoEventOutbox,
  MongoIdempotencyStore,
  MongoInbox,
  MongoInstanceBirths,
  MongoInstanceStore,
  MongoSlotStore,
  MongoSlotTickets,
  MongoTaskLog,
  MongoWebhookSecretStore,
  MongoWorkerLog,
  MongoWorkers,
  shownAddress,
} from '@flow/adapters/mongo';
import {
  BullmqDispatchQueue,
  RedisConnection,
  RedisLiveFanOut,
  RedisRateMeter,
  RedisUnavailable,
  RedisWorkerBell,
} from '@flow/adapters/redis';
import {
  SqlAuditJournal,
  SqlAuditStore,
  SqlDomainQuotas,
  SqlDomainRetentions,
  SqlFileStore,
  SqlFiringStore,
  SqlSavedInputStore,
  SqlSecretStore,
  SqlTokenStore,
  SqlTriggerStore,
  SqlVariableStore,
  openRelational,
  type Relational,
} from '@flow/adapters/sql';
import { WorkerBell } from '@flow/instances';
import { AppError, type Clock } from '@flow/kernel';
import { SystemClock } from '@flow/platform';
import { DiskSpace } from '@flow/retention';
import type { Settings } from '@flow/settings';
import { randomUUID } from 'node:crypto';
import { oneInstallation } from './one-installation';
import { openPatiently, type Waiting } from './store-waiting';
import type { Stores } from './stores';

/** The servers look after their own files. */
class ServersOwnSpace extends DiskSpace {
  override giveBack(): Promise<number> {
    return Promise.resolve(0);
  }
}

/** Nobody is rung: a sweep finds what stands in an inbox within seconds. */
class NoBell extends WorkerBell {
  override ring(): void {
    // The sweep of every worker does what a ring would have hastened.
  }

  override listen(): () => void {
    return () => undefined;
  }
}

/** Something that all processes on the same stores must have alike, and that each would make up for itself. */
export class SharedSettingMissing extends AppError {
  readonly kind = 'invalid';
  readonly code = 'setting.shared_missing';
  constructor(names: readonly string[]) {
    super(
      `Several processes share stores where MONGODB_URL or MARIADB_URL is set: ${names.join(' and ')} must be set too, to the same value in each of them.`,
      { names },
    );
  }
}

/**
 * Stores on servers that any number of processes share; each is waited for, all at the same time.
 * @throws SharedSettingMissing, StoresMixed, StartEnded, and what no waiting mends: a server that refuses its user, a newer schema, an evicting Redis
 */
export async function openProduction(
  settings: Settings,
  onFault: (error: unknown) => void,
  waiting: Waiting,
): Promise<Stores> {
  const { mongodbUrl, mariadbUrl, secretsKey, adminToken } = settings;
  const needed = { MONGODB_URL: mongodbUrl, MARIADB_URL: mariadbUrl, SECRETS_KEY: secretsKey, ADMIN_TOKEN: adminToken };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === null ? [name] : []));
  if (mongodbUrl === null || mariadbUrl === null || missing.length > 0) throw new SharedSettingMissing(missing);
  const opened = new Opening(waiting);
  const { redisUrl } = settings;
  const clock = new SystemClock();
  const [mongo, relational, redis] = await opened.all([
    opened.one({ store: 'MongoDB', setting: 'MONGODB_URL' }, () =>
      Mongo.open(mongodbUrl, { poolSize: settings.mongodbPool }),
    ),
    opened.one({ store: 'MariaDB', setting: 'MARIADB_URL' }, () => openRelational(settings)),
    redisUrl === null
      ? Promise.resolve(undefined)
      : opened.one({ store: 'Redis', setting: 'REDIS_URL' }, () => openRedis(settings, redisUrl, clock, onFault)),
  ]);
  try {
    await oneInstallation({ mongo, relational, redis: redis?.connection }, waiting);
  } catch (error) {
    await opened.close();
    throw error;
  }
  const among = amongOf(redis, redisUrl, clock);
  return storesOf({ mongo, relational, among, mongodbUrl, mariadbUrl, close: () => opened.close() });
}

/** What has been opened, to be closed again when the rest cannot be. */
class Opening {
  private readonly opened: { close(): Promise<void> }[] = [];
  private readonly given = new AbortController();
  private readonly waiting: Waiting;

  constructor(waiting: Waiting) {
    this.waiting = { ...waiting, signal: AbortSignal.any([waiting.signal, this.given.signal]) };
  }

  async one<T extends { close(): Promise<void> }>(
    name: Parameters<typeof openPatiently>[0],
    open: () => Promise<T>,
  ): Promise<T> {
    const one = await openPatiently(name, open, this.waiting);
    this.opened.unshift(one);
    return one;
  }

  /** When one of them cannot be opened, nobody waits for the others. */
  async all<A, B, C>(parts: readonly [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
    try {
      return await Promise.all(parts);
    } catch (error) {
      this.given.abort();
      await Promise.allSettled(parts);
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const one of this.opened) await one.close();
  }
}

interface Redis {
  readonly connection: RedisConnection;
  readonly dispatch: BullmqDispatchQueue;
  close(): Promise<void>;
}

async function openRedis(
  settings: Settings,
  url: string,
  clock: Clock,
  onFault: (error: unknown) => void,
): Promise<Redis> {
  const place = {
    url,
    sentinels: settings.redisSentinels,
    sentinelName: settings.redisSentinelName,
    sentinelPassword: settings.redisSentinelPassword,
    prefix: settings.redisPrefix,
  };
  // That it is away is told by its check.
  const tell = (error: unknown) => {
    if (!(error instanceof RedisUnavailable)) onFault(error);
  };
  const connection = await RedisConnection.open(place, clock, { onFault: tell });
  try {
    const dispatch = await BullmqDispatchQueue.open(connection, clock, tell);
    const close = async () => {
      await dispatch.close();
      await connection.close();
    };
    return { connection, dispatch, close };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** What processes tell one another: by Redis where there is one, else each finds it by its sweep within seconds. */
function amongOf(redis: Redis | undefined, redisUrl: string | null, clock: Clock) {
  if (!redis || redisUrl === null)
    return { parts: { bell: new NoBell() }, beside: { readiness: [] }, at: 'sweeps every 5 s (REDIS_URL is not set)' };
  const { connection, dispatch } = redis;
  return {
    parts: { bell: new RedisWorkerBell(connection), dispatch },
    beside: {
      fanOut: new RedisLiveFanOut(connection, randomUUID()),
      rates: (name: string) => new RedisRateMeter(connection, name, clock),
      readiness: [{ name: 'redis', look: () => connection.ready() }],
    },
    at: shownAddress(redisUrl),
  };
}

interface Opened {
  readonly mongo: Mongo;
  readonly relational: Relational;
  readonly among: ReturnType<typeof amongOf>;
  readonly mongodbUrl: string;
  readonly mariadbUrl: string;
  readonly close: () => Promise<void>;
}

function storesOf({ mongo, relational, among, mongodbUrl, mariadbUrl, close }: Opened): Stores {
  const dagOutbox = new MongoDagOutbox(mongo);
  return {
    dags: new MongoDagStore(mongo, dagOutbox),
    dagOutbox,
    instances: new MongoInstanceStore(mongo),
    slots: new MongoSlotStore(mongo),
    ended: new MongoEndedInstances(mongo),
    counts: new MongoInstanceCounts(mongo),
    space: new ServersOwnSpace(),
    log: new MongoWorkerLog(mongo),
    blobs: new MongoBlobStore(mongo, new SystemClock()),
    taskLog: new MongoTaskLog(mongo),
    idempotency: new MongoIdempotencyStore(mongo),
    deliveries: new MongoDeliveryStore(mongo),
    webhookSecrets: new MongoWebhookSecretStore(mongo),
    events: new MongoEventOutbox(mongo),
    auditJournal: new SqlAuditJournal(relational),
    audit: new SqlAuditStore(relational),
    tokens: new SqlTokenStore(relational),
    secrets: new SqlSecretStore(relational),
    variables: new SqlVariableStore(relational),
    triggers: new SqlTriggerStore(relational),
    firings: new SqlFiringStore(relational),
    files: new SqlFileStore(relational),
    savedInputs: new SqlSavedInputStore(relational),
    domainQuotas: new SqlDomainQuotas(relational),
    domainRetentions: new SqlDomainRetentions(relational),
    shared: {
      workers: new MongoWorkers(mongo),
      inbox: new MongoInbox(mongo),
      births: new MongoInstanceBirths(mongo),
      tickets: new MongoSlotTickets(mongo),
      ...among.parts,
    },
    ...among.beside,
    readiness: [{ name: 'mariadb', look: () => relational.ready() }, ...among.beside.readiness],
    places: [
      { holds: 'DAGs, instances, logs, large values', at: shownAddress(mongodbUrl) },
      { holds: 'tokens, secrets, variables, triggers', at: shownAddress(mariadbUrl) },
      { holds: 'between processes', at: among.at },
    ],
    close,
  };
}
