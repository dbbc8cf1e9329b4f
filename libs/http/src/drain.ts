import type { Clock } from '@flow/kernel';

/**
 * The stop of a server, seen by requests: what is under way may end, what comes new is refused. Long answers (streams, long polls)
 * ask to be told with `onDrain` and end themselves, so that a stop waits for work and not for listeners.
 */
export class Drain {
  private underWay = 0;
  private started = false;
  private readonly told = new Set<() => void>();
  private onIdle: (() => void) | undefined;

  get draining(): boolean {
    return this.started;
  }

  /** Counts a request in; the returned function counts it out, once. */
  enter(): () => void {
    this.underWay += 1;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.underWay -= 1;
      if (this.underWay === 0) this.onIdle?.();
    };
  }

  /** Calls back when the stop begins (at once when it has begun); the returned function takes it back. */
  onDrain(callback: () => void): () => void {
    if (this.started) {
      callback();
      return () => undefined;
    }
    this.told.add(callback);
    return () => this.told.delete(callback);
  }

  /** Begins the stop and waits until nothing is under way, `timeoutMs` at most. Gives how many requests are left. */
  async start(clock: Clock, timeoutMs: number): Promise<number> {
    this.started = true;
    for (const callback of this.told) callback();
    this.told.clear();
    if (this.underWay > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(timeoutMs, resolve);
        this.onIdle = () => {
          cancel();
          resolve();
        };
      });
    }
    return this.underWay;
  }
}
