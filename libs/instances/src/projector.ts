import { AppError, type Clock, type InstanceId, type WorkerId } from '@flow/kernel';
import type { WaitingEvent } from '@flow/events';
import type { Inbox } from './inbox.store';
import type { Task } from './instance';
import type { Cursor, InstanceHeader, InstanceRows, InstanceStore } from './instance.store';
import type { OutboxItem } from './outbox';
import { StorageFull } from '@flow/platform';
import type { WorkerLog } from './worker-log';

/** What one transition adds to the rows. */
export interface TransitionRows {
  readonly header: InstanceHeader;
  readonly cursor?: Cursor;
  readonly tasks: readonly Task[];
  readonly outbox: readonly OutboxItem[];
  /** What of it is told to the world outside. */
  readonly told?: readonly WaitingEvent[];
  /** Inbox items that it acts on. */
  readonly consumed?: readonly string[];
  /** JSON list of the transition's events. */
  readonly eventsText: string;
  /** Called when the rows stand. */
  readonly written?: () => void;
}

/** Rows wait this long for others of their instance, unless somebody asks for them or there are many. */
const WINDOW_MS = 200;
const MANY_ROWS = 20_000;
const MOST_ROWS_BEHIND = 40_000;
/** Rows written in one turn: other work gets its turn in between. */
const ROWS_A_TURN = 500;
const PAUSE_AFTER_FAULT_MS = 200;
/** Who waits for rows, and has waited so long when a store that is away refuses them once more, is told so. */
const WAITS_FOR_STORE_MS = 2_000;

/**
 * Writes rows behind the log: what came in since the last time, an instance's rows together and each row once, then the
 * worker's mark. Rows may be late, never wrong: they are made from transitions that the log already holds.
 */
export class Projector {
  private gathering = new Gathering();
  private waiting: {
    readonly target: number;
    readonly sinceMs: number;
    readonly resolve: () => void;
    readonly reject: (error: AppError) => void;
  }[] = [];
  private trouble: unknown;
  private running = false;
  private cancelTimer: (() => void) | undefined;
  private added = 0;
  private written = 0;
  private underWay: Gathering | undefined;

  constructor(
    private readonly store: InstanceStore,
    private readonly log: WorkerLog,
    private readonly workerId: WorkerId,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
    private readonly inbox?: Inbox,
    /** Rows of this instance stand, and other processes find them. */
    private readonly onWritten: (id: InstanceId) => void = () => undefined,
  ) {}

  /** What keeps rows from being written at the moment; they are tried again. */
  get fault(): unknown {
    return this.trouble;
  }

  /** Rows that the log has and the store has not yet. */
  get lag(): number {
    return this.gathering.rows + (this.underWay?.rows ?? 0);
  }

  add(rows: TransitionRows): void {
    this.added += 1;
    this.gathering.add(rows);
    if (this.gathering.rows >= MANY_ROWS) this.start();
    else this.startSoon();
  }

  /** A message was taken: its row goes, or is never written. */
  settle(itemId: string): void {
    if (this.gathering.outbox.delete(itemId)) return;
    this.gathering.settled.push(itemId);
    this.added += 1;
    this.startSoon();
  }

  /** Everything added before belongs to record n or an earlier one. Rows may be under way without it: it is written all the same. */
  mark(n: number): void {
    this.gathering.mark = n;
    this.added += 1;
    this.startSoon();
  }

  /** Whether rows of this instance are not written yet. */
  isBehind(id: InstanceId): boolean {
    return this.gathering.has(id) || (this.underWay?.has(id) ?? false);
  }

  /**
   * Resolves when everything that was added before is in the rows.
   * @throws StorageFull when there is no space for them, and what the store says when it stays away: nobody waits for that
   */
  caughtUp(): Promise<void> {
    if (this.written === this.added) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ target: this.added, sinceMs: this.clock.monotonicMs(), resolve, reject });
      this.start();
    });
  }

  /** Resolves at once, or, when too many rows are behind, as soon as they are fewer: what pushes back on new work. */
  async room(): Promise<void> {
    while (this.lag > MOST_ROWS_BEHIND) await this.caughtUp();
  }

  private startSoon(): void {
    if (!this.running) this.cancelTimer ??= this.clock.after(WINDOW_MS, () => this.start());
  }

  private start(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (!this.running) void this.work();
  }

  private async work(): Promise<void> {
    this.running = true;
    do {
      const batch = this.gathering;
      const target = this.added;
      this.gathering = new Gathering();
      await this.write(batch);
      this.written = target;
      this.answer();
    } while (this.gathering.rows >= MANY_ROWS || this.waiting.length > 0);
    this.running = false;
    if (this.written < this.added) this.startSoon();
  }

  private async write(batch: Gathering): Promise<void> {
    this.underWay = batch;
    // Before the headers: whoever claims a run reads in its inbox only what nobody has acted on.
    const { inbox } = this;
    if (inbox && batch.consumed.length > 0) await this.persistently(() => inbox.settle(batch.consumed, 'acted'));
    for (const rows of batch.turns()) {
      await this.persistently(() => this.store.project(rows));
      for (const { header } of rows) this.onWritten(header.instance.id);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const { settled } = batch;
    if (settled.length > 0) await this.persistently(() => this.store.settleOutbox(settled));
    if (batch.mark > 0) await this.persistently(() => this.log.raiseMark(this.workerId, batch.mark));
    this.underWay = undefined;
    for (const written of batch.written) written();
  }

  private answer(): void {
    const ready = this.waiting.filter(({ target }) => target <= this.written);
    this.waiting = this.waiting.filter(({ target }) => target > this.written);
    for (const { resolve } of ready) resolve();
  }

  private async persistently(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        this.trouble = undefined;
        return;
      } catch (error) {
        this.trouble = error;
        this.onFault(error);
        this.refuse(error);
        await new Promise<void>((resolve) => this.clock.after(PAUSE_AFTER_FAULT_MS, resolve));
      }
    }
  }

  /** What is refused is tried again all the same; only those who wait for it hear of it. */
  private refuse(error: unknown): void {
    if (!(error instanceof AppError) || (error.kind !== 'unavailable' && error.kind !== 'storage_full')) return;
    const before = error instanceof StorageFull ? Infinity : this.clock.monotonicMs() - WAITS_FOR_STORE_MS;
    const refused = this.waiting.filter(({ sinceMs }) => sinceMs <= before);
    this.waiting = this.waiting.filter(({ sinceMs }) => sinceMs > before);
    for (const { reject } of refused) reject(error);
  }
}

interface Gathered {
  header: InstanceHeader;
  cursor: Cursor | undefined;
  readonly tasks: Map<string, Task>;
  readonly fromSeq: number;
  readonly events: string[];
  readonly told: WaitingEvent[];
}

/** Many transitions of one instance become one set of rows: the newest header, each task's newest row, one chunk of history. */
export class Gathering {
  private readonly instances = new Map<InstanceId, Gathered>();
  rows = 0;
  /** Messages by id, and their instances. */
  readonly outbox = new Map<string, { readonly instance: InstanceId; readonly item: OutboxItem }>();
  /** Messages whose rows stand and that were taken. */
  readonly settled: string[] = [];
  /** Inbox items that were acted on. */
  readonly consumed: string[] = [];
  /** The last record whose transitions are all in here; 0 when there is none. */
  mark = 0;
  /** Who wants to hear when all of it stands. */
  readonly written: (() => void)[] = [];

  has(id: InstanceId): boolean {
    return this.instances.has(id);
  }

  add({ header, cursor, tasks, outbox, told, consumed, eventsText, written }: TransitionRows): void {
    const { id } = header.instance;
    let known = this.instances.get(id);
    if (known) {
      known.header = header;
      known.cursor = cursor ?? known.cursor;
      known.events.push(eventsText);
    } else {
      known = { header, cursor, tasks: new Map(), fromSeq: header.seq, events: [eventsText], told: [] };
      this.instances.set(id, known);
      this.rows += 1;
    }
    const before = known.tasks.size;
    for (const task of tasks) known.tasks.set(task.path, task);
    this.rows += known.tasks.size - before;
    for (const item of outbox) this.outbox.set(item.id, { instance: id, item });
    if (told) known.told.push(...told);
    if (consumed) this.consumed.push(...consumed);
    if (written) this.written.push(written);
  }

  /** Instances that nobody holds by their newest row. */
  *unowned(): Generator<InstanceId> {
    for (const [id, { header }] of this.instances) if (header.owner === null) yield id;
  }

  /** Everything, in portions of about ROWS_A_TURN rows. */
  *turns(): Generator<readonly InstanceRows[]> {
    let turn: InstanceRows[] = [];
    let rows = 0;
    const messages = this.messages();
    for (const { header, cursor, tasks, fromSeq, events, told } of this.instances.values()) {
      const history = [{ fromSeq, toSeq: header.seq, events: `[${events.join(',')}]` }];
      turn.push({
        header,
        ...(cursor && { cursor }),
        tasks: [...tasks.values()],
        history,
        outbox: messages.get(header.instance.id) ?? [],
        ...(told.length > 0 && { told }),
      });
      rows += 1 + tasks.size;
      if (rows >= ROWS_A_TURN) {
        yield turn;
        turn = [];
        rows = 0;
      }
    }
    if (turn.length > 0) yield turn;
  }

  private messages(): Map<InstanceId, OutboxItem[]> {
    const byInstance = new Map<InstanceId, OutboxItem[]>();
    for (const { instance, item } of this.outbox.values())
      byInstance.set(instance, [...(byInstance.get(instance) ?? []), item]);
    return byInstance;
  }
}
