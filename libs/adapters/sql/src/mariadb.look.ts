import { SystemClock } from '@flow/platform';
import { ENTITIES } from './entities';
import { addressOf, type MariaDbConfig } from './mariadb.config';
import type { MariaDbConnection } from './mariadb.connection';
import { isMissingTable } from './mariadb.faults';
import { newestOf, versionOf } from './mariadb.migrate';
import { PATIENCE } from './mariadb.patience';
import { MariaDbPool } from './mariadb.pool';
import { MARIADB_MIGRATIONS } from './mariadb.schema';
import { RelationalTooNew, RelationalUnavailable } from './relational.errors';

export interface MariaDbSeen {
  readonly server: string;
  /** Of its tables; 0 where there are none. */
  readonly schema: number;
  readonly newest: number;
  /** Tables in which something stands. */
  readonly used: readonly string[];
  readonly installation: string | undefined;
  readonly clockMs: number;
  /** When it was asked, by the clock of this machine. */
  readonly askedMs: number;
}

/** Looks at MariaDB and changes nothing. @throws RelationalMisconfigured, RelationalUnavailable, RelationalTooNew */
export async function lookAtMariaDb(config: MariaDbConfig): Promise<MariaDbSeen> {
  const { host, port, database } = addressOf(config.url);
  const pool = await MariaDbPool.open({ ...config, pool: 1 }, new SystemClock(), PATIENCE);
  try {
    const connection = await pool.acquire();
    try {
      const seen = await look(connection);
      if (seen.schema > seen.newest) throw new RelationalTooNew(database, seen.schema, seen.newest);
      return seen;
    } finally {
      connection.giveBack();
    }
  } catch (error) {
    throw error instanceof RelationalUnavailable ? error.at(`${host}:${port}`) : error;
  } finally {
    await pool.close();
  }
}

async function look(connection: MariaDbConnection): Promise<MariaDbSeen> {
  const askedMs = Date.now();
  const rows = await connection.query('SELECT VERSION() AS server, UNIX_TIMESTAMP(NOW(3)) * 1000 AS clock');
  const [row] = rows as { server: string; clock: string }[];
  const used = await usedTables(connection);
  const installation = await installationIn(connection);
  const [schema, newest] = [await versionOf(connection), newestOf(MARIADB_MIGRATIONS)];
  return { server: row?.server ?? '', schema, newest, used, installation, clockMs: Number(row?.clock), askedMs };
}

/** Tables in which something stands. */
export async function usedTables(connection: MariaDbConnection): Promise<readonly string[]> {
  const used: string[] = [];
  for (const { tableName } of ENTITIES) if (await hasRows(connection, tableName)) used.push(tableName);
  return used;
}

/** Undefined also where no table for it stands yet. */
export async function installationIn(connection: MariaDbConnection): Promise<string | undefined> {
  try {
    const rows = await connection.query('SELECT id FROM installation');
    return (rows as { id: string }[])[0]?.id;
  } catch (error) {
    if (isMissingTable(error)) return undefined;
    throw error;
  }
}

async function hasRows(connection: MariaDbConnection, table: string): Promise<boolean> {
  try {
    return ((await connection.query(`SELECT 1 FROM ${table} LIMIT 1`)) as unknown[]).length > 0;
  } catch (error) {
    if (isMissingTable(error)) return false;
    throw error;
  }
}
