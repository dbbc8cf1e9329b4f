import type { ConcurrencyLimit, DagStore } from '@flow/dags';
import { AppError, type Clock, type InstanceId } from '@flow/kernel';
import type { Creation } from './creation';
import { hasEnded, type Instance } from './instance';
import type { InstanceStore } from './instance.store';
import { ConcurrencyFull } from './limit.errors';
import type { Projector } from './projector';
import { isReplacing, toReplace, type SlotGroup, type SlotWaiter } from './slot';
import { limitOf } from './slot-groups';
import type { SlotKeeper, SlotRunner } from './slot-keeper';
import type { SlotTickets } from './slot-tickets';
import { waitOf, type SlotWait } from './slot-wait';
import type { SlotStore } from './slot.store';

/** Instances of one group that are looked at in one turn. */
const MOST_AT_ONCE = 500;
const PAGE = 500;
/** A slot that gets free wakes whoever waits; this finds what a crash has kept from that, and tickets that it has left. */
const SWEEP_MS = 10_000;
/** A ticket whose instance has not come to be after so long: its start has failed, and no write of it is under way any more. */
const UNBORN_MS = 120_000;

/**
 * Gives out slots where several processes start and end instances of the same DAGs: whoever begins has a ticket (`SlotTickets`), whoever waits stands in
 * the rows (`SlotStore`). Any process lets the next ones begin, any number of times: a ticket is taken first, and an instance is told once that it has begun.
 */
export class SharedSlots implements SlotKeeper {
  /** Groups that are being looked through, and whether they have to be once more. */
  private readonly settling = new Map<string, { again: boolean }>();
  /** Tickets without an instance, and since when they were seen so, on this process's own clock. */
  private unborn = new Map<InstanceId, number>();
  private cancelSweep: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly tickets: SlotTickets,
    private readonly store: SlotStore,
    private readonly instances: Pick<InstanceStore, 'header'>,
    private readonly dags: DagStore,
    private readonly projector: Projector,
    private readonly runner: SlotRunner,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  async start(
    where: SlotGroup,
    { max, onFull = 'queue' }: ConcurrencyLimit,
    { id }: SlotWaiter,
    begin: (queued: boolean) => Promise<Instance>,
  ): Promise<Instance> {
    // Who came earlier goes first.
    const isWaitedFor = (await this.store.waiters(where, 1)).length > 0;
    if (!isWaitedFor && (await this.take(where, id, max))) return this.begun(id, begin);
    if (onFull === 'reject') throw new ConcurrencyFull(where.dagId, max, where.key);
    const instance = await begin(true);
    this.settleSoon(where);
    return instance;
  }

  ended(id: InstanceId, { domain, dagId, slot }: Pick<Creation, 'domain' | 'dagId' | 'slot'>): void {
    if (slot === undefined) return;
    const where = { domain, dagId, key: slot };
    this.tickets
      .giveBack(id)
      .then(() => this.settle(where))
      .catch((error: unknown) => this.onFault(error));
  }

  async resume(): Promise<void> {
    await this.sweep();
  }

  stop(): void {
    this.isStopped = true;
    this.cancelSweep?.();
  }

  async waitOf(instance: Instance): Promise<SlotWait | undefined> {
    return waitOf(instance, this.store, this.dags);
  }

  /** What is not known to have failed may stand: its ticket is looked after by the sweep. */
  private async begun(id: InstanceId, begin: (queued: boolean) => Promise<Instance>): Promise<Instance> {
    try {
      const instance = await begin(false);
      // One of this id came before, and is over.
      if (hasEnded(instance.status)) await this.tickets.giveBack(id);
      return instance;
    } catch (error) {
      if (error instanceof AppError && error.kind !== 'unavailable') await this.tickets.giveBack(id);
      throw error;
    }
  }

  private take(where: SlotGroup, id: InstanceId, max: number): Promise<boolean> {
    return this.tickets.take(where, id, max);
  }

  private settleSoon(where: SlotGroup): void {
    this.settle(where).catch((error: unknown) => this.onFault(error));
  }

  /** Lets those begin for whom there is a slot, and tells those who have to make room. */
  private async settle(where: SlotGroup): Promise<void> {
    const name = JSON.stringify(where);
    const underWay = this.settling.get(name);
    if (underWay) {
      underWay.again = true;
      return;
    }
    const state = { again: true };
    this.settling.set(name, state);
    try {
      while (state.again && !this.isStopped) {
        state.again = false;
        await this.settleOnce(where);
      }
    } finally {
      this.settling.delete(name);
    }
  }

  private async settleOnce(where: SlotGroup): Promise<void> {
    await this.projector.caughtUp();
    const waiters = await this.store.waiters(where, MOST_AT_ONCE);
    if (waiters.length === 0) return;
    const { max, onFull } = await limitOf(this.dags, where);
    const holders = isReplacing(onFull) ? await this.store.holders(where, Infinity) : [];
    const replaced = toReplace(onFull, max, holders, waiters);
    for (const { id } of waiters) {
      if (replaced.includes(id)) continue;
      if (!(await this.take(where, id, max))) break;
      await this.tellBegun(id);
    }
    const reason = `A newer instance takes its place (concurrency.onFull: ${onFull}).`;
    for (const id of replaced)
      await this.runner.tell(id, (at) => ({ type: 'cancelled', at, by: 'system', reason }), { key: `replaced ${id}` });
  }

  private async tellBegun(id: InstanceId): Promise<void> {
    await this.runner.tell(id, (at) => ({ type: 'begun', at }), { key: `begun ${id}` });
  }

  private async sweep(): Promise<void> {
    try {
      await this.sweepTickets();
      for (let after: SlotGroup | null = null; !this.isStopped;) {
        const waited: readonly SlotGroup[] = await this.store.waited(after, PAGE);
        for (const where of waited) await this.settle(where);
        after = waited.at(-1) ?? null;
        if (!after) break;
      }
    } catch (error) {
      this.onFault(error);
    }
    if (!this.isStopped) this.cancelSweep = this.clock.after(SWEEP_MS, () => void this.sweep());
  }

  private async sweepTickets(): Promise<void> {
    const before = this.unborn;
    this.unborn = new Map();
    for (let after: InstanceId | null = null; !this.isStopped;) {
      const page = await this.tickets.page(after, PAGE);
      for (const { id } of page) {
        const instance = (await this.instances.header(id))?.instance;
        const nowMs = this.clock.monotonicMs();
        const since = before.get(id) ?? nowMs;
        if (instance ? hasEnded(instance.status) : nowMs - since >= UNBORN_MS) await this.tickets.giveBack(id);
        else if (!instance) this.unborn.set(id, since);
        else if (instance.slot?.queued) await this.tellBegun(id);
      }
      after = page.at(-1)?.id ?? null;
      if (!after) return;
    }
  }
}
