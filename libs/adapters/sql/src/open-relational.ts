import { SystemClock, SystemRandom } from '@flow/platform';
import { ENTITIES } from './entities';
import { addressOf, type MariaDbConfig } from './mariadb.config';
import { migrateMariaDb, type Migrated } from './mariadb.migrate';
import { PATIENCE } from './mariadb.patience';
import { MariaDbPool } from './mariadb.pool';
import type { Relational } from './relational';
import { DatabaseUnavailable } from './relational.errors';
import { MariaDbRelational, type MariaDbSurroundings } from './relational.mariadb';
import { SqliteRelational } from './relational.sqlite';

/** The settings that say where relational data is. */
export interface RelationalSettings {
  readonly dataDir: string;
  readonly mariadbUrl: string | null;
  readonly mariadbPool: number;
  readonly mariadbTls: string;
}

/** MariaDB where MARIADB_URL names one, else `relational.db` in the data folder; up to date. */
export async function openRelational(
  settings: RelationalSettings,
  around: MariaDbSurroundings = { clock: new SystemClock(), random: new SystemRandom() },
): Promise<Relational> {
  const config = mariaDbOf(settings);
  return config ? MariaDbRelational.open(config, ENTITIES, around) : SqliteRelational.open(settings.dataDir, ENTITIES);
}

/** Undefined where MARIADB_URL is not set. */
export function mariaDbOf({ mariadbUrl, mariadbPool, mariadbTls }: RelationalSettings): MariaDbConfig | undefined {
  return mariadbUrl === null ? undefined : { url: mariadbUrl, pool: mariadbPool, tls: mariadbTls };
}

/** Brings the tables to a version, the newest when none is named, and connects for that alone. */
export async function migrateRelational(config: MariaDbConfig, to?: number): Promise<Migrated> {
  const { host, port, database } = addressOf(config.url);
  const pool = await MariaDbPool.open({ ...config, pool: 1 }, new SystemClock(), PATIENCE);
  try {
    return await migrateMariaDb(pool, database, to === undefined ? {} : { to });
  } catch (error) {
    throw error instanceof DatabaseUnavailable ? error.at(`${host}:${port}`) : error;
  } finally {
    await pool.close();
  }
}
