import type { Clock } from '@flow/kernel';

/**
 * No request goes unanswered for longer, however many stores it asks one after the other and however slow each of them is. What has begun goes on unseen
 * when its time is over: what became of a write is then not known to whoever asked.
 */
export class RequestBound {
  private sinceMs = 0;
  private stop: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private leftMs: number,
    private readonly onOver: () => void,
  ) {
    this.run();
  }

  /** How long its body takes to arrive is bounded by Node. */
  pause(): void {
    this.stop?.();
    this.stop = undefined;
    this.leftMs -= this.clock.monotonicMs() - this.sinceMs;
  }

  /** With `waitMs` more, which the request itself asks to wait. */
  goOn(waitMs: number): void {
    if (this.stop && waitMs === 0) return;
    if (this.stop) this.pause();
    this.leftMs += waitMs;
    this.run();
  }

  end(): void {
    this.stop?.();
    this.stop = undefined;
  }

  private run(): void {
    this.sinceMs = this.clock.monotonicMs();
    this.stop = this.clock.after(this.leftMs, this.onOver);
  }
}
