import { AuditJournal, journalEntryFrom, journalText, type JournalEntry } from '@flow/audit';
import { AUDIT_JOURNAL } from './audit.entity';
import { inPieces } from './pieces';
import type { Relational } from './relational';

const ROWS_A_STATEMENT = 100;

/** The journal of processes that share the database: whose they are does not say that one is dead, so that their time decides. */
export class SqlAuditJournal extends AuditJournal {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(entries: readonly JournalEntry[]): Promise<void> {
    await this.relational.run('journal.add', async (tx) => {
      for (const some of inPieces(entries, ROWS_A_STATEMENT))
        await tx.repository(AUDIT_JOURNAL).query(
          `INSERT INTO audit_journal (id, owner, abandoned_at, entry) VALUES ${some.map(() => '(?, ?, ?, ?)').join(', ')}`,
          some.flatMap((entry) => [entry.command.id, entry.owner, entry.abandonedAt.getTime(), journalText(entry)]),
        );
    });
  }

  override async remove(ids: readonly string[]): Promise<void> {
    await this.relational.run('journal.remove', async (tx) => {
      for (const some of inPieces(ids))
        await tx
          .repository(AUDIT_JOURNAL)
          .query(`DELETE FROM audit_journal WHERE id IN (${some.map(() => '?').join(', ')})`, some);
    });
  }

  override async abandoned(_owner: string, now: Date, limit: number): Promise<readonly JournalEntry[]> {
    const rows = await this.relational.read((tx) =>
      tx
        .repository(AUDIT_JOURNAL)
        .createQueryBuilder('one')
        .where('one.abandonedAt <= :now', { now: now.getTime() })
        .orderBy('one.id')
        .limit(limit)
        .getMany(),
    );
    return rows.map(({ owner, abandonedAt, entry }) => ({ ...journalEntryFrom(entry), owner, abandonedAt }));
  }
}
