import type { Database } from '@flow/adapters/sqlite';
import { InstallationMark, type StoreUse } from '@flow/platform';
import { ENTITIES } from './entities';

/** In `relational.db`. */
export class SqliteRelationalMark extends InstallationMark {
  constructor(private readonly db: Database) {
    super();
  }

  override async find(): Promise<string | undefined> {
    const row = this.db.get('SELECT id FROM installation');
    return row && String(row.id);
  }

  override async put(id: string): Promise<string> {
    this.db.write('installation.follow', 'INSERT OR IGNORE INTO installation (one, id) VALUES (1, ?)', id);
    return (await this.find()) as string;
  }

  /** One whose ADMIN_TOKEN is set may hold nothing for ever. */
  override async use(): Promise<StoreUse> {
    const isUsed = ENTITIES.some(({ tableName }) => this.db.get(`SELECT 1 FROM ${tableName} LIMIT 1`));
    return isUsed ? 'used' : 'unknown';
  }
}
