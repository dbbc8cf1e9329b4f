import type { Database, Row } from '@flow/adapters/sqlite';
import { EventOutbox, type EventBacklog, type EventTopic, type WaitingEvent } from '@flow/events';

const PUT = 'INSERT OR IGNORE INTO events (id, topic, key, at_ms, body, traceparent) VALUES (?, ?, ?, ?, ?, ?)';

/** Events that wait, in `documents.db` (`events.schema.ts`); `InstanceProjection` puts them there. */
export class SqliteEventOutbox extends EventOutbox {
  constructor(private readonly db: Database) {
    super();
  }

  /** There is no other process. */
  override async lead(_holder: string, now: Date, until: Date): Promise<boolean> {
    return until > now;
  }

  /** Waits for no disk: where they come from they stand until this does. */
  override async put(events: readonly WaitingEvent[]): Promise<void> {
    this.db.transaction(
      'event.put',
      () => {
        for (const event of events) putEvent(this.db, event);
      },
      { flush: 'later' },
    );
  }

  override async waiting(topic: EventTopic, limit: number): Promise<readonly WaitingEvent[]> {
    return this.db.all('SELECT * FROM events WHERE topic = ? ORDER BY id LIMIT ?', topic, limit).map(waitingEventFrom);
  }

  /** Waits for no disk: lost with the power, they are told again. */
  override async settle(ids: readonly string[]): Promise<void> {
    this.db.transaction(
      'event.settle',
      () => {
        for (const id of ids) this.db.run('DELETE FROM events WHERE id = ?', id);
      },
      { flush: 'later' },
    );
  }

  override async backlog(): Promise<EventBacklog> {
    const row = this.db.get(
      'SELECT (SELECT count(*) FROM events) AS count, (SELECT min(at_ms) FROM events INDEXED BY events_by_age) AS oldest',
    );
    const oldestAt = typeof row?.oldest === 'number' ? new Date(row.oldest) : undefined;
    return { count: Number(row?.count), oldestAt };
  }
}

export function waitingEventFrom(row: Row): WaitingEvent {
  return {
    id: String(row.id),
    topic: String(row.topic) as EventTopic,
    key: String(row.key),
    at: Number(row.at_ms),
    body: String(row.body),
    ...traceOf(row),
  };
}

export function traceOf({ traceparent }: Row): { readonly traceparent?: string } {
  return typeof traceparent === 'string' ? { traceparent } : {};
}

/** Within a transaction: it waits to be told, unless it stands. */
export function putEvent(db: Database, { id, topic, key, at, body, traceparent }: WaitingEvent): void {
  db.run(PUT, id, topic, key, at, body, traceparent ?? null);
}
