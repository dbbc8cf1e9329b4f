import type { Clock, FiringId, IdGenerator, JsonObject } from '@flow/kernel';
import type { InstancesService, OwnLimit } from '@flow/instances';
import { runOf, type Firing } from './firing';
import { DEDUPE, decide, type Occurrence } from './firing-decision';
import { outcomeOf } from './firing-outcome';
import type { FiringOutcome, FiringStore } from './firing.store';
import { chainOf, eventOf, LONGEST_CHAIN } from './run-end-event';
import { pauseOnFailureOf } from './kinds/cron';
import { TriggerChainTooLong } from './trigger.errors';
import { principalOf, type Trigger } from './trigger';
import type { TriggerExpressions } from './trigger-expressions';
import type { Advance, TriggerStore } from './trigger.store';

/** Nobody else carries out what this process has claimed until so long after; longer than any start takes. */
const CLAIM_MS = 60_000;
/** From the look at what somebody asks for by hand to its firing. */
const LONGEST_REQUEST_MS = 5 * 60_000;
/** Starts at the same time. */
const AT_ONCE = 100;
/** Whoever brings more has to wait: a claim must not be over before its turn comes. */
const MOST_WAITING = 10_000;
const TAKEN_AT_ONCE = 1_000;
/** Times at which something is due, by which this process wakes; what is due besides is found by the next look. */
const MOST_WAKES = 1_000;

/** How often what others have left, and what is tried again, is looked for. */
export interface FiringPace {
  /** Several processes bring and leave firings. */
  readonly isShared: boolean;
}
const LOOK_MS = { shared: 2_000, alone: 60_000 };

export interface FiringEvents {
  onFault(error: unknown): void;
  onOutcome(firing: Firing, outcome: FiringOutcome): void;
}

/** What came, and the promise of what becomes of it. */
export interface Accepted {
  readonly firing: Firing;
  /** False when its key stood already: then `firing` is not stored, and nothing becomes of it. */
  readonly isNew: boolean;
  /** Undefined when nothing is to be carried out now. Never rejects. */
  readonly outcome: Promise<FiringOutcome> | undefined;
}

/** Carries out what triggers decide: durable first, then started under an id that follows from the firing, then settled. */
export class Firings {
  private readonly waiting: Job[] = [];
  private readonly settled: { readonly outcome: FiringOutcome; readonly inOrder: boolean }[] = [];
  private active = 0;
  private settling: Promise<void> | undefined;
  private cancelLook: (() => void) | undefined;
  private looking: Promise<void> | undefined;
  private isStopped = false;
  private isSweeping = false;
  private isWanted = false;
  private readonly wakes = new Map<number, () => void>();
  private readonly rooms: (() => void)[] = [];

  constructor(
    private readonly owner: string,
    private readonly triggers: TriggerStore,
    private readonly store: FiringStore,
    private readonly instances: Pick<InstancesService, 'startFrom'>,
    private readonly expressions: TriggerExpressions,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly pace: FiringPace,
    private readonly events: FiringEvents,
  ) {}

  /** Not begun, or not settled yet. */
  get backlog(): number {
    return this.waiting.length + this.active;
  }

  /** What is to become of something that came; nothing is stored. */
  decide(trigger: Trigger, occurrence: Occurrence): Firing {
    return decide(trigger, occurrence, this.expressions, this.ids, this.clock.now());
  }

  /** Durable when it resolves; what is due is carried out from then on. */
  async accept(trigger: Trigger, occurrences: readonly Occurrence[]): Promise<readonly Accepted[]> {
    return this.take(
      trigger,
      occurrences.map((occurrence) => this.decide(trigger, occurrence)),
    );
  }

  /** As `accept`, of firings that are decided. */
  async take(trigger: Trigger, firings: readonly Firing[]): Promise<readonly Accepted[]> {
    await this.room();
    // Those of an order key are handed out by the store alone: it knows what came before them in any process.
    const inOrder = firings.some(({ orderKey }) => orderKey !== '');
    const isNew = inOrder
      ? await this.store.accept(firings, '', new Date(0))
      : await this.store.accept(firings, this.owner, this.until());
    if (inOrder) this.wake(this.clock.now());
    await this.noteDuplicates(firings.filter(({ id }) => !isNew.has(id)));
    return firings.map((firing) => ({
      firing,
      isNew: isNew.has(firing.id),
      outcome: isNew.has(firing.id) && !inOrder ? this.carryOutIfDue(firing, trigger) : undefined,
    }));
  }

  /** What is gathered is one firing from now on. False when some of it is in a batch already. */
  async batch(batch: Firing, of: readonly FiringId[], trigger?: Trigger): Promise<boolean> {
    await this.room();
    const isMade = await this.store.batch(batch, of, this.owner, this.until());
    if (isMade) void this.carryOutIfDue(batch, trigger);
    return isMade;
  }

  /** Schedules go on, with what comes of the times that are decided (`TriggerStore.advance`). */
  async advance(triggers: ReadonlyMap<string, Trigger>, moves: readonly Advance[]): Promise<void> {
    await this.room();
    const { moved, added } = await this.triggers.advance(moves, this.owner, this.until());
    for (const { trigger, firings } of moves)
      if (moved.has(trigger.id))
        for (const firing of firings)
          if (added.has(firing.id)) void this.carryOutIfDue(firing, triggers.get(trigger.id));
  }

  /** Takes up what was left, and looks for more from time to time: among other processes a store that is away or busy at that moment ends no start. */
  async start(): Promise<void> {
    this.isSweeping = true;
    if (!this.pace.isShared) await this.store.release({ notBy: this.owner });
    await this.look().catch((error: unknown) => this.events.onFault(error));
  }

  /** Something may be due before the next look. */
  wake(at: Date): void {
    const ms = at.getTime();
    const delayMs = ms - this.clock.now().getTime();
    if (!this.isSweeping || this.isStopped) return;
    if (delayMs <= 0) {
      this.lookNow();
      return;
    }
    if (this.wakes.has(ms) || this.wakes.size >= MOST_WAKES) return;
    const cancel = this.clock.after(delayMs, () => {
      this.wakes.delete(ms);
      this.lookNow();
    });
    this.wakes.set(ms, cancel);
  }

  /** What has begun comes to its end if it does so in time; the rest is given back. */
  async stop(withinMs: number): Promise<void> {
    this.isStopped = true;
    this.cancelLook?.();
    for (const cancel of this.wakes.values()) cancel();
    this.waiting.length = 0;
    for (const resolve of this.rooms.splice(0)) resolve();
    let cancel: () => void = () => undefined;
    const over = new Promise<'over'>((resolve) => (cancel = this.clock.after(withinMs, () => resolve('over'))));
    await Promise.race([this.quiet(), over]);
    cancel();
    await this.store.release({ by: this.owner }).catch((error: unknown) => this.events.onFault(error));
  }

  private async quiet(): Promise<void> {
    await this.looking?.catch(() => undefined);
    while (this.active > 0 || this.settling)
      await (this.settling ?? new Promise<void>((resolve) => this.rooms.push(resolve)));
  }

  private until(): Date {
    return new Date(this.clock.now().getTime() + CLAIM_MS);
  }

  private async room(): Promise<void> {
    while (this.waiting.length > MOST_WAITING && !this.isStopped)
      await new Promise<void>((resolve) => this.rooms.push(resolve));
  }

  /** What `dedupeKey` keeps from starting again stands in the history; a message that only comes again does not. */
  private async noteDuplicates(firings: readonly Firing[]): Promise<void> {
    const noted: Firing[] = [];
    for (const firing of firings.filter(({ key }) => key.startsWith(DEDUPE))) {
      const standing = await this.store.findKey(firing.triggerId, firing.key);
      const own = firing.event.id;
      if (!standing || typeof own !== 'string' || standing.event.id === own) continue;
      noted.push({
        ...firing,
        key: `again ${own}`.slice(0, 200),
        status: 'deduplicated',
        reason: { code: 'trigger.deduplicated', message: `Firing ${standing.id} came first under the same dedupeKey.` },
        instanceId: standing.instanceId,
        endedAt: firing.createdAt,
      });
    }
    if (noted.length > 0) await this.store.accept(noted, this.owner, this.until());
  }

  private carryOutIfDue(firing: Firing, trigger?: Trigger): Promise<FiringOutcome> | undefined {
    if (firing.status !== 'pending') return undefined;
    if (firing.dueAt > this.clock.now()) {
      this.wake(firing.dueAt);
      return undefined;
    }
    return this.carryOut(firing, trigger);
  }

  private carryOut(firing: Firing, trigger?: Trigger): Promise<FiringOutcome> {
    return new Promise((resolve) => {
      this.waiting.push({ firing, trigger, resolve });
      this.work();
    });
  }

  private work(): void {
    while (this.active < AT_ONCE && !this.isStopped) {
      const job = this.waiting.shift();
      if (!job) break;
      this.active += 1;
      void this.carry(job).finally(() => {
        this.active -= 1;
        for (const resolve of this.rooms.splice(0)) resolve();
        this.work();
      });
    }
  }

  private async carry({ firing, trigger, resolve }: Job): Promise<void> {
    const outcome = await this.attempt(firing, trigger);
    this.settled.push({ outcome, inOrder: firing.orderKey !== '' });
    this.settling ??= this.settle();
    if (outcome.status === 'pending') this.wake(outcome.dueAt);
    this.events.onOutcome(firing, outcome);
    resolve(outcome);
  }

  private async attempt(firing: Firing, known?: Trigger): Promise<FiringOutcome> {
    const now = this.clock.now();
    try {
      const trigger = known ?? (await this.triggers.findMany([firing.triggerId]))[0];
      if (!trigger) return gone(firing, now);
      await this.instances.startFrom(
        causeOf(trigger, firing),
        firing.dagId,
        this.dataOf(trigger, firing),
        runOf(firing),
      );
      return {
        id: firing.id,
        status: 'fired',
        reason: null,
        instanceId: runOf(firing),
        attempts: firing.attempts + 1,
        dueAt: firing.dueAt,
        endedAt: now,
      };
    } catch (error) {
      return outcomeOf(firing, error, now);
    }
  }

  private dataOf(trigger: Trigger, firing: Firing): JsonObject {
    const event = eventOf(firing);
    return this.expressions.input(trigger, event) ?? (isObject(event.data) ? event.data : {});
  }

  /** What was settled meanwhile goes in one write, and has ended at its moment. */
  private async settle(): Promise<void> {
    while (this.settled.length > 0) {
      const settled = this.settled.splice(0);
      const now = this.clock.now();
      try {
        await this.store.settle(settled.map(({ outcome }) => ({ ...outcome, endedAt: outcome.endedAt && now })));
        // Whoever comes behind one of them may begin.
        if (settled.some(({ inOrder }) => inOrder)) this.wake(this.clock.now());
      } catch (error) {
        // When their claim is over they are carried out again, and found to be done.
        this.events.onFault(error);
      }
    }
    this.settling = undefined;
  }

  private arm(delayMs: number): void {
    this.cancelLook?.();
    this.cancelLook = this.clock.after(delayMs, () => this.lookNow());
  }

  private lookNow(): void {
    this.isWanted = true;
    this.look().catch((error: unknown) => this.events.onFault(error));
  }

  /** Somebody may want a look while one is under way: what they mean may have come behind it. */
  private look(): Promise<void> {
    if (this.looking) return this.looking;
    this.isWanted = false;
    this.looking = this.lookOnce().finally(() => {
      this.looking = undefined;
      if (this.isStopped) return;
      if (this.isWanted) this.lookNow();
      else this.arm(this.pace.isShared ? LOOK_MS.shared : LOOK_MS.alone);
    });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    for (;;) {
      await this.room();
      if (this.isStopped) return;
      const taken = await this.store.take(this.owner, this.clock.now(), this.until(), TAKEN_AT_ONCE);
      for (const firing of taken) void this.carryOut(firing);
      if (taken.length < TAKEN_AT_ONCE) return;
    }
  }
}

interface Job {
  readonly firing: Firing;
  readonly trigger: Trigger | undefined;
  readonly resolve: (outcome: FiringOutcome) => void;
}

function gone(firing: Firing, now: Date): FiringOutcome {
  const reason = { code: 'trigger.not_found', message: 'The trigger was deleted before this was carried out.' };
  return {
    id: firing.id,
    status: 'skipped',
    reason,
    instanceId: null,
    attempts: firing.attempts + 1,
    dueAt: firing.dueAt,
    endedAt: now,
  };
}

function causeOf(trigger: Trigger, firing: Firing) {
  const { id, domain, cause, groupId, event, createdAt } = firing;
  const { chain, largeFrom } = chainOf(firing);
  if (chain !== undefined && chain > LONGEST_CHAIN) throw new TriggerChainTooLong(LONGEST_CHAIN);
  const ownLimit = ownLimitOf(trigger, cause === 'backfill' ? groupId : '');
  return {
    domain,
    createdBy: principalOf(trigger),
    trigger: { kind: trigger.kind, id: trigger.id },
    ...(ownLimit && { ownLimit }),
    ...(chain !== undefined && { chain }),
    ...(largeFrom && { largeFrom }),
    // Who fires by hand is the event's subject.
    ...(cause === 'manual' &&
      typeof event.subject === 'string' && { uploader: { principal: event.subject, at: askedAt(createdAt) } }),
    ...(pauseOnFailureOf(trigger) !== undefined && { firing: id }),
    // Times of the past give way to those of today.
    ...(cause === 'backfill' && { priority: 'lowest' as const, labels: { backfill: groupId } }),
  };
}

/** Its files were looked at then, a moment before it stood: they count however late it is carried out. */
function askedAt(createdAt: Date): Date {
  return new Date(createdAt.getTime() - LONGEST_REQUEST_MS);
}

/** A backfill counts for itself: its id names its parallelism. */
function ownLimitOf({ id, concurrency }: Trigger, backfill: string): OwnLimit | undefined {
  const [, parallel] = /^\w+:(\d+)$/.exec(backfill) ?? [];
  if (parallel !== undefined) return { owner: backfill, max: Number(parallel), onFull: 'queue' };
  return concurrency ? { owner: id, ...concurrency } : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
