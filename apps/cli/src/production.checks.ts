import { lookAtMongo } from '@flow/adapters/mongo';
import { RedisOfAnotherInstallation, lookAtRedis } from '@flow/adapters/redis';
import { lookAtMariaDb, mariaDbOf } from '@flow/adapters/sql';
import { AppError } from '@flow/kernel';
import { SERVER_STORES, conflictBetween, type DecidedInstallation } from '@flow/platform';
import type { Settings } from '@flow/settings';
import { resolve } from 'node:path';
import { messageOf } from './doctor.checks';
import { fault, ok, warning, type Finding } from './finding';
import { timeText } from './layout';

/** Clocks this far apart are told of: times that people read would not fit together. Nothing else depends on them. */
const CLOCKS_APART_MS = 2_000;
const ADVICE = 'Until then the service does not start. The settings are shown by `flowctl settings`.';

/** The servers that the settings name, each as a start would use it; nothing is changed there. */
export async function checkServers(settings: Partial<Settings>, home: string): Promise<Finding[]> {
  const { mongodbUrl, redisUrl } = settings;
  const seen: Seen = {};
  const checks = [checkShared(settings)];
  if (mongodbUrl) checks.push(looked('mongodb', () => checkMongo(mongodbUrl, seen)));
  if (settings.mariadbUrl) checks.push(looked('mariadb', () => checkMariaDb(settings as Settings, home, seen)));
  if (redisUrl) checks.push(looked('redis', () => checkRedis(settings as Settings, redisUrl, seen)));
  const found = (await Promise.all(checks)).flat();
  return [...found, ...(await looked('installation', () => checkInstallation(seen)))];
}

/** What each server says of its installation, of those that could be looked at. */
interface Seen {
  mongo?: { readonly found: DecidedInstallation | undefined };
  mariaDb?: { readonly found: string | undefined };
  redis?: { readonly found: string | undefined; readonly server: string; readonly key: string };
}

/** That all of them are of one installation. @throws StoresMixed, RedisOfAnotherInstallation */
async function checkInstallation({ mongo, mariaDb, redis }: Seen): Promise<Finding[]> {
  if (!mongo || !mariaDb) return [];
  const use = () => Promise.resolve({ documents: 'unknown', relational: 'unknown' } as const);
  const conflict = await conflictBetween({ documents: mongo.found, relational: mariaDb.found, use }, SERVER_STORES);
  if (conflict) throw conflict;
  if (!mongo.found) return [ok('installation', 'The first start makes its id.')];
  const { id } = mongo.found;
  if (redis?.found !== undefined && redis.found !== id)
    throw new RedisOfAnotherInstallation(redis.server, redis.found, redis.key);
  return [ok('installation', `All servers are of the installation ${id}.`)];
}

/** What processes that share stores must have alike. */
async function checkShared({ mongodbUrl, mariadbUrl, secretsKey, adminToken }: Partial<Settings>): Promise<Finding[]> {
  if (!mongodbUrl && !mariadbUrl) return [];
  const needed = { MONGODB_URL: mongodbUrl, MARIADB_URL: mariadbUrl, SECRETS_KEY: secretsKey, ADMIN_TOKEN: adminToken };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length === 0) return [];
  const message = `${missing.join(' and ')} must be set too, to the same value in every process.`;
  return [
    fault(
      'settings',
      message,
      'Processes that share stores need all of MONGODB_URL, MARIADB_URL, SECRETS_KEY and ADMIN_TOKEN.',
    ),
  ];
}

async function looked(about: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [fault(about, messageOf(error), ADVICE)];
  }
}

async function checkMongo(url: string, seen: Seen): Promise<Finding[]> {
  const { server, schema, newest, isMoving, isReplicaSet, installation, clockMs, askedMs } = await lookAtMongo(url);
  seen.mongo = { found: installation };
  const found = [ok('mongodb', `MongoDB ${server}, ${schemaText(schema, newest)}.`)];
  if (isMoving)
    found.push(
      fault(
        'mongodb',
        'A data folder is being moved into it, and not all of it is there: no service starts on it.',
        'Type `flowctl migrate --from embedded --to production` again: it goes on where it was.',
      ),
    );
  if (!isReplicaSet)
    found.push(
      warning(
        'mongodb',
        'It is no member of a replica set: writes are not acknowledged by a majority.',
        'Make it a replica set of one member at least (docs/production.md).',
      ),
    );
  return [...found, ...clocks('mongodb', clockMs, askedMs)];
}

async function checkMariaDb(settings: Settings, home: string, seen: Seen): Promise<Finding[]> {
  const config = mariaDbOf(settings);
  if (!config) return [];
  const tls = config.tls.includes('/') ? resolve(home, config.tls) : config.tls;
  const { server, schema, newest, installation, clockMs, askedMs } = await lookAtMariaDb({ ...config, tls });
  seen.mariaDb = { found: installation };
  const found = [ok('mariadb', `MariaDB ${server}, ${schemaText(schema, newest)}.`)];
  return [...found, ...clocks('mariadb', clockMs, askedMs)];
}

async function checkRedis(settings: Settings, url: string, seen: Seen): Promise<Finding[]> {
  const {
    redisSentinels: sentinels,
    redisSentinelName: sentinelName,
    redisSentinelPassword: sentinelPassword,
  } = settings;
  const place = { url, sentinels, sentinelName, sentinelPassword, prefix: settings.redisPrefix };
  const { server, policy, installation, clockMs, askedMs } = await lookAtRedis(place);
  seen.redis = { found: installation, server: new URL(url).host, key: `${settings.redisPrefix}installation` };
  const found = [ok('redis', `Redis ${server}, maxmemory-policy ${policy}.`)];
  return [...found, ...clocks('redis', clockMs, askedMs)];
}

function schemaText(schema: number, newest: number): string {
  if (schema === newest) return `schema ${schema}`;
  return schema === 0
    ? 'empty: a start fills it'
    : `schema ${schema}, which a start (or flowctl migrate) brings to ${newest}`;
}

function clocks(about: string, clockMs: number | undefined, askedMs: number): Finding[] {
  const apart = Math.abs((clockMs ?? askedMs) - askedMs);
  if (apart < CLOCKS_APART_MS) return [];
  return [
    warning(
      about,
      `Its clock and that of this machine are ${timeText(apart)} apart.`,
      'Have both machines keep their time by NTP: what happens when is told by the clock of the process where it happens.',
    ),
  ];
}
