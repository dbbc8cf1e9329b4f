import type { Database, Row, SqlValue } from '@flow/adapters/sqlite';
import {
  DeliveryStore,
  hostOf,
  laneOf,
  type DeadLetter,
  type DeadLetterFilter,
  type Delivery,
  type DeliveryState,
  type DeliveryStatus,
  type FailedAttempt,
  type NewDelivery,
  type TakenAttempt,
  type WaitingLane,
  type WholeDeadLetter,
} from '@flow/deliveries';
import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import { traceOf } from './event-outbox.sqlite';

const STATUS_CODE: Readonly<Record<DeliveryStatus, number>> = { pending: 0, delivered: 1, dead: 2 };
const STATUSES = Object.keys(STATUS_CODE) as DeliveryStatus[];
const { pending, delivered, dead } = STATUS_CODE;

/** From one lane to the next by the index, whatever waits in each. */
const LANES = `WITH RECURSIVE waiting (lane) AS (
    SELECT min(lane) FROM deliveries INDEXED BY deliveries_waiting WHERE next_ms IS NOT NULL
    UNION ALL
    SELECT (SELECT min(d.lane) FROM deliveries d INDEXED BY deliveries_waiting
            WHERE d.next_ms IS NOT NULL AND d.lane > waiting.lane)
    FROM waiting WHERE waiting.lane IS NOT NULL
  )
  SELECT lane, (SELECT min(d.next_ms) FROM deliveries d INDEXED BY deliveries_waiting
                WHERE d.lane = waiting.lane AND d.next_ms IS NOT NULL) AS next_ms
  FROM waiting WHERE lane IS NOT NULL`;
const SHOWN = 'id, domain, instance, url, attempts, last_error, created_ms, died_ms';
/** What is not asked for waits for no disk: lost with the power, it is done again. */
const LATER = { flush: 'later' } as const;

/** Deliveries and dead letters in `documents.db` (`deliveries.schema.ts`). */
export class SqliteDeliveryStore extends DeliveryStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async add(delivery: NewDelivery, at: Date): Promise<void> {
    const { id, domain, instance, url, body, traceparent } = delivery;
    this.db.transaction(
      'delivery.add',
      () =>
        this.db.run(
          `INSERT OR IGNORE INTO deliveries (id, domain, instance, status, lane, url, attempts, created_ms, next_ms, body, traceparent)
           VALUES (?, ?, ?, ${pending}, ?, ?, 0, ?, ?, ?, ?)`,
          id,
          domain,
          instance,
          laneOf(delivery),
          url,
          at.getTime(),
          at.getTime(),
          body,
          traceparent ?? null,
        ),
      LATER,
    );
  }

  override async stateOf(domain: DomainId, instance: string): Promise<DeliveryState | undefined> {
    const row = this.db.get(
      'SELECT status, url, attempts, next_ms, last_error FROM deliveries WHERE domain = ? AND instance = ?',
      domain,
      instance,
    );
    if (!row) return undefined;
    return {
      status: STATUSES[Number(row.status)] ?? 'pending',
      url: String(row.url),
      attempts: Number(row.attempts),
      nextAt: row.next_ms === null ? null : timeFrom(row.next_ms),
      lastError: row.last_error === null ? null : String(row.last_error),
    };
  }

  override async lanes(): Promise<readonly WaitingLane[]> {
    return this.db.all(LANES).map((row) => ({ lane: String(row.lane), nextAt: new Date(Number(row.next_ms)) }));
  }

  override async due(lane: string, now: Date, limit: number): Promise<readonly Delivery[]> {
    return this.db
      .all(
        `SELECT id, domain, instance, url, body, attempts, traceparent FROM deliveries INDEXED BY deliveries_waiting
         WHERE lane = ? AND next_ms <= ? ORDER BY next_ms, no LIMIT ?`,
        lane,
        now.getTime(),
        limit,
      )
      .map((row) => ({
        id: String(row.id),
        domain: String(row.domain) as DomainId,
        instance: String(row.instance),
        url: String(row.url),
        body: String(row.body),
        attempts: Number(row.attempts),
        ...traceOf(row),
      }));
  }

  /** There is no other process. */
  override async take(id: string, { attempts }: TakenAttempt): Promise<boolean> {
    const row = this.db.get(`SELECT attempts FROM deliveries WHERE id = ? AND status = ${pending}`, id);
    return row?.attempts === attempts;
  }

  override async nextIn(lane: string): Promise<Date | undefined> {
    const row = this.db.get(
      'SELECT min(next_ms) AS next_ms FROM deliveries INDEXED BY deliveries_waiting WHERE lane = ? AND next_ms IS NOT NULL',
      lane,
    );
    return typeof row?.next_ms === 'number' ? new Date(row.next_ms) : undefined;
  }

  override async settle(id: string, attempts: number): Promise<void> {
    this.db.transaction(
      'delivery.settle',
      () =>
        this.db.run(
          `UPDATE deliveries SET status = ${delivered}, attempts = ?, next_ms = NULL, last_error = NULL, body = NULL
           WHERE id = ? AND status = ${pending}`,
          attempts,
          id,
        ),
      LATER,
    );
  }

  override async postpone(id: string, { attempts, nextAt, lastError }: FailedAttempt): Promise<void> {
    this.db.transaction(
      'delivery.postpone',
      () =>
        this.db.run(
          `UPDATE deliveries SET attempts = ?, next_ms = ?, last_error = ? WHERE id = ? AND status = ${pending}`,
          attempts,
          nextAt.getTime(),
          lastError,
          id,
        ),
      LATER,
    );
  }

  override async bury(
    id: string,
    { attempts, lastError, at }: { attempts: number; lastError: string; at: Date },
  ): Promise<void> {
    this.db.transaction(
      'delivery.bury',
      () => {
        const row = this.db.get(`SELECT * FROM deliveries WHERE id = ? AND status = ${pending}`, id);
        if (!row) return;
        this.db.run(
          `INSERT INTO dead_letters (id, domain, instance, host, url, attempts, last_error, created_ms, died_ms, body)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          id,
          String(row.domain),
          String(row.instance),
          hostOf(String(row.url)),
          String(row.url),
          attempts,
          lastError,
          Number(row.created_ms),
          at.getTime(),
          String(row.body),
        );
        this.db.run(
          `UPDATE deliveries SET status = ${dead}, attempts = ?, next_ms = NULL, last_error = ?, body = NULL WHERE id = ?`,
          attempts,
          lastError,
          id,
        );
      },
      LATER,
    );
  }

  override async counts(): Promise<{ pending: number; dead: number }> {
    const waiting = this.db.get(
      'SELECT count(*) AS n FROM deliveries INDEXED BY deliveries_waiting WHERE next_ms IS NOT NULL',
    );
    const letters = this.db.get('SELECT count(*) AS n FROM dead_letters');
    return { pending: Number(waiting?.n), dead: Number(letters?.n) };
  }

  override async deadLetters(domain: DomainId, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetter>> {
    const { from, where, values } = rangeOf(domain, filter);
    const [beforeMs, beforeId] =
      page.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ''] : decodeCursor(page.cursor, ['number', 'string']);
    const rows = this.db.all(
      `SELECT ${SHOWN} FROM ${from} WHERE ${where} AND (died_ms, id) < (?, ?) ORDER BY died_ms DESC, id DESC LIMIT ?`,
      ...values,
      Number(beforeMs),
      String(beforeId),
      page.limit + 1,
    );
    const items = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? items.at(-1) : undefined;
    const total = page.count && this.db.get(`SELECT count(*) AS n FROM ${from} WHERE ${where}`, ...values);
    return {
      items: items.map(letterFrom),
      nextCursor: last ? encodeCursor([Number(last.died_ms), String(last.id)]) : null,
      ...(total && { total: Number(total.n) }),
    };
  }

  override async deadLetter(domain: DomainId, id: string): Promise<WholeDeadLetter | undefined> {
    const row = this.db.get(`SELECT ${SHOWN}, body FROM dead_letters WHERE id = ? AND domain = ?`, id, domain);
    return row && { ...letterFrom(row), body: String(row.body) };
  }

  override async redirect(domain: DomainId, id: string, url: string): Promise<boolean> {
    const { changes } = this.db.write(
      'delivery.redirect',
      'UPDATE dead_letters SET url = ?, host = ? WHERE id = ? AND domain = ?',
      url,
      hostOf(url),
      id,
      domain,
    );
    return changes === 1;
  }

  override async redrive(domain: DomainId, id: string, at: Date): Promise<string | undefined> {
    return this.db.transaction('delivery.redrive', () => {
      const row = this.db.get('SELECT url, body FROM dead_letters WHERE id = ? AND domain = ?', id, domain);
      if (!row) return undefined;
      const url = String(row.url);
      const lane = laneOf({ domain, url });
      this.db.run('DELETE FROM dead_letters WHERE id = ?', id);
      this.db.run(
        `UPDATE deliveries SET status = ${pending}, lane = ?, url = ?, attempts = 0, next_ms = ?, last_error = NULL, body = ?
         WHERE id = ?`,
        lane,
        url,
        at.getTime(),
        String(row.body),
        id,
      );
      return lane;
    });
  }

  override async remove(domain: DomainId, id: string): Promise<boolean> {
    const { changes } = this.db.write(
      'delivery.remove',
      'DELETE FROM dead_letters WHERE id = ? AND domain = ?',
      id,
      domain,
    );
    return changes === 1;
  }
}

/** The index that holds the wanted dead letters in their order; of two filters the other one is looked up row by row. */
function rangeOf(
  domain: DomainId,
  { instance, host }: DeadLetterFilter,
): {
  readonly from: string;
  readonly where: string;
  readonly values: readonly SqlValue[];
} {
  const filters = [...(instance === undefined ? [] : ['instance']), ...(host === undefined ? [] : ['host'])];
  return {
    from: `dead_letters INDEXED BY dead_letters_by_${filters[0] ?? 'time'}`,
    where: ['domain', ...filters].map((column) => `${column} = ?`).join(' AND '),
    values: [domain, ...(instance === undefined ? [] : [instance]), ...(host === undefined ? [] : [host])],
  };
}

function letterFrom(row: Row): DeadLetter {
  return {
    id: String(row.id),
    domain: String(row.domain) as DomainId,
    instance: String(row.instance),
    url: String(row.url),
    attempts: Number(row.attempts),
    lastError: String(row.last_error),
    createdAt: timeFrom(row.created_ms),
    diedAt: timeFrom(row.died_ms),
  };
}

function timeFrom(ms: SqlValue | undefined): string {
  return new Date(Number(ms)).toISOString();
}
