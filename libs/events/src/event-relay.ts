import type { Clock, Random } from '@flow/kernel';
import { failpoint } from '@flow/platform';
import { EVENT_TOPICS, type EventTopic, type WaitingEvent } from './event';
import type { EventOutbox } from './event-outbox.store';
import type { EventPublisher } from './event-publisher';

/** For so long nobody else tells: longer than a batch may take. */
export const LEAD_MS = 40_000;
/** Who leads looks this often for what other processes have written. */
export const LOOK_MS = 1_000;
/** Who does not lead looks this often whether somebody still does. */
export const LOOK_AT_LEADER_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
const EVENTS_A_BATCH = 500;
/** Brokers refuse batches of more than a mebibyte unless told otherwise. */
const BYTES_A_BATCH = 512 * 1024;

export interface EventRelayEvents {
  /** They could not be told; it is tried again. */
  onFault(error: unknown): void;
  onPublished(count: number): void;
}

/**
 * Tells what waits in the outbox, the first first, a batch at a time: in their order for each key, and at least once, for what was told and not
 * settled is told again. One process of those that share the outbox does so. Nothing is kept in memory: what cannot be told waits where it is, and a topic that
 * takes nothing keeps no other one from being told.
 */
export class EventRelay {
  private isOn = false;
  private running: Promise<void> | undefined;
  private again = false;
  private failures = 0;
  /** What keeps each topic from being told at the moment. */
  private readonly troubles = new Map<EventTopic, Error>();
  private leadsUntil = 0;
  private cancelLook: (() => void) | undefined;

  constructor(
    private readonly outbox: EventOutbox,
    private readonly publisher: EventPublisher,
    private readonly clock: Clock,
    private readonly random: Random,
    /** Of this process alone. */
    private readonly holder: string,
    private readonly events: EventRelayEvents,
  ) {}

  /** What keeps events from being told at the moment. */
  get fault(): Error | undefined {
    return [...this.troubles.values()][0];
  }

  /** Whether this process is the one that tells, as far as it knows. */
  get isLeading(): boolean {
    return this.leadsUntil > 0;
  }

  /** Begins with what earlier processes have left. */
  start(): void {
    this.isOn = true;
    this.look();
  }

  /** Something waits. While it cannot be told, or another process tells, nothing happens at once. */
  wake(): void {
    if (this.isOn && this.failures === 0 && this.leadsUntil > 0) this.look();
  }

  /** Ends after the batch that is under way, if that takes no longer than this, and lets others go on. */
  async stop(withinMs: number): Promise<void> {
    this.isOn = false;
    this.cancelLook?.();
    let cancel: () => void = () => undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = this.clock.after(withinMs, () => resolve('late'));
    });
    const ended = (this.running ?? Promise.resolve()).then(() => this.letGo());
    await Promise.race([ended, late]);
    cancel();
  }

  private look(): void {
    this.cancelLook?.();
    this.cancelLook = undefined;
    if (this.running) this.again = true;
    else
      this.running = this.work().finally(() => {
        this.running = undefined;
      });
  }

  private async work(): Promise<void> {
    try {
      do {
        this.again = false;
        await this.tellAll();
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- `look` sets it meanwhile
      } while (this.again && this.isOn);
      this.failures = 0;
      this.lookIn(this.leadsUntil > 0 ? LOOK_MS : LOOK_AT_LEADER_MS);
    } catch {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
      this.failures += 1;
      this.lookIn(pauseMs * (0.8 + 0.4 * this.random.fraction()));
    }
  }

  private lookIn(delayMs: number): void {
    if (this.isOn) this.cancelLook = this.clock.after(delayMs, () => this.look());
  }

  /** Throws the last fault when every topic has had its turn. */
  private async tellAll(): Promise<void> {
    for (const topic of EVENT_TOPICS)
      try {
        while (this.isOn && (await this.tellSome(topic)));
        this.troubles.delete(topic);
      } catch (error) {
        this.troubles.set(topic, error instanceof Error ? error : new Error(String(error)));
        this.events.onFault(error);
      }
    const fault = this.fault;
    if (fault) throw fault;
  }

  /** Whether there may be more. */
  private async tellSome(topic: EventTopic): Promise<boolean> {
    if (!(await this.leads())) return false;
    const waiting = await this.outbox.waiting(topic, EVENTS_A_BATCH);
    const batch = withinBytes(waiting);
    if (batch.length === 0) return false;
    failpoint('events.publish.before');
    await this.publisher.publish(batch);
    failpoint('events.publish.after');
    await this.outbox.settle(batch.map(({ id }) => id));
    this.troubles.delete(topic);
    if (this.troubles.size === 0) this.failures = 0;
    this.events.onPublished(batch.length);
    return batch.length < waiting.length || waiting.length === EVENTS_A_BATCH;
  }

  /** Asked of the store only when half of the time is over: a process that stands still afterwards repeats what another tells, and that is all. */
  private async leads(): Promise<boolean> {
    const now = this.clock.now();
    if (this.leadsUntil - now.getTime() > LEAD_MS / 2) return true;
    const until = new Date(now.getTime() + LEAD_MS);
    this.leadsUntil = (await this.outbox.lead(this.holder, now, until)) ? until.getTime() : 0;
    return this.leadsUntil > 0;
  }

  private async letGo(): Promise<void> {
    if (this.leadsUntil === 0) return;
    this.leadsUntil = 0;
    const now = this.clock.now();
    try {
      await this.outbox.lead(this.holder, now, now);
    } catch (error) {
      // Its time runs out by itself.
      this.events.onFault(error);
    }
  }
}

/** The first ones, one at least, that are not too much for one batch. */
function withinBytes(events: readonly WaitingEvent[]): readonly WaitingEvent[] {
  let bytes = 0;
  const end = events.findIndex(({ body }, i) => {
    bytes += Buffer.byteLength(body);
    return i > 0 && bytes > BYTES_A_BATCH;
  });
  return end < 0 ? events : events.slice(0, end);
}
