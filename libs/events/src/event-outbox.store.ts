import type { EventTopic, WaitingEvent } from './event';

export interface EventBacklog {
  /** Events that wait; where counting costs, about so many. */
  readonly count: number;
  /** When the oldest of them came to be; undefined when none waits. */
  readonly oldestAt: Date | undefined;
}

/**
 * Events that wait to be told. They come in with the rows of what they tell of (`InstanceRows.told`), or are put here from where those wait: of one
 * key, an event never stands before one that came to be earlier has stood. A crash may bring back one that was told.
 */
export abstract class EventOutbox {
  /** Whether this process is the one that tells until then. One at a time does; `until` that is over gives it up. */
  abstract lead(holder: string, now: Date, until: Date): Promise<boolean>;
  /** They stand when it resolves, each as it stood already. Those of one key are in their order. */
  abstract put(events: readonly WaitingEvent[]): Promise<void>;
  /** The first of a topic, by id. */
  abstract waiting(topic: EventTopic, limit: number): Promise<readonly WaitingEvent[]>;
  /** They were told. Unknown ids change nothing. */
  abstract settle(ids: readonly string[]): Promise<void>;
  abstract backlog(): Promise<EventBacklog>;
}
