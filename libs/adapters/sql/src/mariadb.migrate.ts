import { failpoint } from '@flow/platform';
import type { MariaDbConnection } from './mariadb.connection';
import { isForbidden, isMissingTable } from './mariadb.faults';
import type { MariaDbPool } from './mariadb.pool';
import { COLLATION, COLLATIONS, MARIADB_MIGRATIONS, MIGRATIONS_TABLE, type MariaDbMigration } from './mariadb.schema';
import { RelationalMisconfigured, RelationalNotMigrated, RelationalTooNew, MigrationTaken } from './relational.errors';

/** Tables that a running service holds, and large ones, take their time. */
const STATEMENT_MS = 3_600_000;
const TABLE_WAIT_S = 60;

export interface MigrateOptions {
  /** The version to come to, also a lower one: what later steps made goes then, with what is in it. The newest when left out. */
  readonly to?: number;
  readonly migrations?: readonly MariaDbMigration[];
  /** How long another process may be at it. */
  readonly lockWaitS?: number;
}

export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the schema to a version. Of several processes that start at once one does it and the others wait. Where nothing is to do, no right
 * to change tables is needed.
 * @throws RelationalTooNew, RelationalNotMigrated, MigrationTaken, RelationalUnavailable
 */
export async function migrateMariaDb(
  pool: MariaDbPool,
  database: string,
  { migrations = MARIADB_MIGRATIONS, to = newestOf(migrations), lockWaitS = 60 }: MigrateOptions = {},
): Promise<Migrated> {
  const connection = await pool.acquire();
  try {
    const found = await versionOf(connection);
    if (found > newestOf(migrations)) throw new RelationalTooNew(database, found, newestOf(migrations));
    if (found === to) return { from: found, to };
    await lock(connection, database, lockWaitS);
    return await migrate(connection, database, migrations, to);
  } finally {
    // The lock goes with the connection, and so does what was set on it.
    connection.breakOff();
    connection.giveBack();
  }
}

export const newestOf = (migrations: readonly MariaDbMigration[]): number => migrations.at(-1)?.version ?? 0;

async function migrate(
  connection: MariaDbConnection,
  database: string,
  migrations: readonly MariaDbMigration[],
  to: number,
): Promise<Migrated> {
  const from = await versionOf(connection);
  const newest = newestOf(migrations);
  if (from > newest) throw new RelationalTooNew(database, from, newest);
  try {
    await connection.query(`SET SESSION lock_wait_timeout = ${TABLE_WAIT_S}`);
    const collation = await collationOf(connection);
    const change = (sql: string) => connection.query(sql.replace(COLLATION, collation), [], STATEMENT_MS);
    await change(MIGRATIONS_TABLE);
    for (const { version, up } of migrations)
      if (version > from && version <= to)
        await step(change, up, `INSERT INTO schema_migrations (version) VALUES (${version})`);
    for (const { version, down } of [...migrations].reverse())
      if (version <= from && version > to)
        await step(change, down, `DELETE FROM schema_migrations WHERE version = ${version}`);
  } catch (error) {
    const { cause } = error as Error;
    throw isForbidden(cause) ? new RelationalNotMigrated(database, from, to, cause) : error;
  }
  return { from, to };
}

/** It counts as done when the note of it stands; cut off before, it is begun again. */
async function step(
  change: (sql: string) => Promise<unknown>,
  statements: readonly string[],
  note: string,
): Promise<void> {
  failpoint('schema.migrate.before');
  for (const sql of statements) {
    await change(sql);
    failpoint('schema.migrate.statement');
  }
  failpoint('schema.migrate.commit');
  await change(note);
  failpoint('schema.migrate.after');
}

export async function versionOf(connection: MariaDbConnection): Promise<number> {
  try {
    const rows = await connection.query('SELECT MAX(version) AS version FROM schema_migrations');
    return (rows as { version: number | null }[])[0]?.version ?? 0;
  } catch (error) {
    if (isMissingTable(error)) return 0;
    throw error;
  }
}

/** The server's own name of the collation that keys need. @throws RelationalMisconfigured where it has none */
async function collationOf(connection: MariaDbConnection): Promise<string> {
  const sql = 'SELECT collation_name AS name FROM information_schema.collations WHERE collation_name IN (?, ?)';
  const known = ((await connection.query(sql, COLLATIONS)) as { name: string }[]).map(({ name }) => name);
  const collation = COLLATIONS.find((name) => known.includes(name));
  if (collation !== undefined) return collation;
  throw new RelationalMisconfigured(
    'MARIADB_URL names a server that cannot compare texts byte by byte: MariaDB 10.6 or newer is needed.',
  );
}

/** Held by one connection of the server; the name is hashed, for it has an end. */
async function lock(connection: MariaDbConnection, database: string, waitS: number): Promise<void> {
  const sql = `SELECT GET_LOCK(CONCAT('flow-automation.schema.', MD5(?)), ${waitS}) AS taken`;
  const rows = await connection.query(sql, [database], (waitS + 30) * 1_000);
  if (Number((rows as { taken: number | null }[])[0]?.taken) !== 1) throw new MigrationTaken(waitS);
}
