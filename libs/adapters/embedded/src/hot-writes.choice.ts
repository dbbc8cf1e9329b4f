import type { Database } from '@flow/adapters/sqlite';
import type { InstanceRows, LogRecord } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';
import { HotWrites, HotWritesHere } from './hot-writes';
import type { JournalRow } from './journal-writes';
import { StorageThread } from './storage-thread';

/** An append that takes longer keeps others from their turn for too long. */
const SLOW_APPEND_MS = 1;
/** Share of the appends that hold what several runs waited for. */
const CROWDED = 0.5;
/** Weight of the newest append in both averages. */
const NEWEST = 0.05;

export interface WritesSurroundings {
  readonly openThread?: (db: Database) => Promise<StorageThread>;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
  /** The thread could not be started, or has died: everything is written here from then on. */
  readonly onThreadLost?: (error: unknown) => void;
}

/**
 * Writes here while callers come one by one and the disk is quick, for a hand-over takes longer than a quick append; in a thread of its own,
 * started when it is first wanted, when there is other work to do meanwhile. Both write the same file, each in its turn, so a change
 * of place changes nothing else.
 */
export class HotWritesChoice extends HotWrites {
  private readonly here: HotWritesHere;
  private thread: StorageThread | undefined;
  private opening: Promise<void> | undefined;
  private appendMs = 0;
  private crowd = 0;
  private readonly now: () => number;
  private readonly openThread: (db: Database) => Promise<StorageThread>;

  constructor(
    private readonly db: Database,
    private readonly surroundings: WritesSurroundings = {},
  ) {
    super();
    this.here = new HotWritesHere(db);
    this.now = surroundings.now ?? (() => performance.now());
    this.openThread = surroundings.openThread ?? ((one) => StorageThread.open(one));
  }

  override async append(workerId: WorkerId, record: LogRecord, alone = false): Promise<'stands' | 'fenced'> {
    this.crowd += ((alone ? 0 : 1) - this.crowd) * NEWEST;
    const place = this.place();
    const startedAt = this.now();
    const outcome = await place.append(workerId, record, alone);
    const ms = place instanceof StorageThread ? place.appendMs : this.now() - startedAt;
    this.appendMs += (ms - this.appendMs) * NEWEST;
    return outcome;
  }

  override raiseMark(workerId: WorkerId, n: number): Promise<void> {
    return this.place().raiseMark(workerId, n);
  }

  override project(rows: readonly InstanceRows[]): Promise<void> {
    return this.place().project(rows);
  }

  override settleOutbox(ids: readonly string[]): Promise<void> {
    return this.place().settleOutbox(ids);
  }

  override addToJournal(rows: readonly JournalRow[], flush: 'now' | 'later'): Promise<void> {
    return this.place().addToJournal(rows, flush);
  }

  override removeFromJournal(ids: readonly string[]): Promise<void> {
    return this.place().removeFromJournal(ids);
  }

  /** Resolves when the thread, if there is one, has done everything that was asked for and let go of the file. */
  async close(): Promise<void> {
    await (this.opening ??= Promise.resolve());
    await this.thread?.close();
    this.thread = undefined;
  }

  private place(): HotWrites {
    if (this.thread?.death) this.lose(this.thread.death);
    const wanted = this.crowd > CROWDED || this.appendMs > SLOW_APPEND_MS;
    if (wanted) this.opening ??= this.open();
    // What is under way there would keep this thread waiting for its turn.
    return this.thread && (wanted || this.thread.underWay > 0) ? this.thread : this.here;
  }

  private async open(): Promise<void> {
    try {
      this.thread = await this.openThread(this.db);
    } catch (error) {
      this.lose(error);
    }
  }

  private lose(error: unknown): void {
    this.thread = undefined;
    this.surroundings.onThreadLost?.(error);
  }
}
