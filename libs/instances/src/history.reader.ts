import type { InstanceId } from '@flow/kernel';
import { HistoryTeller, START, type HistoryPosition, type ToldEvent } from './history';
import type { HistoryEvent, Instance } from './instance';
import { LastEventIdInvalid } from './live.errors';
import type { InstanceStore } from './instance.store';
import type { PlanCache } from './plan-cache';

export interface HistoryPage {
  readonly items: readonly HistoryEvent[];
  /** The transition to go on behind; null at the end. */
  readonly nextSeq: number | null;
}

export interface ToldPage {
  readonly events: readonly ToldEvent[];
  /** Whether more stood there when it was read. */
  readonly more: boolean;
}

const CHUNKS_A_READ = 4;
const MOST_TELLERS = 1_000;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads what happened to instances in pages. What a page tells depends on the state of the run before it, so tellers are kept for those
 * who read on, and a page costs what it holds; they are few and small enough together, and the one used longest ago goes first. Who
 * finds none starts at the stored cursor where it lies before the page, else at the beginning. Readers of one instance take turns, so
 * that many at its head share one teller.
 */
export class HistoryReader {
  /** Used longest ago first. */
  private kept: HistoryTeller[] = [];
  private readonly turns = new Map<InstanceId, Promise<unknown>>();

  constructor(
    private readonly store: InstanceStore,
    private readonly plans: PlanCache,
  ) {}

  /** Whole transitions behind `afterSeq`, about `limit` changes. */
  page(instance: Instance, afterSeq: number, limit: number): Promise<HistoryPage> {
    const position = { seq: afterSeq, index: Infinity };
    return this.withTeller(instance, position, async (teller) => {
      let lastSeq = Infinity;
      // One transition more tells whether there is a next page.
      await this.tell(instance, teller, position, () => {
        if (lastSeq === Infinity && teller.hasBehind(position, limit))
          lastSeq = teller.behind(position, limit)[limit - 1]?.seq ?? Infinity;
        return teller.hasBehind({ seq: lastSeq, index: Infinity }, 1);
      });
      const told = teller.behind(position, Infinity);
      const items = told.filter(({ seq }) => seq <= lastSeq).map(({ event }) => event);
      return { items, nextSeq: items.length < told.length ? lastSeq : null };
    });
  }

  /** Events behind the position, `limit` at most. @throws LastEventIdInvalid when there is no event at the position */
  async behind(instance: Instance, position: HistoryPosition, limit: number): Promise<ToldPage> {
    const page = await this.withTeller(instance, position, async (teller): Promise<ToldPage | number> => {
      await this.tell(instance, teller, position, () => teller.hasBehind(position, limit + 1));
      if (position.seq !== START.seq && !teller.has(position)) return teller.seq;
      const events = teller.behind(position, limit + 1);
      return { events: events.slice(0, limit), more: events.length > limit };
    });
    if (typeof page !== 'number') return page;
    const why =
      position.seq > page ? `the events of this instance end with ${page}` : 'this instance has no event of that id';
    throw new LastEventIdInvalid(`${position.seq}.${position.index}`, why);
  }

  private async tell(
    { id, domain }: Instance,
    teller: HistoryTeller,
    needed: HistoryPosition,
    isEnough: () => boolean,
  ): Promise<void> {
    while (!isEnough()) {
      const chunks = await this.store.history(domain, id, teller.seq, CHUNKS_A_READ);
      if (chunks.length === 0) return;
      for (const chunk of chunks) {
        teller.tell(chunk, needed, isEnough);
        // Folding takes time: others get their turn.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
  }

  private async withTeller<T>(
    instance: Instance,
    position: HistoryPosition,
    read: (teller: HistoryTeller) => Promise<T>,
  ): Promise<T> {
    const before = this.turns.get(instance.id) ?? Promise.resolve();
    const mine = before.then(async () => {
      const teller = this.take(instance, position) ?? (await this.begin(instance, position));
      const result = await read(teller);
      this.keep(teller);
      return result;
    });
    // The next one's turn comes whether this one succeeds or fails; its teller is gone then.
    const over = mine.then(
      () => undefined,
      () => undefined,
    );
    this.turns.set(instance.id, over);
    void over.then(() => {
      if (this.turns.get(instance.id) === over) this.turns.delete(instance.id);
    });
    return mine;
  }

  private take({ id }: Instance, position: HistoryPosition): HistoryTeller | undefined {
    let best: HistoryTeller | undefined;
    for (const teller of this.kept)
      if (teller.id === id && teller.reaches(position) && teller.since >= (best?.since ?? 0)) best = teller;
    if (best) this.kept = this.kept.filter((teller) => teller !== best);
    return best;
  }

  private async begin(instance: Instance, { seq }: HistoryPosition): Promise<HistoryTeller> {
    const { id, domain } = instance;
    const plan = await this.plans.of(instance);
    const cursor = seq > 0 ? await this.store.cursor(domain, id) : undefined;
    if (cursor && cursor.seq < seq) {
      try {
        return new HistoryTeller(id, plan, cursor);
      } catch {
        // A snapshot that this build does not read costs time alone: the events before it are all there.
      }
    }
    return new HistoryTeller(id, plan, null);
  }

  private keep(teller: HistoryTeller): void {
    this.kept.push(teller);
    let bytes = this.kept.reduce((sum, one) => sum + one.bytes, 0);
    while (this.kept.length > MOST_TELLERS || (bytes > MOST_BYTES && this.kept.length > 0))
      bytes -= this.kept.shift()?.bytes ?? 0;
  }
}
