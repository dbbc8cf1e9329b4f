import { PRIORITIES, type Priority } from './instance';

/** Calls that wait for their turn: so many at once, those of higher priority first, each priority in its order. */
export class CallQueue {
  private readonly waiting = new Map<Priority, (() => Promise<void>)[]>(
    [...PRIORITIES].reverse().map((priority) => [priority, []]),
  );
  private stopped = false;
  underWay = 0;

  constructor(private readonly atOnce: number) {}

  /** The call begins at once when there is room. It never rejects. */
  push(priority: Priority, call: () => Promise<void>): void {
    if (this.stopped) return;
    this.waiting.get(priority)?.push(call);
    this.next();
  }

  /** Calls that have not begun are forgotten; nothing new begins. */
  stop(): void {
    this.stopped = true;
    for (const calls of this.waiting.values()) calls.length = 0;
  }

  private next(): void {
    while (this.underWay < this.atOnce) {
      const call = this.first();
      if (!call) return;
      this.underWay += 1;
      void call().finally(() => {
        this.underWay -= 1;
        this.next();
      });
    }
  }

  private first(): (() => Promise<void>) | undefined {
    for (const calls of this.waiting.values()) if (calls.length > 0) return calls.shift();
    return undefined;
  }
}
