import type { Database } from '@flow/adapters/sqlite';
import { WorkerFenced, WorkerLog, type LogHead, type LogRecord, type WorkerRow } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { HotWritesHere, type HotWrites } from './hot-writes';
import { LogWrites, RECORDS } from './log-writes.sqlite';

/** Logs of workers in `documents.db` (`instances.schema.ts`): an append is one insert, on disk when it resolves. */
export class SqliteWorkerLog extends WorkerLog {
  private readonly numbers: LogWrites;

  /** `writes`: where appends are carried out. */
  constructor(
    private readonly db: Database,
    private readonly writes: HotWrites = new HotWritesHere(db),
  ) {
    super();
    this.numbers = new LogWrites(db);
  }

  override async open(workerId: WorkerId): Promise<void> {
    this.db.write('log.open', 'INSERT INTO workers (id) VALUES (?)', workerId);
  }

  override async append(workerId: WorkerId, record: LogRecord, alone = false): Promise<void> {
    if ((await this.writes.append(workerId, record, alone)) === 'fenced') throw new WorkerFenced(workerId, record.n);
  }

  override async trySeal(workerId: WorkerId, n: number): Promise<boolean> {
    const key = this.numbers.numberOf(workerId) * RECORDS + n;
    const seal = "INSERT OR IGNORE INTO log_records (key, sealed, nonce, body) VALUES (?, 1, '', '')";
    if (this.db.write('log.seal', seal, key).changes === 1) return true;
    return this.db.get('SELECT sealed FROM log_records WHERE key = ?', key)?.sealed === 1;
  }

  override async head(workerId: WorkerId): Promise<LogHead> {
    const { head, sealed } = this.numbers.headOf(this.numbers.numberOf(workerId));
    return { n: head, isSealed: sealed };
  }

  override async mark(workerId: WorkerId): Promise<number> {
    return this.numbers.markOf(this.numbers.numberOf(workerId));
  }

  override async read(workerId: WorkerId, afterN: number, limit: number): Promise<readonly LogRecord[]> {
    const first = this.numbers.numberOf(workerId) * RECORDS;
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

  override raiseMark(workerId: WorkerId, n: number): Promise<void> {
    return this.writes.raiseMark(workerId, n);
  }

  override async unclosed(): Promise<readonly WorkerRow[]> {
    return this.db
      .all('SELECT id, projected FROM workers WHERE closed = 0 ORDER BY no')
      .map((row) => ({ id: row.id as WorkerId, projected: Number(row.projected) }));
  }

  override async close(workerId: WorkerId): Promise<void> {
    this.db.write('log.close', 'UPDATE workers SET closed = 1 WHERE id = ?', workerId);
  }
}
