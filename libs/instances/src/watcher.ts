import type { Clock, WorkerId } from '@flow/kernel';
import type { Workers, WorkerSign } from './workers.store';

export const WATCH_MS = 2_000;
/** A worker whose beat stands still for so long is held dead. */
export const DEAD_MS = 10_000;

interface Seen {
  readonly beat: number;
  /** When the first reading of this beat had come, on this process's own clock. */
  readonly at: number;
}

/**
 * Finds workers that have died. The time that a beat stands still is counted from the receipt of its first reading to the sending of the last,
 * on one monotonic clock: whatever the store and the network do, the worker has not beaten in between. Its row is marked first, under the
 * condition that the beat is still that one, so that it hears of it at its next beat; only then is it taken over.
 */
export class Watcher {
  private readonly seen = new Map<WorkerId, Seen>();
  /** Workers that are being taken over here. */
  private readonly ending = new Map<WorkerId, Promise<void>>();
  private isOver = false;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly workers: Workers,
    private readonly workerId: WorkerId,
    private readonly clock: Clock,
    /** Whoever is first, and anyone after that: resolves when nothing can be done about this worker at the moment. */
    private readonly takeOver: (dead: WorkerId) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    void this.watch().catch((error: unknown) => this.onFault(error));
    this.cancelTimer = this.clock.after(WATCH_MS, () => {
      if (!this.isOver) this.start();
    });
  }

  stop(): void {
    this.isOver = true;
    this.cancelTimer?.();
  }

  private async watch(): Promise<void> {
    const sentAt = this.clock.monotonicMs();
    const signs = await this.workers.unclosed();
    const receivedAt = this.clock.monotonicMs();
    for (const sign of signs) if (sign.id !== this.workerId) this.look(sign, sentAt, receivedAt);
    const open = new Set(signs.map(({ id }) => id));
    for (const id of this.seen.keys()) if (!open.has(id)) this.seen.delete(id);
  }

  private look({ id, beat, isClosing }: WorkerSign, sentAt: number, receivedAt: number): void {
    if (this.isOver) return;
    const seen = this.seen.get(id);
    if (isClosing) this.end(id, beat, true);
    else if (seen?.beat !== beat) this.seen.set(id, { beat, at: receivedAt });
    else if (sentAt - seen.at >= DEAD_MS) this.end(id, beat, false);
  }

  private end(id: WorkerId, beat: number, isClosing: boolean): void {
    if (this.ending.has(id)) return;
    const ending = this.endOf(id, beat, isClosing)
      .catch((error: unknown) => this.onFault(error))
      .finally(() => this.ending.delete(id));
    this.ending.set(id, ending);
  }

  private async endOf(id: WorkerId, beat: number, isClosing: boolean): Promise<void> {
    if (!isClosing && !(await this.workers.markClosing(id, beat))) return;
    await this.takeOver(id);
  }
}
