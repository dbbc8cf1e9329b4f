import { isUniqueViolation, type Database } from '@flow/adapters/sqlite';
import { WorkerFenced, WorkerLog, type LogHead, type LogRecord, type WorkerRow } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';

/** More records than any worker writes; a worker's number times this is still an exact double for 2 million starts. */
const RECORDS = 2 ** 32;

/** Refused unless the record before it stands (or is projected away), so a log has no gap and nothing behind its seal. */
const APPEND = `INSERT INTO log_records (key, sealed, nonce, body) SELECT ?1, 0, ?2, ?3
  WHERE EXISTS (SELECT 1 FROM log_records WHERE key = ?1 - 1 AND sealed = 0)
     OR EXISTS (SELECT 1 FROM workers WHERE no = ?4 AND projected = ?5 - 1)`;

/** Logs of workers in `documents.db` (`instances.schema.ts`): an append is one insert, on disk when it resolves. */
export class SqliteWorkerLog extends WorkerLog {
  private readonly numbers = new Map<WorkerId, number>();

  constructor(private readonly db: Database) {
    super();
  }

  override async open(workerId: WorkerId): Promise<void> {
    this.db.write('log.open', 'INSERT INTO workers (id) VALUES (?)', workerId);
  }

  override async append(workerId: WorkerId, { n, nonce, body }: LogRecord): Promise<void> {
    const worker = this.numberOf(workerId);
    const key = worker * RECORDS + n;
    try {
      const { changes } = this.db.write('log.append', APPEND, key, nonce, body, worker, n);
      if (changes === 1) return;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const standing = this.db.get('SELECT nonce, sealed FROM log_records WHERE key = ?', key);
      if (standing?.sealed === 0 && standing.nonce === nonce) return;
      throw new WorkerFenced(workerId, n);
    }
    const { head, sealed } = this.headOf(worker);
    if (sealed || n <= head) throw new WorkerFenced(workerId, n);
    throw new Error(`Record ${n} of worker ${workerId} would leave a gap behind ${head}.`);
  }

  override async trySeal(workerId: WorkerId, n: number): Promise<boolean> {
    const key = this.numberOf(workerId) * RECORDS + n;
    const seal = "INSERT OR IGNORE INTO log_records (key, sealed, nonce, body) VALUES (?, 1, '', '')";
    if (this.db.write('log.seal', seal, key).changes === 1) return true;
    return this.db.get('SELECT sealed FROM log_records WHERE key = ?', key)?.sealed === 1;
  }

  override async head(workerId: WorkerId): Promise<LogHead> {
    const { head, sealed } = this.headOf(this.numberOf(workerId));
    return { n: head, isSealed: sealed };
  }

  override async mark(workerId: WorkerId): Promise<number> {
    return this.markOf(this.numberOf(workerId));
  }

  override async read(workerId: WorkerId, afterN: number, limit: number): Promise<readonly LogRecord[]> {
    const first = this.numberOf(workerId) * RECORDS;
    return this.db
      .all(
        'SELECT key, sealed, nonce, body FROM log_records WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
        first + afterN,
        first + RECORDS,
        limit,
      )
      .map((row) => ({
        n: Number(row.key) - first,
        kind: row.sealed === 1 ? 'sealed' : 'transitions',
        nonce: String(row.nonce),
        body: String(row.body),
      }));
  }

  override async raiseMark(workerId: WorkerId, n: number): Promise<void> {
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

  override async unclosed(): Promise<readonly WorkerRow[]> {
    return this.db
      .all('SELECT id, projected FROM workers WHERE closed = 0 ORDER BY no')
      .map((row) => ({ id: row.id as WorkerId, projected: Number(row.projected) }));
  }

  override async close(workerId: WorkerId): Promise<void> {
    this.db.write('log.close', 'UPDATE workers SET closed = 1 WHERE id = ?', workerId);
  }

  private headOf(worker: number): { head: number; sealed: boolean } {
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

  private markOf(worker: number): number {
    return Number(this.db.get('SELECT projected FROM workers WHERE no = ?', worker)?.projected);
  }

  private numberOf(workerId: WorkerId): number {
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
