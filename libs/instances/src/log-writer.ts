import type { Clock, Random, WorkerId } from '@flow/kernel';
import { WorkerFenced, type WorkerLog } from './worker-log';

const LARGEST_RECORD = 4 * 1024 * 1024;
const PAUSE_AFTER_FAULT_MS = 200;

interface Waiting {
  readonly text: string;
  readonly done: () => void;
}

/**
 * Group commit: one append is under way at a time, and what arrives meanwhile shares the next record. One caller waits for
 * one fsync, a thousand share one. An append whose outcome is unknown is repeated with the same number and nonce until it is
 * answered; being fenced ends this writer for good.
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
  append(text: string, done: () => void): void {
    this.queue.push({ text, done });
    if (this.busy || this.fenced) return;
    this.busy = true;
    setImmediate(() => void this.drainQueue());
  }

  private async drainQueue(): Promise<void> {
    while (this.queue.length > 0) {
      const group = this.takeGroup();
      this.n += 1;
      try {
        await this.appendRecord(this.n, `[${group.map(({ text }) => text).join(',')}]`);
      } catch (error) {
        this.fenced = true;
        this.queue = [];
        this.onFenced(error as WorkerFenced);
        return;
      }
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

  /** Resolves when the record stands; throws WorkerFenced alone. */
  private async appendRecord(n: number, body: string): Promise<void> {
    const nonce = Buffer.from(this.random.bytes(12)).toString('base64url');
    for (;;) {
      try {
        await this.log.append(this.workerId, { n, kind: 'transitions', nonce, body });
        this.trouble = undefined;
        return;
      } catch (error) {
        if (error instanceof WorkerFenced) throw error;
        this.trouble = error instanceof Error ? error : new Error(String(error));
        await new Promise<void>((resolve) => this.clock.after(PAUSE_AFTER_FAULT_MS, resolve));
      }
    }
  }
}
