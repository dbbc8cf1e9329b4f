import { SnapshotUnreadable } from '@flow/engine';
import { AppError, type Clock, type InstanceId, type WorkerId } from '@flow/kernel';
import type { DispatchQueue } from './dispatch-queue';
import { DueHeap } from './due-heap';
import type { Holding, InstanceHeader, InstanceStore, StoredRun, WakePlace } from './instance.store';
import type { LiveRun } from './live-run';
import type { PlanCache } from './plan-cache';
import type { Projector } from './projector';
import { rebuiltRun } from './rebuilt-run';

/** How far ahead moments are kept in memory. */
const HORIZON_MS = 60_000;
/** The store is asked for those that come nearer, and for what was missed: so often at most, and at least. */
const SWEEP_MS = 30_000;
/** A claim that got no answer is looked after so much later. */
const REPAIR_MS = 5_000;
/** How often a run is taken up for somebody that is let go of again in the same moment. */
const MOST_TRIES = 5;
const SLOWEST_SWEEP_MS = 6 * 60 * 60_000;
/** Nobody is late by so much but who was missed. */
const LATE_MS = 5_000;
const PLACES_A_READ = 1_000;
/** Behind every id. */
const LAST_ID = '~' as InstanceId;
/** Runs that are taken up in one turn of the event loop. */
const WAKES_A_TURN = 50;
/** When nothing more can be held, what is due waits so long for its next try. */
const FULL_PAUSE_MS = 100;
/** A run that was taken up meanwhile and parked again is woken at its new time, not at its old one. */
const EARLY_MS = 10;

/** A run on its way out of memory: from its last transition until its rows stand. */
interface Leaving {
  readonly written: Promise<void>;
  isAppended: boolean;
  isUrgent: boolean;
}

/** To be called when the log has the park, when the rows have it, or when neither ever will. */
interface Leave {
  readonly appended: () => void;
  readonly written: () => void;
  readonly dropped: () => void;
}

/** What takes up runs again. */
export interface Adopter {
  adopt(run: LiveRun, died: boolean): Promise<void>;
  holds(id: InstanceId): boolean;
  /** Its end is on its way to the log. */
  isEnding(id: InstanceId): boolean;
  /** Whether one more run can be held. */
  readonly hasRoom: boolean;
  /** A run was let go of, and its rows say so. */
  letGoOf(id: InstanceId): void;
}

/**
 * Runs that wait and that nobody holds: all that is left of them in memory is, for those that go on within a minute, the moment when. A park is
 * the last transition of its epoch: nobody adds one before its rows stand and the run is claimed again, with a higher epoch.
 */
export class ParkedRuns {
  private readonly leaving = new Map<InstanceId, Leaving>();
  /** Who wants a run that somebody is taking up waits for the same. */
  private readonly taking = new Map<InstanceId, Promise<boolean>>();
  private readonly claiming = new Map<InstanceId, Promise<void>>();
  private readonly due = new DueHeap<InstanceId>();
  private cancelAlarm: (() => void) | undefined;
  private alarmAt = Infinity;
  private seenUntil: WakePlace | null = null;
  /** Claims whose outcome nobody knows yet. */
  private readonly doubtful = new Set<InstanceId>();
  private cancelRepair: (() => void) | undefined;
  private sweepAt = Infinity;
  private cancelSweep: (() => void) | undefined;
  private isWaking = false;
  private isStopped = false;
  /** Told once each. */
  private readonly unusable = new Set<InstanceId>();

  constructor(
    private readonly workerId: WorkerId,
    private readonly store: InstanceStore,
    private readonly plans: PlanCache,
    private readonly clock: Clock,
    private readonly projector: Projector,
    private readonly adopter: Adopter,
    private readonly onFault: (error: unknown) => void,
    /** Where those go that there is no room for here. */
    private readonly dispatch?: DispatchQueue,
  ) {}

  /** The run was handed to the log as parked. */
  leave(id: InstanceId, wakeAt: number | null): Leave {
    let resolve: () => void = () => undefined;
    const leaving: Leaving = { written: new Promise((done) => (resolve = done)), isAppended: false, isUrgent: false };
    this.leaving.set(id, leaving);
    return {
      appended: () => {
        leaving.isAppended = true;
        if (leaving.isUrgent) this.hasten();
      },
      written: () => {
        this.leaving.delete(id);
        if (wakeAt !== null) this.wakeAt(wakeAt, id);
        this.adopter.letGoOf(id);
        resolve();
      },
      dropped: () => {
        this.leaving.delete(id);
        resolve();
      },
    };
  }

  /** Takes the run up again if it is parked; whether it is held here afterwards. */
  take(id: InstanceId): Promise<boolean> {
    const known = this.taking.get(id);
    if (known) return known;
    const taking = this.takeUp(id).finally(() => this.taking.delete(id));
    this.taking.set(id, taking);
    return taking;
  }

  /** Takes up a run that has just been made, of which no other process knows more than this one. */
  async takeNew(header: InstanceHeader): Promise<void> {
    if (!this.isStopped) await this.claim([header]);
  }

  /**
   * Takes over a run whose header names a worker that will not go on with it: one that is dead, or this one when a claim got no answer. Whether
   * that was so, and nobody here had to do with it.
   */
  async takeOver({ id, epoch }: Pick<Holding, 'id' | 'epoch'>, owner: WorkerId): Promise<boolean> {
    if (this.isStopped || !this.isFree(id) || !this.adopter.hasRoom) return false;
    return this.alone(id, () => this.claimFrom(id, { owner, epoch }, true));
  }

  /** Finds those that are due and those that will be soon, now and from time to time. Resolves with how many went on at once. */
  async sweep(): Promise<number> {
    if (this.isStopped) return 0;
    const now = this.nowMs();
    this.sweepAt = Infinity;
    let overdue = 0;
    try {
      // What is long overdue was missed; what is nearer is in memory already.
      overdue = await this.find(null, now - LATE_MS);
      // A clock that was set back sees again what it saw.
      const seen = this.seenUntil && this.seenUntil.at <= now + HORIZON_MS ? this.seenUntil : null;
      await this.find(seen, now + HORIZON_MS);
      this.seenUntil = { at: now + HORIZON_MS, id: LAST_ID };
      const [next] = await this.store.waking(Infinity, this.seenUntil, 1);
      this.setSweep(next ? next.at - HORIZON_MS : Infinity);
    } catch (error) {
      this.onFault(error);
      this.setSweep(now);
    }
    await this.wakeDue();
    return overdue;
  }

  /** Nobody is woken any more. */
  stop(): void {
    this.isStopped = true;
    this.cancelAlarm?.();
    this.cancelSweep?.();
    this.cancelRepair?.();
  }

  private async find(behind: WakePlace | null, until: number): Promise<number> {
    let found = 0;
    for (let after = behind; ;) {
      const places = await this.store.waking(until, after, PLACES_A_READ);
      for (const { at, id } of places) this.due.add(at, id);
      found += places.length;
      after = places.at(-1) ?? null;
      if (!after) return found;
    }
  }

  /** When the next one comes near, or what was missed is to be looked for. */
  private setSweep(at: number): void {
    const now = this.nowMs();
    const sweepAt = Math.min(Math.max(at, now + SWEEP_MS), now + SLOWEST_SWEEP_MS);
    if (sweepAt >= this.sweepAt || this.isStopped) return;
    this.cancelSweep?.();
    this.sweepAt = sweepAt;
    this.cancelSweep = this.clock.after(sweepAt - now, () => void this.sweep());
  }

  private wakeAt(at: number, id: InstanceId): void {
    if (at > this.nowMs() + HORIZON_MS) this.setSweep(at - HORIZON_MS);
    else {
      this.due.add(at, id);
      this.setAlarm();
    }
  }

  private setAlarm(notBefore = 0): void {
    const next = this.due.next;
    if (next === undefined || this.isStopped || this.isWaking) return;
    const at = Math.max(next, notBefore);
    if (at >= this.alarmAt) return;
    this.cancelAlarm?.();
    this.alarmAt = at;
    this.cancelAlarm = this.clock.after(Math.max(0, at - this.nowMs()), () => {
      this.alarmAt = Infinity;
      void this.wakeDue();
    });
  }

  /** Takes up what is due, a few in a turn; what there is no room for is tried again. */
  private async wakeDue(): Promise<void> {
    if (this.isWaking) return;
    this.isWaking = true;
    let pauseUntil = 0;
    while ((this.due.next ?? Infinity) <= this.nowMs() && !this.isStopped) {
      if (!this.adopter.hasRoom && !this.dispatch) {
        pauseUntil = this.nowMs() + FULL_PAUSE_MS;
        break;
      }
      const ids = new Set(this.due.takeDue(this.nowMs(), WAKES_A_TURN));
      try {
        await this.wake([...ids].filter((id) => !this.adopter.holds(id)));
      } catch (error) {
        this.onFault(error);
        for (const id of ids) this.due.add(this.nowMs() + FULL_PAUSE_MS, id);
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.isWaking = false;
    this.setAlarm(pauseUntil);
  }

  private async wake(ids: readonly InstanceId[]): Promise<void> {
    const by = this.nowMs() + EARLY_MS;
    const headers = await this.store.parked(ids);
    const isDue = ({ wakeAt }: InstanceHeader) => wakeAt !== null && wakeAt <= by;
    const usable: InstanceHeader[] = [];
    for (const header of headers) if (isDue(header) && (await this.isUsable(header))) usable.push(header);
    if (usable.length === 0 || this.isStopped) return;
    if (this.adopter.hasRoom) await this.claim(usable);
    else await this.passOn(usable);
  }

  /** What nobody takes at once is tried here again; what was passed on and got lost is found by the sweep. */
  private async passOn(headers: readonly InstanceHeader[]): Promise<void> {
    for (const { instance, epoch } of headers) {
      const { id, domain, priority } = instance;
      const isElsewhere = await this.dispatch?.offer({ id, epoch, domain, priority });
      if (!isElsewhere) this.due.add(this.nowMs() + FULL_PAUSE_MS, id);
    }
  }

  /** Whether it is held here in this very turn. One that was let go of again meanwhile is taken up anew: only what has ended, or others hold, is not. */
  private async takeUp(id: InstanceId): Promise<boolean> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await this.quiet(id);
      if (this.adopter.holds(id)) return true;
      if (this.doubtful.has(id)) await this.claimAgain(id);
      else {
        const [header] = await this.store.parked([id]);
        if (!this.isMoving(id)) {
          if (!header || this.isStopped || !(await this.isUsable(header))) return this.adopter.holds(id);
          await this.claim([header]);
        }
      }
    }
    if (this.adopter.holds(id)) return true;
    // Whoever wants it asks again later: nothing is said of its end.
    throw new Error(`Instance ${id} was let go of as often as it was taken up.`);
  }

  /** Resolves when it is neither on its way out of memory nor being claimed. */
  private async quiet(id: InstanceId): Promise<void> {
    const leaving = this.leaving.get(id);
    if (leaving) {
      leaving.isUrgent = true;
      if (leaving.isAppended) this.hasten();
      await leaving.written;
    }
    // Others hear of what goes wrong with it.
    while (this.claiming.has(id)) await this.claiming.get(id)?.catch(() => undefined);
  }

  /** Its rows are written soon. Who waits for them does so by what they resolve, however long the store is away. */
  private hasten(): void {
    this.projector.caughtUp().catch(() => undefined);
  }

  private isMoving(id: InstanceId): boolean {
    return this.leaving.has(id) || this.claiming.has(id);
  }

  /** Resolves when those of the runs that were free are held here; what they then do to the log is not waited for. */
  private async claim(headers: readonly InstanceHeader[]): Promise<void> {
    const wanted = headers.map(({ instance: { id }, epoch }) => ({ id, epoch }));
    const underWay = wanted.flatMap(({ id }) => this.claiming.get(id) ?? []);
    const free = wanted.filter(({ id }) => !this.claiming.has(id));
    if (free.length > 0) {
      const claim = this.claimFree(free);
      for (const { id } of free) this.claiming.set(id, claim);
      await claim.finally(() => {
        for (const { id } of free) this.claiming.delete(id);
      });
    }
    await Promise.all(underWay);
  }

  private async claimFree(from: readonly { readonly id: InstanceId; readonly epoch: number }[]): Promise<void> {
    for (const { id } of from) this.doubtful.add(id);
    try {
      for (const stored of await this.store.claimParked(from, this.workerId)) await this.adopt(stored);
    } catch (error) {
      this.repairSoon();
      throw error;
    }
    for (const { id } of from) this.doubtful.delete(id);
  }

  private async claimFrom(
    id: InstanceId,
    from: { readonly owner: WorkerId; readonly epoch: number },
    died: boolean,
  ): Promise<boolean> {
    const header = await this.store.header(id);
    if (header?.owner !== from.owner || header.epoch !== from.epoch || !(await this.isUsable(header))) return false;
    const stored = await this.store.claim(id, from, this.workerId);
    if (stored) await this.adopt(stored, died);
    return stored !== undefined;
  }

  /** One claim of a run at a time: of two the older could be answered last, when the newer has been acted on. */
  private async alone(id: InstanceId, work: () => Promise<boolean>): Promise<boolean> {
    let result = false;
    const claim = (async () => {
      result = await work();
    })().finally(() => this.claiming.delete(id));
    this.claiming.set(id, claim);
    await claim;
    return result;
  }

  /** Nobody here has to do with it: no claim is under way, and nothing of it is still to be written. */
  private isFree(id: InstanceId): boolean {
    const isBusy = this.leaving.has(id) || this.claiming.has(id) || this.projector.isBehind(id);
    return !isBusy && !this.adopter.holds(id) && !this.adopter.isEnding(id);
  }

  private async adopt(stored: StoredRun, died = false): Promise<void> {
    const run = await rebuiltRun(this.plans, stored, this.workerId, stored.header.epoch);
    if (!this.isStopped && !this.adopter.holds(run.id)) void this.adopter.adopt(run, died);
  }

  /** A claim whose outcome is unknown may stand: the run is then claimed once more. */
  private async claimAgain(id: InstanceId): Promise<void> {
    // What is on its way to the log or to the rows was held here meanwhile.
    if (this.isFree(id))
      await this.alone(id, async () => {
        const header = await this.store.header(id);
        return header?.owner === this.workerId
          ? this.claimFrom(id, { owner: this.workerId, epoch: header.epoch }, false)
          : false;
      });
    this.doubtful.delete(id);
  }

  private repairSoon(): void {
    if (this.isStopped) return;
    this.cancelRepair ??= this.clock.after(REPAIR_MS, () => {
      this.cancelRepair = undefined;
      void this.repair();
    });
  }

  private async repair(): Promise<void> {
    for (const id of [...this.doubtful])
      if (!this.claiming.has(id) && !this.isStopped)
        await this.take(id).catch((error: unknown) => {
          this.onFault(error);
          this.repairSoon();
        });
  }

  /** Compiled before the claim: a run that this build cannot carry out stays untouched. */
  private async isUsable({ instance, newerCursor }: InstanceHeader): Promise<boolean> {
    try {
      if (newerCursor !== undefined) throw new SnapshotUnreadable(newerCursor);
      await this.plans.of(instance);
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (!this.unusable.has(instance.id)) this.onFault(error);
      this.unusable.add(instance.id);
      return false;
    }
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
