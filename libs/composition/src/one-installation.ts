import { MongoInstallationMark, type Mongo } from '@flow/adapters/mongo';
import { RedisInstallationHint, type RedisConnection } from '@flow/adapters/redis';
import type { Relational } from '@flow/adapters/sql';
import { IdGenerator, type AppError } from '@flow/kernel';
import { SERVER_STORES, agreeOnInstallation } from '@flow/platform';
import { patiently, type StoreName, type Waiting } from './store-waiting';

/** By the nouns of their errors' codes. */
const STORES: Readonly<Record<string, StoreName>> = {
  mongodb: { store: 'MongoDB', setting: 'MONGODB_URL' },
  relational: { store: 'MariaDB', setting: 'MARIADB_URL' },
  redis: { store: 'Redis', setting: 'REDIS_URL' },
};

interface Servers {
  readonly mongo: Mongo;
  readonly relational: Relational;
  readonly redis: RedisConnection | undefined;
}

/**
 * That all servers belong to one installation, which the first start makes. One that goes away meanwhile is waited for.
 * @throws StoresMixed, RedisOfAnotherInstallation, StartEnded
 */
export async function oneInstallation({ mongo, relational, redis }: Servers, waiting: Waiting): Promise<void> {
  const ids = new IdGenerator(waiting.clock, waiting.random);
  const stores = {
    documents: new MongoInstallationMark(mongo),
    relational: relational.installation(),
    names: SERVER_STORES,
  };
  await patiently(
    storeIn,
    async () => {
      const id = await agreeOnInstallation(stores, () => ids.next());
      if (redis) await new RedisInstallationHint(redis).confirm(id);
    },
    waiting,
  );
}

function storeIn({ code }: AppError): StoreName {
  return STORES[code.split('.')[0] ?? ''] ?? { store: 'Stores', setting: 'MONGODB_URL, MARIADB_URL, REDIS_URL' };
}
