import type { Clock } from '@flow/kernel';
import type { OutboxItem } from './outbox';
import type { InstanceStore } from './instance.store';
import type { Projector } from './projector';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const ITEMS_A_READ = 500;

/** Delivers what instances have written for others, as soon as it is durable and again until it is taken. */
export class OutboxRelay {
  private stopped = false;
  /** Messages of runs that went on before all were taken over; undefined from then on. */
  private early: OutboxItem[] | undefined = [];
  private readonly underWay = new Set<string>();
  /** Messages that stood and were not on their way at the last sweep. */
  private leftBefore = new Set<string>();

  constructor(
    private readonly store: InstanceStore,
    private readonly projector: Projector,
    private readonly clock: Clock,
    /** Resolves when the message is taken for good; taking one twice must change nothing. */
    private readonly deliver: (item: OutboxItem) => Promise<void>,
    private readonly onFault: (error: unknown, item: OutboxItem) => void,
  ) {}

  /** Messages on their way. */
  get waiting(): number {
    return this.underWay.size;
  }

  /** Whoever a message is for may not be here before `resume`: until then it is kept. */
  send(items: readonly OutboxItem[]): void {
    if (this.early) {
      this.early.push(...items);
      return;
    }
    for (const item of items) {
      if (this.stopped || this.underWay.has(item.id)) continue;
      this.underWay.add(item.id);
      void this.deliverUntilTaken(item);
    }
  }

  /** All runs are here: sends what an earlier worker has left, and from now on at once. */
  async resume(): Promise<void> {
    const early = this.early ?? [];
    this.early = undefined;
    this.send(early);
    for await (const items of this.standing()) this.send(items);
  }

  /** Sends what stood at the sweep before too and is not on its way; resolves with how many that were. */
  async sweep(): Promise<number> {
    const left = new Set<string>();
    let sent = 0;
    for await (const items of this.standing()) {
      const idle = items.filter(({ id }) => !this.underWay.has(id));
      for (const { id } of idle) left.add(id);
      const forgotten = idle.filter(({ id }) => this.leftBefore.has(id));
      sent += forgotten.length;
      this.send(forgotten);
    }
    this.leftBefore = left;
    return sent;
  }

  private async *standing(): AsyncGenerator<readonly OutboxItem[]> {
    for (let after = ''; ;) {
      const items = await this.store.outbox(after, ITEMS_A_READ);
      yield items;
      const last = items.at(-1);
      if (!last) return;
      after = last.id;
    }
  }

  /** Nothing is sent any more: the rows keep it for the next start. */
  stop(): void {
    this.stopped = true;
  }

  private hasStopped(): boolean {
    return this.stopped;
  }

  private async deliverUntilTaken(item: OutboxItem): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.stopped; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.deliver(item);
        this.projector.settle(item.id);
        break;
      } catch (error) {
        if (this.hasStopped()) break;
        this.onFault(error, item);
        await new Promise<void>((resolve) => this.clock.after(pauseMs, resolve));
      }
    }
    this.underWay.delete(item.id);
  }
}
