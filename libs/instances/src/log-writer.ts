import type { Clock, Random, WorkerId } from '@flow/kernel';
import { StorageFull } from '@flow/platform';
import { WorkerFenced, type WorkerLog } from './worker-log';

const LARGEST_RECORD = 4 * 1024 * 1024;
const PAUSE_AFTER_FAULT_MS = 200;

/** A new run until its first transition is durable. */
export interface Birth {
  stands: boolean;
}

/** What belongs to a run that nobody was told of yet can be refused; once it stands it waits like everything else. */
export interface Refusal {
  readonly of: Readonly<Birth>;
  /** Called instead of `done`: nothing of the text stands, and nothing will. */
  readonly refuse: (error: StorageFull) => void;
}

interface Waiting {
  readonly text: string;
  readonly done: () => void;
  readonly refusal: Refusal | undefined;
}

function isRefusable({ refusal }: Waiting): boolean {
  return refusal !== undefined && !refusal.of.stands;
}

/**
 * Group commit: one append is under way at a time, and what arrives meanwhile shares the next record. One caller waits for
 * one fsync, a thousand share one. An append whose outcome is unknown is repeated with the same number and nonce until it is
 * answered; being fenced ends this writer for good. On a full disk new runs are refused, and what was accepted waits for space.
 */
export class LogWriter {
  private n = 0;
  private queue: Waiting[] = [];
  private busy = false;
  private fenced = false;
  private trouble: Error | undefined;

  constructor(
    private readonly log: WorkerLog,
    private readonly workerId: WorkerId,
    private readonly clock: Clock,
    private readonly random: Random,
    /** Told after the entries of record n, in order of n. */
    private readonly onRecord: (n: number) => void,
    private readonly onFenced: (error: WorkerFenced) => void,
  ) {}

  /** Set while appends fail (a full disk, a store that is away): new work is refused then, what was taken is not lost. */
  get fault(): Error | undefined {
    return this.trouble;
  }

  /** `done` is called once the text is durable, in the order of the calls. */
  append(text: string, done: () => void, refusal?: Refusal): void {
    this.queue.push({ text, done, refusal });
    if (this.busy || this.fenced) return;
    this.busy = true;
    setImmediate(() => void this.drainQueue());
  }

  private async drainQueue(): Promise<void> {
    while (this.queue.length > 0) {
      let group = this.takeGroup();
      try {
        while (group.length > 0 && !(await this.stands(this.n + 1, group))) group = this.withoutRefused(group);
      } catch (error) {
        this.fenced = true;
        this.queue = [];
        this.onFenced(error as WorkerFenced);
        return;
      }
      this.trouble = undefined;
      if (group.length === 0) continue;
      this.n += 1;
      for (const { done } of group) done();
      this.onRecord(this.n);
    }
    this.busy = false;
  }

  private takeGroup(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { text } of this.queue) {
      if (count > 0 && size + text.length > LARGEST_RECORD) break;
      size += text.length + 1;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  /** There is no space: new runs are refused wherever they wait. Gives what is left of the group. */
  private withoutRefused(group: readonly Waiting[]): Waiting[] {
    const error = this.trouble as StorageFull;
    const refused = [...group, ...this.queue].filter(isRefusable);
    this.queue = this.queue.filter((one) => !isRefusable(one));
    for (const { refusal } of refused) refusal?.refuse(error);
    return group.filter((one) => !isRefusable(one));
  }

  /** True when the record stands; false when there was no space for it and something in it can be refused. Throws WorkerFenced alone. */
  private async stands(n: number, group: readonly Waiting[]): Promise<boolean> {
    const body = `[${group.map(({ text }) => text).join(',')}]`;
    const nonce = Buffer.from(this.random.bytes(12)).toString('base64url');
    for (;;) {
      try {
        await this.log.append(this.workerId, { n, kind: 'transitions', nonce, body }, group.length === 1);
        return true;
      } catch (error) {
        if (error instanceof WorkerFenced) throw error;
        this.trouble = error instanceof Error ? error : new Error(String(error));
        if (error instanceof StorageFull && group.some(isRefusable)) return false;
        await new Promise<void>((resolve) => this.clock.after(PAUSE_AFTER_FAULT_MS, resolve));
      }
    }
  }
}
