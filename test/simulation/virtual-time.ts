import { Clock } from '@flow/kernel';

interface Moment {
  readonly at: number;
  readonly work: () => void;
  isOff: boolean;
}

/** All that will happen in a simulated world, in order of time; what falls on one moment happens in the order in which it was put there. */
export class VirtualTime {
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');
  private readonly moments: Moment[] = [];

  after(delayMs: number, work: () => void): () => void {
    const moment: Moment = { at: this.nowMs + Math.max(0, Math.ceil(delayMs)), work, isOff: false };
    let [from, to] = [0, this.moments.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.moments[middle]!.at <= moment.at) from = middle + 1;
      else to = middle;
    }
    this.moments.splice(from, 0, moment);
    return () => {
      moment.isOff = true;
    };
  }

  /** The next thing happens, and all that follows from it at once; false when there is none up to `untilMs`. */
  async step(untilMs: number): Promise<boolean> {
    while (this.moments[0]?.isOff) this.moments.shift();
    const next = this.moments[0];
    if (!next || next.at > untilMs) {
      this.nowMs = Math.max(this.nowMs, untilMs);
      return false;
    }
    this.moments.shift();
    this.nowMs = next.at;
    next.work();
    await turns();
    return true;
  }
}

/** Lets what is ready run. Its order is that in which it became ready, so a seed gives the same one again. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The clock of one process: its alarms die with it. */
export class ProcessClock extends Clock {
  constructor(
    private readonly time: VirtualTime,
    /** Lets something happen in the process, if it lives. */
    private readonly pass: (work: () => void) => void = (work) => work(),
  ) {
    super();
  }

  override now(): Date {
    return new Date(this.time.nowMs);
  }

  override monotonicMs(): number {
    return this.time.nowMs;
  }

  override after(delayMs: number, callback: () => void): () => void {
    let isOff = false;
    const cancelMoment = this.time.after(delayMs, () =>
      this.pass(() => {
        if (!isOff) callback();
      }),
    );
    return () => {
      isOff = true;
      cancelMoment();
    };
  }
}
