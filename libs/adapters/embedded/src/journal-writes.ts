import type { Database } from '@flow/adapters/sqlite';

export interface JournalRow {
  readonly id: string;
  readonly owner: string;
  readonly abandonedMs: number;
  readonly entry: string;
}

/** What is written into `audit_journal` (`audit-journal.schema.ts`), for every command. */
export class JournalWrites {
  constructor(private readonly db: Database) {}

  add(rows: readonly JournalRow[], flush: 'now' | 'later'): void {
    this.db.transaction(
      'command.note',
      () => {
        for (const { id, owner, abandonedMs, entry } of rows)
          this.db.run('INSERT INTO audit_journal VALUES (?, ?, ?, ?)', id, owner, abandonedMs, entry);
      },
      { flush },
    );
  }

  /** Waits for no disk: what comes back with a loss of power has its record, and goes again. */
  remove(ids: readonly string[]): void {
    this.db.transaction(
      'command.forget',
      () => {
        for (const id of ids) this.db.run('DELETE FROM audit_journal WHERE id = ?', id);
      },
      { flush: 'later' },
    );
  }
}
