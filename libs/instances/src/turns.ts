import type { Clock } from '@flow/kernel';

/** Milliseconds of pure work without a pause: timers, sockets and other instances wait no longer for their turn. */
export const TURN_MS = 20;

/** Work that waits for its turn: one turn's worth at a time, first come first served, and the event loop goes round in between. */
export class Turns {
  private waiting: (() => void)[] = [];
  private scheduled = false;

  constructor(private readonly clock: Clock) {}

  later(work: () => void): void {
    this.waiting.push(work);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    const ends = this.clock.monotonicMs() + TURN_MS;
    const due = this.waiting;
    this.waiting = [];
    let at = 0;
    try {
      while (at < due.length && (at === 0 || this.clock.monotonicMs() < ends)) due[at++]?.();
    } finally {
      this.waiting = [...due.slice(at), ...this.waiting];
      this.scheduled = false;
      this.schedule();
    }
  }
}
