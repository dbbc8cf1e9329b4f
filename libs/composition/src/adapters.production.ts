import {
  Mongo,
  MongoBlobStore,
  MongoDagStore,
  MongoDeliveryStore,
  MongoEndedInstances,
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
  RedisWorkerBell,
} from '@flow/adapters/redis';
import {
  SqlDomainQuotas,
  SqlDomainRetentions,
  SqlSecretStore,
  SqlTokenStore,
  SqlVariableStore,
  openRelational,
  type Relational,
} from '@flow/adapters/sql';
import { WorkerBell } from '@flow/instances';
import { AppError } from '@flow/kernel';
import { SystemClock } from '@flow/platform';
import { DiskSpace } from '@flow/retention';
import type { Settings } from '@flow/settings';
import { randomUUID } from 'node:crypto';
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

/** Stores on servers that any number of processes share. @throws SharedSettingMissing, MongoUnavailable, MongoSchemaTooNew */
export async function openProduction(settings: Settings, onFault: (error: unknown) => void): Promise<Stores> {
  const { mongodbUrl, mariadbUrl, secretsKey, adminToken } = settings;
  const needed = { MONGODB_URL: mongodbUrl, MARIADB_URL: mariadbUrl, SECRETS_KEY: secretsKey, ADMIN_TOKEN: adminToken };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === null ? [name] : []));
  if (mongodbUrl === null || mariadbUrl === null || missing.length > 0) throw new SharedSettingMissing(missing);
  const opened: { close(): Promise<void> }[] = [];
  const open = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const one = await opening;
    opened.unshift(one);
    return one;
  };
  const close = async () => {
    for (const one of opened) await one.close();
  };
  try {
    const mongo = await open(Mongo.open(mongodbUrl, { poolSize: settings.mongodbPool }));
    const relational = await open(openRelational(settings));
    const among = await openAmong(settings, open, onFault);
    return storesOf({ mongo, relational, among, mongodbUrl, mariadbUrl, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** What processes tell one another: by Redis where there is one, else each finds it by its sweep within seconds. */
async function openAmong(
  settings: Settings,
  open: <T extends { close(): Promise<void> }>(opening: Promise<T>) => Promise<T>,
  onFault: (error: unknown) => void,
) {
  const { redisUrl } = settings;
  if (redisUrl === null)
    return { parts: { bell: new NoBell() }, beside: { readiness: [] }, at: 'sweeps every 5 s (REDIS_URL is not set)' };
  const clock = new SystemClock();
  const place = {
    url: redisUrl,
    sentinels: settings.redisSentinels,
    sentinelName: settings.redisSentinelName,
    sentinelPassword: settings.redisSentinelPassword,
    prefix: settings.redisPrefix,
  };
  const redis = await open(RedisConnection.open(place, clock, { onFault }));
  const dispatch = await open(BullmqDispatchQueue.open(redis, clock, onFault));
  return {
    parts: { bell: new RedisWorkerBell(redis), dispatch },
    beside: {
      fanOut: new RedisLiveFanOut(redis, randomUUID()),
      rates: (name: string) => new RedisRateMeter(redis, name, clock),
      readiness: [{ name: 'redis', look: async () => redis.ready() }],
    },
    at: shownAddress(redisUrl),
  };
}

interface Opened {
  readonly mongo: Mongo;
  readonly relational: Relational;
  readonly among: Awaited<ReturnType<typeof openAmong>>;
  readonly mongodbUrl: string;
  readonly mariadbUrl: string;
  readonly close: () => Promise<void>;
}

function storesOf({ mongo, relational, among, mongodbUrl, mariadbUrl, close }: Opened): Stores {
  return {
    dags: new MongoDagStore(mongo),
    instances: new MongoInstanceStore(mongo),
    slots: new MongoSlotStore(mongo),
    ended: new MongoEndedInstances(mongo),
    space: new ServersOwnSpace(),
    log: new MongoWorkerLog(mongo),
    blobs: new MongoBlobStore(mongo, new SystemClock()),
    taskLog: new MongoTaskLog(mongo),
    idempotency: new MongoIdempotencyStore(mongo),
    deliveries: new MongoDeliveryStore(mongo),
    webhookSecrets: new MongoWebhookSecretStore(mongo),
    events: new MongoEventOutbox(mongo),
    tokens: new SqlTokenStore(relational),
    secrets: new SqlSecretStore(relational),
    variables: new SqlVariableStore(relational),
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
    readiness: [{ name: 'mariadb', look: () => relational.read(async () => undefined) }, ...among.beside.readiness],
    places: [
      { holds: 'DAGs, instances, logs, large values', at: shownAddress(mongodbUrl) },
      { holds: 'tokens, secrets, variables', at: shownAddress(mariadbUrl) },
      { holds: 'between processes', at: among.at },
    ],
    close,
  };
}
