import type { Database } from '@flow/adapters/sqlite';
import { DecidingMark, type DecidedInstallation, type StoreUse } from '@flow/platform';

/** In `documents.db`. */
export class SqliteInstallationMark extends DecidingMark {
  constructor(private readonly db: Database) {
    super();
  }

  override async find(): Promise<DecidedInstallation | undefined> {
    return this.standing();
  }

  override async put(id: string): Promise<DecidedInstallation> {
    this.db.write('installation.decide', 'INSERT OR IGNORE INTO installation (one, id, settled) VALUES (1, ?, 0)', id);
    return this.standing() as DecidedInstallation;
  }

  override async settle(): Promise<void> {
    this.db.write('installation.settle', 'UPDATE installation SET settled = 1');
  }

  /** Every start of a service makes a worker. */
  override async use(): Promise<StoreUse> {
    return this.db.get('SELECT 1 FROM workers LIMIT 1') ? 'used' : 'unused';
  }

  private standing(): DecidedInstallation | undefined {
    const row = this.db.get('SELECT id, settled FROM installation');
    return row && { id: String(row.id), isSettled: row.settled === 1 };
  }
}
