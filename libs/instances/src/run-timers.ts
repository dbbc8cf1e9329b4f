import type { Clock } from '@flow/kernel';

/** Longest delay that a timer takes (2^31 - 1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The moments that one run waits for, by name; a new one takes the place of an older of the same name. */
export class RunTimers {
  private readonly timers = new Map<string, () => void>();

  constructor(private readonly clock: Clock) {}

  /** `at` is milliseconds since 1970; what has passed rings at once, in a turn of its own. */
  set(name: string, at: number, ring: () => void): void {
    this.clear(name);
    const delayMs = at - this.clock.now().getTime();
    const isFar = delayMs > LONGEST_TIMER_MS;
    this.timers.set(
      name,
      this.clock.after(isFar ? LONGEST_TIMER_MS : Math.max(0, delayMs), () => {
        this.timers.delete(name);
        if (isFar) this.set(name, at, ring);
        else ring();
      }),
    );
  }

  clear(name: string): void {
    this.timers.get(name)?.();
    this.timers.delete(name);
  }

  clearAll(): void {
    for (const cancelTimer of this.timers.values()) cancelTimer();
    this.timers.clear();
  }
}
