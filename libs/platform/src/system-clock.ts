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

  /** Never calls back before the delay has passed on this clock: Node's timers count from the time at which its loop last looked. */
  override after(delayMs: number, callback: () => void): () => void {
    const dueMs = this.monotonicMs() + Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      timer = setTimeout(look, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
    };
    const look = () => {
      const leftMs = dueMs - this.monotonicMs();
      if (leftMs > 0) wait(leftMs);
      else callback();
    };
    wait(Math.max(0, delayMs));
    return () => {
      clearTimeout(timer);
    };
  }
}
