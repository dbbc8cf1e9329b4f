/** Tells the time at one pace to all who look, by one timer that rests while nobody does. */
export class Clock {
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private nowMs = Date.now();

  constructor(private readonly everyMs: number) {}

  /** The same for all until the next tick; where it rests, no older than a tick. */
  readonly read = (): number => {
    if (this.timer === undefined && Date.now() - this.nowMs >= this.everyMs) this.nowMs = Date.now();
    return this.nowMs;
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.tick(), this.everyMs);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private tick(): void {
    this.nowMs = Date.now();
    for (const listener of this.listeners) listener();
  }
}

const clocks = new Map<number, Clock>();

/** The one clock of a pace. */
export function clockOf(everyMs: number): Clock {
  const clock = clocks.get(everyMs) ?? new Clock(everyMs);
  clocks.set(everyMs, clock);
  return clock;
}
