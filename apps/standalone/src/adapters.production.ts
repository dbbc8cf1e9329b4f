import {
  Mongo,
  MongoBlobStore,
  MongoDagStore,
  MongoDeliveryStore,
  MongoEndedInstances,
  MongoIdempotencyStore,
  MongoInbox,
  MongoInstanceBirths,
  MongoInstanceStore,
  MongoSlotStore,
  MongoTaskLog,
  MongoWebhookSecretStore,
  MongoWorkerLog,
  MongoWorkers,
  shownAddress,
} from '@flow/adapters/mongo';
import {
  ENTITIES,
  Relational,
  SqlDomainQuotas,
  SqlDomainRetentions,
  SqlSecretStore,
  SqlTokenStore,
  SqlVariableStore,
} from '@flow/adapters/sql';
import { WorkerBell } from '@flow/instances';
import { AppError } from '@flow/kernel';
import { SystemClock } from '@flow/platform';
import { DiskSpace } from '@flow/retention';
import type { Settings } from '@flow/settings';
import { mkdirSync } from 'node:fs';
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
      `MONGODB_URL is set, so ${names.join(' and ')} must be set too, to the same value in every process on that database.`,
      { names },
    );
  }
}

/** Stores on servers that any number of processes share. @throws SharedSettingMissing, MongoUnavailable, MongoSchemaTooNew */
export async function openProduction(settings: Settings & { readonly mongodbUrl: string }): Promise<Stores> {
  const missing = [
    ...(settings.secretsKey === null ? ['SECRETS_KEY'] : []),
    ...(settings.adminToken === null ? ['ADMIN_TOKEN'] : []),
  ];
  if (missing.length > 0) throw new SharedSettingMissing(missing);
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const mongo = await Mongo.open(settings.mongodbUrl, { poolSize: settings.mongodbPool });
  const relational = Relational.open(settings.dataDir, ENTITIES);
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
    tokens: new SqlTokenStore(relational),
    secrets: new SqlSecretStore(relational),
    variables: new SqlVariableStore(relational),
    domainQuotas: new SqlDomainQuotas(relational),
    domainRetentions: new SqlDomainRetentions(relational),
    shared: {
      workers: new MongoWorkers(mongo),
      inbox: new MongoInbox(mongo),
      births: new MongoInstanceBirths(mongo),
      bell: new NoBell(),
    },
    places: [{ holds: 'DAGs, instances, logs, large values', at: shownAddress(settings.mongodbUrl) }],
    async close() {
      await relational.close();
      await mongo.close();
    },
  };
}
