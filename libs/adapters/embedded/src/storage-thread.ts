import type { Database } from '@flow/adapters/sqlite';
import type { InstanceRows, LogRecord } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { HotWrites } from './hot-writes';
import type { JournalRow } from './journal-writes';
import { unpackError, type Answer, type Errand, type ErrandBody, type ThreadPlace } from './storage-thread.messages';

const FILE = join(__dirname, 'storage-thread.worker.js');

interface Pending {
  readonly resolve: (answer: Answer & { readonly value: unknown }) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The hot writes in another thread, one after another in the order in which they are asked for. When that thread dies, what is under way
 * fails: as after any error its outcome is unknown, and asking again is safe.
 */
export class StorageThread extends HotWrites {
  private readonly pending = new Map<number, Pending>();
  private last = 0;
  /** Why it no longer answers. */
  death: Error | undefined;
  /** How long the last append took there. */
  appendMs = 0;
  /** How many errands it has answered. */
  answered = 0;

  private constructor(private readonly worker: Worker) {
    super();
    worker.on('message', (answer: Answer) => this.hear(answer));
    worker.on('error', (error) => this.die(error));
    worker.on('exit', () => this.die(new Error('The storage thread has ended.')));
  }

  /** Resolves when it has the file open. `entry`: the compiled thread. */
  static open(db: Database, entry = FILE): Promise<StorageThread> {
    const workerData: ThreadPlace = { file: db.file, turn: db.turn.shared };
    const worker = new Worker(entry, { workerData });
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The storage thread ended at its start (${code}).`)));
      worker.once('message', () => {
        worker.off('error', reject);
        resolve(new StorageThread(worker));
      });
    });
  }

  /** Errands that have not been answered. */
  get underWay(): number {
    return this.pending.size;
  }

  override async append(workerId: WorkerId, record: LogRecord): Promise<'stands' | 'fenced'> {
    const { value, ms } = await this.ask({ do: 'append', workerId, record });
    this.appendMs = ms;
    return value === 'fenced' ? 'fenced' : 'stands';
  }

  override async raiseMark(workerId: WorkerId, n: number): Promise<void> {
    await this.ask({ do: 'raiseMark', workerId, n });
  }

  override async project(rows: readonly InstanceRows[]): Promise<void> {
    await this.ask({ do: 'project', rows: JSON.stringify(rows) });
  }

  override async settleOutbox(ids: readonly string[]): Promise<void> {
    await this.ask({ do: 'settleOutbox', ids });
  }

  override async addToJournal(rows: readonly JournalRow[], flush: 'now' | 'later'): Promise<void> {
    await this.ask({ do: 'addToJournal', rows, flush });
  }

  override async removeFromJournal(ids: readonly string[]): Promise<void> {
    await this.ask({ do: 'removeFromJournal', ids });
  }

  /** Resolves when everything that was asked for is answered and the thread has let go of the file. */
  close(): Promise<void> {
    if (this.death) return Promise.resolve();
    return new Promise((resolve) => {
      this.worker.once('exit', () => resolve());
      this.worker.postMessage('close');
    });
  }

  private ask(body: ErrandBody): Promise<Answer & { readonly value: unknown }> {
    if (this.death) return Promise.reject(this.death);
    this.last += 1;
    const errand: Errand = { no: this.last, ...body };
    return new Promise((resolve, reject) => {
      this.pending.set(errand.no, { resolve, reject });
      this.worker.postMessage(errand);
    });
  }

  private hear(answer: Answer): void {
    const asked = this.pending.get(answer.no);
    this.pending.delete(answer.no);
    this.answered += 1;
    if ('value' in answer) asked?.resolve(answer);
    else asked?.reject(unpackError(answer.error));
  }

  private die(error: Error): void {
    this.death ??= error;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
