import { isUniqueViolation, type Database } from '@flow/adapters/sqlite';
import type { LogRecord } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';

/** More records than any worker writes; a worker's number times this is still an exact double for 2 million starts. */
export const RECORDS = 2 ** 32;

/** Refused unless the record before it stands (or is projected away), so a log has no gap and nothing behind its seal. */
const APPEND = `INSERT INTO log_records (key, sealed, nonce, body) SELECT ?1, 0, ?2, ?3
  WHERE EXISTS (SELECT 1 FROM log_records WHERE key = ?1 - 1 AND sealed = 0)
     OR EXISTS (SELECT 1 FROM workers WHERE no = ?4 AND projected = ?5 - 1)`;

/** What is written into logs while a worker lives (`instances.schema.ts`): an append is one insert, on disk when it returns. */
export class LogWrites {
  private readonly numbers = new Map<WorkerId, number>();

  constructor(private readonly db: Database) {}

  /** 'fenced': another's record stands there. */
  append(workerId: WorkerId, { n, nonce, body }: LogRecord): 'stands' | 'fenced' {
    const worker = this.numberOf(workerId);
    const key = worker * RECORDS + n;
    try {
      const { changes } = this.db.write('log.append', APPEND, key, nonce, body, worker, n);
      if (changes === 1) return 'stands';
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const standing = this.db.get('SELECT nonce, sealed FROM log_records WHERE key = ?', key);
      return standing?.sealed === 0 && standing.nonce === nonce ? 'stands' : 'fenced';
    }
    const { head, sealed } = this.headOf(worker);
    if (sealed || n <= head) return 'fenced';
    throw new Error(`Record ${n} of worker ${workerId} would leave a gap behind ${head}.`);
  }

  raiseMark(workerId: WorkerId, n: number): void {
    const worker = this.numberOf(workerId);
    this.db.transaction(
      'log.mark',
      () => {
        const { changes } = this.db.run(
          'UPDATE workers SET projected = ?1 WHERE no = ?2 AND projected < ?1',
          n,
          worker,
        );
        if (changes === 0) return;
        const first = worker * RECORDS;
        this.db.run('DELETE FROM log_records WHERE key > ? AND key <= ? AND sealed = 0', first, first + n);
      },
      { flush: 'later' },
    );
  }

  headOf(worker: number): { head: number; sealed: boolean } {
    const first = worker * RECORDS;
    const last = this.db.get(
      'SELECT key, sealed FROM log_records WHERE key > ? AND key < ? ORDER BY key DESC LIMIT 1',
      first,
      first + RECORDS,
    );
    const mark = this.markOf(worker);
    const n = last ? Number(last.key) - first : 0;
    // A seal that the mark has reached was put where a record had been.
    return { head: Math.max(mark, n), sealed: last?.sealed === 1 && n > mark };
  }

  markOf(worker: number): number {
    return Number(this.db.get('SELECT projected FROM workers WHERE no = ?', worker)?.projected);
  }

  numberOf(workerId: WorkerId): number {
    let worker = this.numbers.get(workerId);
    if (worker === undefined) {
      const row = this.db.get('SELECT no FROM workers WHERE id = ?', workerId);
      if (!row) throw new Error(`No worker has the id ${workerId}: a log is opened before it is used.`);
      worker = Number(row.no);
      this.numbers.set(workerId, worker);
    }
    return worker;
  }
}
