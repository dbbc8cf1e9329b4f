import type { Clock, FiringId, IdGenerator, TriggerId } from '@flow/kernel';
import type { Firing } from './firing';
import type { FiringStore } from './firing.store';
import type { Firings } from './firings';
import { KINDS } from './kinds';
import { LARGEST_BATCH } from './kinds/event';
import type { Trigger } from './trigger';
import { eventFor } from './trigger-event';
import type { TriggerStore } from './trigger.store';

/** Other processes gather too: what is complete by its time is looked for so often. */
const LOOK_MS = { shared: 1_000, alone: 60_000 };
const RETRY_MS = 1_000;
const TRIGGERS_AT_ONCE = 100;
/** A batch is one event, and is kept as one. */
const BYTES_A_BATCH = 2 * 1024 * 1024;

/**
 * Makes one firing of several that are gathered: when there are as many as the trigger wants, when the first has waited long enough, or when they are as large
 * as an event may be. Any process does so for all; the write that makes a batch takes its events, so that each is in one.
 */
export class Batches {
  private readonly wanted = new Map<TriggerId, Trigger>();
  private working: Promise<void> | undefined;
  private cancelLook: (() => void) | undefined;
  private readonly dues = new Map<TriggerId, number>();
  private looks = false;
  private isStarted = false;
  private isStopped = false;

  constructor(
    private readonly store: FiringStore,
    private readonly triggers: TriggerStore,
    private readonly firings: Firings,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly isShared: boolean,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    this.isStarted = true;
    this.working ??= this.work(true);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelLook?.();
    this.wanted.clear();
    await this.working;
  }

  /** There are more of a trigger; the first of them waits until `dueAt`. */
  gathered(trigger: Trigger, dueAt: Date): void {
    if (this.isStopped) return;
    this.wanted.set(trigger.id, trigger);
    if (!this.dues.has(trigger.id)) this.dues.set(trigger.id, dueAt.getTime());
    this.working ??= this.work(false);
  }

  /** At what is due next, or after so long. */
  private arm(pauseMs: number): void {
    if (this.isStopped || !this.isStarted) return;
    const now = this.clock.now().getTime();
    const next = Math.min(now + pauseMs, ...this.dues.values());
    this.cancelLook?.();
    this.cancelLook = this.clock.after(Math.max(0, next - now), () => {
      this.looks = true;
      this.working ??= this.work(true);
    });
  }

  /** Never rejects. */
  private async work(looks: boolean): Promise<void> {
    let pauseMs = this.isShared ? LOOK_MS.shared : LOOK_MS.alone;
    this.looks ||= looks;
    try {
      while (!this.isStopped && (this.looks || this.wanted.size > 0)) {
        if (this.looks) {
          this.looks = false;
          await this.completeDue();
        }
        for (const trigger of this.wanted.values()) {
          this.wanted.delete(trigger.id);
          await this.complete(trigger.id, trigger);
        }
      }
    } catch (error) {
      this.onFault(error);
      pauseMs = RETRY_MS;
    }
    this.working = undefined;
    this.arm(pauseMs);
  }

  private async completeDue(): Promise<void> {
    // Others may have made batches of what was to be looked at.
    const now = this.clock.now().getTime();
    for (const [id, at] of this.dues) if (at <= now) this.dues.delete(id);
    for (;;) {
      const due = await this.store.gatheredBy(this.clock.now(), TRIGGERS_AT_ONCE);
      const known = new Map((await this.triggers.findMany(due)).map((trigger) => [trigger.id, trigger]));
      for (const id of due) await this.complete(id, known.get(id));
      if (due.length < TRIGGERS_AT_ONCE || this.isStopped) return;
    }
  }

  /** All batches of a trigger that are complete. One that is gone keeps nobody's events waiting. */
  private async complete(id: TriggerId, trigger: Trigger | undefined): Promise<void> {
    const rule = trigger && KINDS[trigger.kind].batch?.(trigger.config);
    const size = rule?.size ?? LARGEST_BATCH;
    while (!this.isStopped) {
      const gathered = await this.store.gathering(id, size);
      const some = fitting(gathered);
      const [first] = some;
      const isFull = some.length === size || some.length < gathered.length;
      if (!first || !(isFull || !rule || first.dueAt <= this.clock.now())) {
        if (first) this.dues.set(id, first.dueAt.getTime());
        else this.dues.delete(id);
        return;
      }
      // Whoever was sooner has taken them: what is left is looked at again.
      await this.firings.batch(
        this.batchOf(first, some),
        some.map((one) => one.id),
        trigger,
      );
    }
  }

  private batchOf({ triggerId, domain, dagId, id: first }: Firing, some: readonly Firing[]): Firing {
    const now = this.clock.now();
    const id = this.ids.next<FiringId>();
    const data = { events: some.map(({ event }) => event) };
    return {
      id,
      triggerId,
      domain,
      dagId,
      key: `batch ${first}`,
      cause: 'batch',
      at: now,
      event: eventFor({ id: triggerId }, { id, type: 'automation.trigger.batch', time: now, data }),
      orderKey: '',
      groupId: '',
      status: 'pending',
      reason: null,
      instanceId: null,
      attempts: 0,
      dueAt: now,
      createdAt: now,
      endedAt: null,
    };
  }
}

/** The first ones that are together no larger than a batch may be; one at least. */
function fitting(firings: readonly Firing[]): readonly Firing[] {
  let bytes = 0;
  const end = firings.findIndex(({ event }, i) => {
    bytes += Buffer.byteLength(JSON.stringify(event));
    return i > 0 && bytes > BYTES_A_BATCH;
  });
  return end < 0 ? firings : firings.slice(0, end);
}
