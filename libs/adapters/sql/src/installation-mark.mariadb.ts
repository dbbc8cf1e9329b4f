import { InstallationMark, failpoint, type StoreUse } from '@flow/platform';
import type { MariaDbConnection } from './mariadb.connection';
import { isDuplicateEntry } from './mariadb.faults';
import { installationIn, usedTables } from './mariadb.look';
import type { MariaDbPool } from './mariadb.pool';

/** Tables that were made in one go, by a start or by `flowctl migrate`, were made so soon one after the other. */
const AT_ONCE_S = 60;

/** In MariaDB. */
export class MariaDbMark extends InstallationMark {
  constructor(private readonly pool: MariaDbPool) {
    super();
  }

  override find(): Promise<string | undefined> {
    return this.ask(installationIn);
  }

  override put(id: string): Promise<string> {
    return this.ask(async (connection) => {
      failpoint('installation.follow.before');
      try {
        await connection.query('INSERT INTO installation (one, id) VALUES (1, ?)', [id]);
      } catch (error) {
        if (!isDuplicateEntry(error)) throw error;
      }
      failpoint('installation.follow.after');
      return (await installationIn(connection)) as string;
    });
  }

  /** Tables that are older than this table have been served, though there may be no row in them. */
  override use(): Promise<StoreUse> {
    return this.ask(async (connection) => {
      if ((await usedTables(connection)).length > 0) return 'used';
      const rows = await connection.query(
        'SELECT TIMESTAMPDIFF(SECOND, MIN(applied_at), MAX(applied_at)) AS apart FROM schema_migrations WHERE version IN (1, 5)',
      );
      const [row] = rows as { apart: string | null }[];
      return Number(row?.apart ?? 0) > AT_ONCE_S ? 'unknown' : 'unused';
    });
  }

  private async ask<T>(work: (connection: MariaDbConnection) => Promise<T>): Promise<T> {
    const connection = await this.pool.acquire();
    try {
      return await work(connection);
    } finally {
      connection.giveBack();
    }
  }
}
