import { turnOf, type Clock, type InstanceId } from '@flow/kernel';
import type { ConcurrencyLimit, DagStore, OnFull } from '@flow/dags';
import { CallQueue } from './call-queue';
import type { Creation } from './creation';
import type { Instance } from './instance';
import { ConcurrencyFull } from './limit.errors';
import type { Projector } from './projector';
import { isReplacing, toReplace, type Limit, type SlotGroup, type SlotHolder, type SlotWaiter } from './slot';
import { SlotGroups, type Group } from './slot-groups';
import type { SlotKeeper, SlotRunner } from './slot-keeper';
import type { SlotStore } from './slot.store';
import { waitOf, type SlotWait } from './slot-wait';

/** Groups that are held in memory; others are read again when they are needed. */
const MOST_GROUPS = 10_000;
/** Instances of one group that are looked at in one turn. */
const MOST_AT_ONCE = 500;
/** Those that come next are read ahead, so that a slot that gets free need not wait for rows to be written. */
const READ_AHEAD = 100;
/** A change of the DAG's limit is seen after so long. */
const FRESH_MS = 5_000;
/** When nothing more can be held, what is to begin waits so long for its next try. */
const ROOM_PAUSE_MS = 100;
const RETRY_MS = 1_000;
/** Everything is looked through so often, for what a fault has left behind: a free slot wakes by itself. */
const SWEEP_MS = 60_000;
const GROUPS_A_READ = 200;

/**
 * Gives out slots (`slot.ts`). The rows of live instances say who has one and who waits; what is kept here is read from them and followed, so that after
 * a crash it is right by construction. Those that wait are parked: a slot that gets free wakes the next one. Among groups that have both a free slot and
 * somebody who waits, higher priorities go first and business domains take turns (`CallQueue`). One process gives out the slots of a store: the data
 * folder's lock sees to that. Several count in the store itself: `SharedSlots`.
 */
export class Slots implements SlotKeeper {
  private readonly groups: SlotGroups;
  /** Runs are taken up one after another, so that when there is no room the next one is always the one whose turn it is. */
  private readonly begins = new CallQueue(1);
  private cancelSweep: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly store: SlotStore,
    private readonly dags: DagStore,
    private readonly projector: Projector,
    private readonly runner: SlotRunner,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
    mostGroups = MOST_GROUPS,
  ) {
    this.groups = new SlotGroups(store, dags, projector, clock, mostGroups);
  }

  /** Groups in memory. */
  get size(): number {
    return this.groups.size;
  }

  async start(
    where: SlotGroup,
    { max, onFull = 'queue' }: ConcurrencyLimit,
    waiter: SlotWaiter,
    begin: (queued: boolean) => Promise<Instance>,
  ): Promise<Instance> {
    return this.groups.within(where, async (group) => {
      group.limit = { max, onFull, readAt: this.clock.monotonicMs() };
      // Who came earlier goes first.
      for (let tries = 0; tries < 3 && group.mayWait && group.holders.size < max; tries += 1) await this.settle(group);
      if (group.holders.size < max && !group.mayWait) return this.begun(group, waiter, begin);
      if (onFull === 'reject') throw new ConcurrencyFull(where.dagId, max, where.key);
      const instance = await begin(true);
      this.joins(group, waiter);
      return instance;
    });
  }

  ended(id: InstanceId, { domain, dagId, slot }: Pick<Creation, 'domain' | 'dagId' | 'slot'>): void {
    if (slot === undefined || this.isStopped) return;
    const where = { domain, dagId, key: slot };
    const group = this.groups.ofEnded(id, where);
    if (group) {
      this.free(group, id);
      if (group.mayWait) this.settleSoon(group);
    } else this.settleWhere(where);
  }

  async resume(): Promise<void> {
    for (const group of this.groups.all) {
      group.passed.clear();
      group.ready = [];
    }
    for (let after: SlotGroup | null = null; !this.isStopped;) {
      await this.projector.caughtUp();
      const waited: readonly SlotGroup[] = await this.store.waited(after, GROUPS_A_READ);
      for (const where of waited) await this.groups.within(where, (group) => this.settle(group));
      after = waited.at(-1) ?? null;
      if (after) this.armSweep();
      else return;
    }
  }

  stop(): void {
    this.isStopped = true;
    this.begins.stop();
    this.cancelSweep?.();
  }

  async waitOf(instance: Instance): Promise<SlotWait | undefined> {
    if (instance.slot?.queued) await this.projector.caughtUp();
    return waitOf(instance, this.store, this.dags);
  }

  private async begun(
    group: Group,
    waiter: SlotWaiter,
    begin: (queued: boolean) => Promise<Instance>,
  ): Promise<Instance> {
    this.hold(group, waiter);
    try {
      return await begin(false);
    } catch (error) {
      this.free(group, waiter.id);
      if (group.mayWait) this.settleSoon(group);
      throw error;
    }
  }

  /** It is durable that it waits. One that begins before others that are known makes them be read again. */
  private joins(group: Group, waiter: SlotWaiter): void {
    const last = group.ready.at(-1);
    if (last && turnOf(waiter) < turnOf(last)) group.ready = [];
    group.arrivals += 1;
    group.mayWait = true;
    this.settleSoon(group);
    this.armSweep();
  }

  private hold(group: Group, { id, at }: SlotHolder): void {
    group.holders.set(id, at);
    group.changes += 1;
  }

  private free(group: Group, id: InstanceId): void {
    group.holders.delete(id);
    group.beginning.delete(id);
    group.replaced.delete(id);
    if (group.ready.some((waiter) => waiter.id === id)) group.ready = group.ready.filter((waiter) => waiter.id !== id);
    group.changes += 1;
  }

  // Settling: those for whom there is a slot begin, those who have to make room are told

  private settleSoon(group: Group): void {
    this.settle(group).catch((error: unknown) => this.later(group.where, error));
  }

  private settleWhere(where: SlotGroup): void {
    this.groups.within(where, (group) => this.settle(group)).catch((error: unknown) => this.later(where, error));
  }

  private later(where: SlotGroup, error: unknown): void {
    if (this.isStopped) return;
    this.onFault(error);
    this.clock.after(RETRY_MS, () => this.settleWhere(where));
  }

  /** Resolves when all that was so at the call has been acted on. */
  private settle(group: Group): Promise<void> {
    group.isWanted = true;
    group.settling ??= this.settleWhile(group);
    return group.settling;
  }

  private async settleWhile(group: Group): Promise<void> {
    try {
      while (takeWish(group) && !this.isStopped) {
        const limit = await this.limitFor(group);
        if (!this.beginReady(group, limit)) await this.settleFromRows(group, limit);
      }
    } finally {
      group.settling = undefined;
    }
  }

  /** Whether it was enough to look at those that are known to come next. */
  private beginReady(group: Group, { max, onFull }: Limit): boolean {
    if (isReplacing(onFull) || group.ready.length === 0) return false;
    const free = Math.max(0, max - group.holders.size);
    const next = group.ready.slice(0, free);
    group.ready = group.ready.slice(free);
    for (const waiter of next) this.beginSoon(group, waiter);
    return group.holders.size >= max;
  }

  private async settleFromRows(group: Group, { max, onFull }: Limit): Promise<void> {
    const { where, holders, beginning, passed, arrivals } = group;
    await this.projector.caughtUp();
    const known = beginning.size + passed.size;
    const free = Math.min(MOST_AT_ONCE, Math.max(0, max - holders.size) + READ_AHEAD);
    const most = known + (isReplacing(onFull) ? MOST_AT_ONCE : free);
    const rows = await this.store.waiters(where, most + 1);
    const waiters = rows.filter(({ id }) => !holders.has(id) && !passed.has(id));
    const standing = [...holders].map(([id, at]) => ({ id, at }));
    const replaced = new Set(toReplace(onFull, max, standing, waiters));
    const left = waiters.filter(({ id }) => !replaced.has(id));
    const next = left.slice(0, Math.max(0, max - holders.size));
    for (const waiter of next) this.beginSoon(group, waiter);
    group.mayWait = left.length > next.length || rows.length > most;
    group.ready = group.arrivals === arrivals && !isReplacing(onFull) ? left.slice(next.length) : [];
    await this.replace(group, replaced, onFull);
    // What was cut off is looked at in the next turn.
    if (rows.length > most && (isReplacing(onFull) || holders.size < max)) group.isWanted = true;
  }

  private async replace(group: Group, ids: ReadonlySet<InstanceId>, onFull: OnFull): Promise<void> {
    const reason = `A newer instance takes its place (concurrency.onFull: ${onFull}).`;
    const told = [...ids].filter((id) => !group.replaced.has(id));
    for (const id of told) group.replaced.add(id);
    try {
      await Promise.all(
        told.map(async (id) => {
          const instance = await this.runner.tell(id, (at) => ({ type: 'cancelled', at, by: 'system', reason }));
          if (!instance) group.passed.add(id);
        }),
      );
    } catch (error) {
      for (const id of told) group.replaced.delete(id);
      throw error;
    }
  }

  private beginSoon(group: Group, waiter: SlotWaiter): void {
    const { id, priority } = waiter;
    this.hold(group, waiter);
    group.beginning.add(id);
    this.begins.push(priority, group.where.domain, () => this.begin(group, id));
  }

  /** Resolves when it is held here, whatever comes then. */
  private async begin(group: Group, id: InstanceId): Promise<void> {
    while (!this.runner.hasRoom && !this.isStopped)
      await new Promise<void>((resolve) => this.clock.after(ROOM_PAUSE_MS, resolve));
    // What went wrong is met again, and told, by whoever tells it.
    await this.runner.reach(id).catch(() => false);
    void this.tellBegun(group, id);
  }

  /** Never rejects. */
  private async tellBegun(group: Group, id: InstanceId): Promise<void> {
    try {
      const told = await this.runner.tell(id, (at) => ({ type: 'begun', at }));
      group.beginning.delete(id);
      if (told) return;
      // It cannot run here, unless it has ended meanwhile.
      if (group.holders.has(id)) group.passed.add(id);
      this.free(group, id);
      this.settleSoon(group);
    } catch (error) {
      this.free(group, id);
      group.mayWait = true;
      group.ready = [];
      this.later(group.where, error);
    }
  }

  // What is known of groups

  private async limitFor(group: Group): Promise<Limit> {
    const { limit, where } = group;
    if (this.clock.monotonicMs() - limit.readAt < FRESH_MS) return limit;
    group.limit = { ...(await this.groups.limitOf(where)), readAt: this.clock.monotonicMs() };
    return group.limit;
  }

  private armSweep(): void {
    if (this.isStopped) return;
    this.cancelSweep ??= this.clock.after(SWEEP_MS, () => {
      this.cancelSweep = undefined;
      this.resume().catch((error: unknown) => {
        this.onFault(error);
        this.armSweep();
      });
    });
  }
}

function takeWish(group: Group): boolean {
  const { isWanted } = group;
  group.isWanted = false;
  return isWanted;
}
