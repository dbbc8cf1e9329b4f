import { Clock, Random } from '@flow/kernel';

export { effortOf } from './effort';
export { rateMeterContract } from './rate-meter.contract';

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it; alarms ring in order while it moves. */
export class FixedClock extends Clock {
  private ms: number;
  /** By how much the wall clock has been set ahead. */
  private setMs = 0;
  private alarms: Alarm[] = [];

  constructor(start = '2026-01-01T00:00:00.000Z') {
    super();
    this.ms = Date.parse(start);
  }

  override now(): Date {
    return new Date(this.ms + this.setMs);
  }

  override monotonicMs(): number {
    return this.ms;
  }

  override after(delayMs: number, callback: () => void): () => void {
    const alarm = { at: this.ms + Math.max(0, delayMs), callback };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }

  /** Somebody sets the wall clock, ahead or back; no time passes. */
  jump(byMs: number): void {
    this.setMs += byMs;
  }

  /** The process that set them is gone: no alarm rings. */
  forgetAlarms(): void {
    this.alarms = [];
  }

  /** Moves time on; whatever falls due rings at its own time, and what those callbacks await may settle in between. */
  async advance(byMs: number): Promise<void> {
    const until = this.ms + byMs;
    for (;;) {
      await settle();
      const next = this.alarms.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.alarms = this.alarms.filter((alarm) => alarm !== next);
      this.ms = Math.max(this.ms, next.at);
      next.callback();
    }
    this.ms = until;
    await settle();
  }
}

/** Lets everything that is ready to run do so, without waiting for real time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The same numbers for the same seed (mulberry32). */
export class SeededRandom extends Random {
  constructor(private seed = 1) {
    super();
  }

  override fraction(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  override bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Math.floor(this.fraction() * 256));
  }
}
