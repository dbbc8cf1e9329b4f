import type { Database } from '@flow/adapters/sqlite';
import type { InstanceRows, LogRecord } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { InstanceProjection } from './instance-projection.sqlite';
import { JournalWrites, type JournalRow } from './journal-writes';
import { LogWrites } from './log-writes.sqlite';

/** What every command and every step of a run writes into `documents.db`: its entry in the journal, its record and its rows. Where that is carried out is the adapter's to choose. */
export abstract class HotWrites {
  /** See `WorkerLog.append`. */
  abstract append(workerId: WorkerId, record: LogRecord, alone?: boolean): Promise<'stands' | 'fenced'>;
  /** See `WorkerLog.raiseMark`. */
  abstract raiseMark(workerId: WorkerId, n: number): Promise<void>;
  /** See `InstanceStore.project`. */
  abstract project(rows: readonly InstanceRows[]): Promise<void>;
  /** See `InstanceStore.settleOutbox`. */
  abstract settleOutbox(ids: readonly string[]): Promise<void>;
  /** See `AuditJournal.add`. */
  abstract addToJournal(rows: readonly JournalRow[], flush: 'now' | 'later'): Promise<void>;
  /** See `AuditJournal.remove`. */
  abstract removeFromJournal(ids: readonly string[]): Promise<void>;
}

/** In this thread. */
export class HotWritesHere extends HotWrites {
  private readonly log: LogWrites;
  private readonly projection: InstanceProjection;
  private readonly journal: JournalWrites;

  constructor(db: Database) {
    super();
    this.log = new LogWrites(db);
    this.projection = new InstanceProjection(db);
    this.journal = new JournalWrites(db);
  }

  override async append(workerId: WorkerId, record: LogRecord): Promise<'stands' | 'fenced'> {
    return this.log.append(workerId, record);
  }

  override async raiseMark(workerId: WorkerId, n: number): Promise<void> {
    this.log.raiseMark(workerId, n);
  }

  override async project(rows: readonly InstanceRows[]): Promise<void> {
    this.projection.project(rows);
  }

  override async settleOutbox(ids: readonly string[]): Promise<void> {
    this.projection.settleOutbox(ids);
  }

  override async addToJournal(rows: readonly JournalRow[], flush: 'now' | 'later'): Promise<void> {
    this.journal.add(rows, flush);
  }

  override async removeFromJournal(ids: readonly string[]): Promise<void> {
    this.journal.remove(ids);
  }
}
