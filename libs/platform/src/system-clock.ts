import { Clock } from '@flow/kernel';

/** Longest delay that Node's timers take; longer ones are waited for in pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }

  override monotonicMs(): number {
    return performance.now();
  }

  override after(delayMs: number, callback: () => void): () => void {
    const dueMs = this.monotonicMs() + Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const arm = () => {
      const leftMs = dueMs - this.monotonicMs();
      timer = leftMs > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(callback, Math.max(0, leftMs));
    };
    arm();
    return () => {
      clearTimeout(timer);
    };
  }
}
