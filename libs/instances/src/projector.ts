import type { Clock, WorkerId } from '@flow/kernel';
import type { Task } from './instance';
import type { Cursor, HistoryChunk, InstanceHeader, InstanceRows, InstanceStore } from './instance.store';
import type { WorkerLog } from './worker-log';

/** What one transition adds to the rows. */
export interface TransitionRows {
  readonly header: InstanceHeader;
  readonly cursor?: Cursor;
  readonly tasks: readonly Task[];
  /** JSON list of the transition's events. */
  readonly eventsText: string;
}

const WINDOW_MS = 20;
const BATCH_ROWS = 2_000;
const PAUSE_AFTER_FAULT_MS = 200;

type Entry = { readonly rows: TransitionRows } | { readonly mark: number };

/**
 * Writes rows behind the log: in batches, an instance's rows together, then raises the worker's mark. Rows may be late,
 * never wrong: they are made from transitions that the log already holds.
 */
export class Projector {
  private entries: Entry[] = [];
  private waiting: { readonly target: number; readonly resolve: () => void }[] = [];
  private running = false;
  private cancelTimer: (() => void) | undefined;
  private rowsBehind = 0;
  private added = 0;
  private written = 0;

  constructor(
    private readonly store: InstanceStore,
    private readonly log: WorkerLog,
    private readonly workerId: WorkerId,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Rows that the log has and the store has not yet. */
  get lag(): number {
    return this.rowsBehind;
  }

  add(rows: TransitionRows): void {
    this.rowsBehind += 1 + rows.tasks.length;
    this.push({ rows });
  }

  /** Everything added before belongs to record n or an earlier one. */
  mark(n: number): void {
    this.push({ mark: n });
  }

  /** Resolves when everything that was added before is in the rows. */
  caughtUp(): Promise<void> {
    if (this.written === this.added) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ target: this.added, resolve });
      this.start();
    });
  }

  private push(entry: Entry): void {
    this.entries.push(entry);
    this.added += 1;
    if (this.rowsBehind >= BATCH_ROWS) this.start();
    else this.startSoon();
  }

  private startSoon(): void {
    if (!this.running) this.cancelTimer ??= this.clock.after(WINDOW_MS, () => this.start());
  }

  private start(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (!this.running) void this.work();
  }

  /** Goes on while batches are full or somebody waits; what is left then is small and comes with the next window. */
  private async work(): Promise<void> {
    this.running = true;
    do {
      const batch = this.takeBatch();
      await this.persistently(() => this.write(batch));
      this.written += batch.length;
      this.answer();
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (this.rowsBehind >= BATCH_ROWS || this.waiting.length > 0);
    this.running = false;
    if (this.entries.length > 0) this.startSoon();
  }

  private answer(): void {
    const ready = this.waiting.filter(({ target }) => target <= this.written);
    if (ready.length === 0) return;
    this.waiting = this.waiting.filter(({ target }) => target > this.written);
    for (const { resolve } of ready) resolve();
  }

  private takeBatch(): Entry[] {
    let rows = 0;
    let count = 0;
    for (const entry of this.entries) {
      if (rows >= BATCH_ROWS) break;
      if ('rows' in entry) rows += 1 + entry.rows.tasks.length;
      count += 1;
    }
    this.rowsBehind -= rows;
    return this.entries.splice(0, count);
  }

  private async write(batch: readonly Entry[]): Promise<void> {
    const merged = mergeRows(batch.flatMap((entry) => ('rows' in entry ? [entry.rows] : [])));
    if (merged.length > 0) await this.store.project(merged);
    const mark = batch.reduce((highest, entry) => ('mark' in entry ? entry.mark : highest), 0);
    if (mark > 0) await this.log.raiseMark(this.workerId, mark);
  }

  private async persistently(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        this.onFault(error);
        await new Promise<void>((resolve) => this.clock.after(PAUSE_AFTER_FAULT_MS, resolve));
      }
    }
  }
}

/** Many transitions of one instance become one set of rows: the newest header, each task's newest row, one chunk of history. */
export function mergeRows(list: readonly TransitionRows[]): InstanceRows[] {
  const byInstance = new Map<string, TransitionRows[]>();
  for (const rows of list) {
    const { id } = rows.header.instance;
    const known = byInstance.get(id);
    if (known) known.push(rows);
    else byInstance.set(id, [rows]);
  }
  return [...byInstance.values()].map((transitions): InstanceRows => {
    const last = transitions.at(-1) as TransitionRows;
    const first = transitions[0] as TransitionRows;
    const cursor = transitions.reduce<Cursor | undefined>((newest, rows) => rows.cursor ?? newest, undefined);
    const chunk: HistoryChunk = {
      fromSeq: first.header.seq,
      toSeq: last.header.seq,
      events: `[${transitions.map(({ eventsText }) => eventsText).join(',')}]`,
    };
    const tasks =
      transitions.length === 1
        ? last.tasks
        : [...new Map(transitions.flatMap(({ tasks }) => tasks.map((task) => [task.path, task]))).values()];
    return { header: last.header, ...(cursor && { cursor }), tasks, history: [chunk] };
  });
}
