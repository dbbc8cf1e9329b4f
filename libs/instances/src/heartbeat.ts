import type { Clock, WorkerId } from '@flow/kernel';
import type { BeatAnswer, WorkerReport, Workers } from './workers.store';

export const BEAT_MS = 2_000;
/** An operator is called only when the last beat that was taken was sent less than this ago: others hold a worker dead after `DEAD_MS`. */
export const FRESH_MS = 7_000;

/** Its log has been sealed by now, or will be: it stops at once and is never used again. */
export class WorkerHeldDead extends Error {
  constructor(workerId: WorkerId) {
    super(`Others hold the worker ${workerId} dead and take over what it held.`);
    this.name = 'WorkerHeldDead';
  }
}

/**
 * The signs of life that a worker gives. A beat that is refused says that others hold it dead: it stops at once. One that gets no answer says
 * nothing; while none is taken, no operator is called.
 */
export class Heartbeat {
  private beat = 0;
  private sentAt: number;
  private isOver = false;
  private isDraining = false;
  private cancelTimer: (() => void) | undefined;
  private waiting: (() => void)[] = [];

  /** The worker's row was made a moment ago, which is as good as a beat. */
  constructor(
    private readonly workers: Workers,
    readonly workerId: WorkerId,
    private readonly clock: Clock,
    private readonly onRefused: (error: WorkerHeldDead) => void,
    /** What it says of itself. */
    private readonly report: () => WorkerReport | null = () => null,
    /** It is asked to let go of what it holds; told once. */
    private readonly onDrain: () => void = () => undefined,
    madeAt = clock.monotonicMs(),
  ) {
    this.sentAt = madeAt;
  }

  start(): void {
    if (this.isOver) return;
    void this.send();
    this.cancelTimer = this.clock.after(BEAT_MS, () => this.start());
  }

  stop(): void {
    this.isOver = true;
    this.cancelTimer?.();
    this.waiting = [];
  }

  /** No other worker can hold this one dead yet. */
  get isFresh(): boolean {
    return !this.isOver && this.clock.monotonicMs() - this.sentAt < FRESH_MS;
  }

  /** Resolves when `isFresh` holds, in the same turn; never when the worker is over before. */
  async untilFresh(): Promise<void> {
    while (!this.isFresh) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Its runs are for others from now on, without a wait: it has let go of them. */
  async retire(): Promise<void> {
    this.stop();
    await this.workers.markClosing(this.workerId, this.beat).catch(() => false);
  }

  private async send(): Promise<void> {
    const sentAt = this.clock.monotonicMs();
    this.beat += 1;
    let answer: BeatAnswer;
    try {
      answer = await this.workers.beat(this.workerId, this.beat, this.report());
    } catch {
      return;
    }
    if (this.isOver) return;
    if (answer === 'refused') {
      this.stop();
      this.onRefused(new WorkerHeldDead(this.workerId));
      return;
    }
    this.sentAt = Math.max(this.sentAt, sentAt);
    if (answer === 'drain' && !this.isDraining) {
      this.isDraining = true;
      this.onDrain();
    }
    if (this.isFresh) for (const resolve of this.waiting.splice(0)) resolve();
  }
}
