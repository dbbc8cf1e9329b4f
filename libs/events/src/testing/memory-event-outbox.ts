import { EventOutbox, type EventBacklog, type EventTopic, type WaitingEvent } from '@flow/events';

/** An outbox that several processes share, in memory: passes the contract, so that the relay can be tested on it. */
export class MemoryEventOutbox extends EventOutbox {
  private readonly events = new Map<string, WaitingEvent>();
  private leader: { readonly holder: string; readonly until: Date } | undefined;
  /** Set to have the next requests of a kind fail. */
  readonly faults = { settle: 0 };

  override async put(events: readonly WaitingEvent[]): Promise<void> {
    for (const event of events) if (!this.events.has(event.id)) this.events.set(event.id, event);
  }

  override async lead(holder: string, now: Date, until: Date): Promise<boolean> {
    if (this.leader && this.leader.holder !== holder && this.leader.until > now) return false;
    this.leader = { holder, until };
    return until > now;
  }

  override async waiting(topic: EventTopic, limit: number): Promise<readonly WaitingEvent[]> {
    const ofTopic = [...this.events.values()].filter((event) => event.topic === topic);
    return ofTopic.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
  }

  override async settle(ids: readonly string[]): Promise<void> {
    this.faults.settle -= 1;
    if (this.faults.settle >= 0) throw new Error('The store is away.');
    for (const id of ids) this.events.delete(id);
  }

  override async backlog(): Promise<EventBacklog> {
    const oldest = Math.min(...[...this.events.values()].map(({ at }) => at));
    return { count: this.events.size, oldestAt: Number.isFinite(oldest) ? new Date(oldest) : undefined };
  }
}
