import { SystemClock, SystemRandom } from '@flow/platform';
import { ENTITIES } from './entities';
import type { MariaDbConfig } from './mariadb.config';
import type { Migrated } from './mariadb.migrate';
import type { Relational } from './relational';
import { MariaDbRelational, type MariaDbSurroundings } from './relational.mariadb';
import { SqliteRelational } from './relational.sqlite';

/** The settings that say where relational data is. */
export interface RelationalSettings {
  readonly dataDir: string;
  readonly mariadbUrl: string | null;
  readonly mariadbPool: number;
  readonly mariadbTls: string;
}

const ofThisMachine = (): MariaDbSurroundings => ({ clock: new SystemClock(), random: new SystemRandom() });

/** MariaDB where MARIADB_URL names one, else `relational.db` in the data folder; up to date. */
export async function openRelational(
  settings: RelationalSettings,
  around: MariaDbSurroundings = ofThisMachine(),
): Promise<Relational> {
  const config = mariaDbOf(settings);
  if (!config) return SqliteRelational.open(settings.dataDir, ENTITIES);
  return MariaDbRelational.open(config, ENTITIES, around);
}

/** Undefined where MARIADB_URL is not set. */
export function mariaDbOf({ mariadbUrl, mariadbPool, mariadbTls }: RelationalSettings): MariaDbConfig | undefined {
  return mariadbUrl === null ? undefined : { url: mariadbUrl, pool: mariadbPool, tls: mariadbTls };
}

/** Brings the tables of MariaDB to a version, the newest when none is named, and connects for that alone. */
export async function migrateRelational(config: MariaDbConfig, to?: number): Promise<Migrated> {
  return MariaDbRelational.migrate(config, ofThisMachine(), to === undefined ? {} : { to });
}
