import type { Consumption, EventConsumer, ReceivedMessage } from '@flow/events';
import type { Clock, DomainId, TriggerId } from '@flow/kernel';
import type { EventIntake } from './event-intake';
import { readMessage } from './event-message';
import type { EventTopics } from './event-topics';
import { eventConfig, lookupOf } from './kinds/event';
import type { TriggerStore } from './trigger.store';

/** Triggers are made and changed in any process: which topics they name is asked so often. */
const LOOK_MS = 1_000;
const TRIGGERS_A_PAGE = 1_000;
const MESSAGES_AT_ONCE = 500;
const BYTES_AT_ONCE = 2 * 1024 * 1024;
/** What of a topic is `lookupOf`, whatever the business domain. */
const ANY_DOMAIN = '' as DomainId;

export interface ReadingRules {
  /** What the names of the installation's groups begin with. */
  readonly groupPrefix: string;
  /** The largest message that is an event. */
  readonly limitBytes: number;
}

/**
 * Reads the topics that enabled triggers name, in each process that works: all share the partitions of a topic by one group for it, so that a topic that is away
 * holds up no other. A message is taken when the firings of all its triggers are durable. It begins with what came since its first trigger was enabled.
 */
export class TopicReaders {
  private readonly reading = new Map<string, Consumption>();
  private readonly leaving = new Set<Promise<void>>();
  private cancelLook: (() => void) | undefined;
  private looking: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly store: TriggerStore,
    private readonly consumer: EventConsumer,
    private readonly intake: EventIntake,
    private readonly topics: EventTopics,
    private readonly rules: ReadingRules,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    this.looking ??= this.look();
  }

  async stop(withinMs: number): Promise<void> {
    this.isStopped = true;
    this.cancelLook?.();
    await this.looking;
    for (const topic of [...this.reading.keys()]) this.leave(topic, withinMs);
    await Promise.all(this.leaving);
  }

  /** Messages that stand and were not taken, of all topics that are read here. */
  async lag(): Promise<number> {
    const lags = await Promise.all([...this.reading.values()].map((one) => one.lag()));
    return lags.flat().reduce((sum, { lag }) => sum + lag, 0);
  }

  /** Never rejects. */
  private async look(): Promise<void> {
    try {
      const wanted = await this.wanted();
      for (const topic of this.reading.keys()) if (!wanted.has(topic)) this.leave(topic, LOOK_MS);
      for (const [topic, since] of wanted) if (!this.reading.has(topic)) this.read(topic, since);
    } catch (error) {
      this.onFault(error);
    }
    this.looking = undefined;
    if (!this.isStopped) this.cancelLook = this.clock.after(LOOK_MS, () => this.start());
  }

  /** Topics of enabled triggers, and since when somebody wants them. */
  private async wanted(): Promise<ReadonlyMap<string, Date>> {
    const since = new Map<string, Date>();
    for (let after: TriggerId | '' = ''; ;) {
      const page = await this.store.enabled('event', after, TRIGGERS_A_PAGE);
      for (const { config, updatedAt } of page) {
        const { source, topic } = eventConfig(config);
        if (source !== 'kafka' || topic === undefined || this.topics.faultOf(topic)) continue;
        const earliest = since.get(topic);
        since.set(topic, earliest && earliest < updatedAt ? earliest : updatedAt);
      }
      const last = page.at(-1);
      if (!last || page.length < TRIGGERS_A_PAGE) return since;
      after = last.id;
    }
  }

  private read(topic: string, since: Date): void {
    const group = `${this.rules.groupPrefix}triggers.${topic}`;
    const consumption = this.consumer.subscribeBatches(
      { group, topics: [topic], from: since },
      { messages: MESSAGES_AT_ONCE, bytes: BYTES_AT_ONCE },
      (messages) => this.take(topic, messages),
    );
    this.reading.set(topic, consumption);
  }

  private leave(topic: string, withinMs: number): void {
    const left = this.reading.get(topic);
    if (!left) return;
    this.reading.delete(topic);
    const leaving = left
      .stop(withinMs)
      .catch((error: unknown) => this.onFault(error))
      .finally(() => this.leaving.delete(leaving));
    this.leaving.add(leaving);
  }

  /** Who wants a topic is asked each time: a trigger that was made a moment ago misses nothing. */
  private async take(topic: string, messages: readonly ReceivedMessage[]): Promise<void> {
    const triggers = await this.store.lookUp('event', lookupOf({ source: 'kafka', topic }, ANY_DOMAIN));
    const enabled = triggers.filter((trigger) => trigger.enabled);
    if (enabled.length === 0) return;
    await this.intake.take(
      enabled,
      messages.map((message) => readMessage(message, this.rules.limitBytes)),
    );
  }
}
