import type { Clock } from '@flow/kernel';

/** Rests for this many times what the work before took: it gets a third of the process at most. */
const REST = 2;
/** A machine that was asleep has not worked all that time. */
const LONGEST_REST_MS = 500;

/** Keeps long work from holding up others: between its steps they get their turn, and most of the time. */
export class Pace {
  private since: number;

  constructor(private readonly clock: Clock) {
    this.since = clock.monotonicMs();
  }

  async rest(): Promise<void> {
    const workedMs = this.clock.monotonicMs() - this.since;
    await new Promise<void>((resolve) => {
      if (workedMs < 1) setImmediate(resolve);
      else this.clock.after(Math.min(workedMs * REST, LONGEST_REST_MS), resolve);
    });
    this.since = this.clock.monotonicMs();
  }
}
