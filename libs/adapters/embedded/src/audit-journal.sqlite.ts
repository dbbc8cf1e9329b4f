import { AuditJournal, areFlushedByTheirEffects, journalEntryFrom, journalText, type JournalEntry } from '@flow/audit';
import type { Database } from '@flow/adapters/sqlite';
import type { HotWrites } from './hot-writes';
import type { JournalRow } from './journal-writes';

/**
 * The journal of a process that has the folder to itself, in `documents.db`. What the effects of its commands flush, since they go to the same
 * file right behind it, is not flushed here: SQLite's log is read as far as it is whole, so that no effect is durable without its command.
 */
export class SqliteAuditJournal extends AuditJournal {
  constructor(
    private readonly db: Database,
    private readonly writes: HotWrites,
  ) {
    super();
  }

  override add(entries: readonly JournalEntry[]): Promise<void> {
    const rows = entries.map((entry): JournalRow => ({
      id: entry.command.id,
      owner: entry.owner,
      abandonedMs: entry.abandonedAt.getTime(),
      entry: journalText(entry),
    }));
    return this.writes.addToJournal(rows, areFlushedByTheirEffects(entries) ? 'later' : 'now');
  }

  override remove(ids: readonly string[]): Promise<void> {
    return this.writes.removeFromJournal(ids);
  }

  /** Whoever had the folder before is dead. */
  override async abandoned(owner: string, now: Date, limit: number): Promise<readonly JournalEntry[]> {
    const rows = this.db.all(
      'SELECT * FROM audit_journal WHERE owner <> ? OR abandoned_ms <= ? ORDER BY id LIMIT ?',
      owner,
      now.getTime(),
      limit,
    );
    return rows.map((row) => ({
      ...journalEntryFrom(String(row.entry)),
      owner: String(row.owner),
      abandonedAt: new Date(Number(row.abandoned_ms)),
    }));
  }
}
