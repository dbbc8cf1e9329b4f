import type { Database, Row } from '@flow/adapters/sqlite';
import { SlotStore, type SlotGroup, type SlotHolder, type SlotWaiter } from '@flow/instances';
import { PRIORITIES, turnOf, type DagId, type DomainId, type InstanceId } from '@flow/kernel';

import { FIRST_ENDED_CODE } from './instances.schema';
import { IN_GROUP } from './slot-rows.sqlite';

/** The next group is one step down the index, however many wait in the one before. */
export const NEXT_WAITED = `SELECT domain, dag_id, key FROM slots INDEXED BY slots_waited
  WHERE waits = 1 AND (domain, dag_id, key) > (?, ?, ?) ORDER BY domain, dag_id, key LIMIT 1`;

/** Slots in `documents.db` (`slots.schema.ts`). Their rows are written with those of instances. */
export class SqliteSlotStore extends SlotStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async holders({ domain, dagId, key }: SlotGroup, limit: number): Promise<readonly SlotHolder[]> {
    return this.db
      .all(
        `SELECT id, at_ms FROM slots WHERE ${IN_GROUP} AND waits = 0 ORDER BY turn_ms, id LIMIT ?`,
        ...[domain, dagId, key, limitOf(limit)],
      )
      .map(holderFrom);
  }

  override async waiters({ domain, dagId, key }: SlotGroup, limit: number): Promise<readonly SlotWaiter[]> {
    return this.db
      .all(
        `SELECT id, at_ms, priority FROM slots WHERE ${IN_GROUP} AND waits = 1 ORDER BY turn_ms, id LIMIT ?`,
        ...[domain, dagId, key, limitOf(limit)],
      )
      .map((row) => ({ ...holderFrom(row), priority: PRIORITIES[Number(row.priority)] ?? 'medium' }));
  }

  override async ahead({ domain, dagId, key }: SlotGroup, of: SlotWaiter): Promise<number> {
    const row = this.db.get(
      `SELECT count(*) AS n FROM slots WHERE ${IN_GROUP} AND waits = 1 AND (turn_ms, id) < (?, ?)`,
      ...[domain, dagId, key, turnOf(of), of.id],
    );
    return Number(row?.n);
  }

  override async waited(after: SlotGroup | null, limit: number): Promise<readonly SlotGroup[]> {
    const groups: SlotGroup[] = [];
    for (let last = after; groups.length < limit;) {
      const row = this.db.get(NEXT_WAITED, last?.domain ?? '', last?.dagId ?? '', last?.key ?? '');
      if (!row) break;
      last = { domain: String(row.domain) as DomainId, dagId: String(row.dag_id) as DagId, key: String(row.key) };
      groups.push(last);
    }
    return groups;
  }

  override async waiting(): Promise<number> {
    return Number(this.db.get('SELECT count(*) AS n FROM slots INDEXED BY slots_waited WHERE waits = 1')?.n);
  }

  override async live(domain: DomainId, without: readonly InstanceId[]): Promise<number> {
    const isLive = `status < ${FIRST_ENDED_CODE}`;
    const all = this.db.get(
      `SELECT count(*) AS n FROM instances INDEXED BY instances_by_status WHERE domain = ? AND ${isLive}`,
      domain,
    );
    const left = without.filter((id) =>
      this.db.get(`SELECT 1 AS found FROM instances WHERE id = ? AND domain = ? AND ${isLive}`, id, domain),
    );
    return Number(all?.n) - left.length;
  }
}

function holderFrom(row: Row): SlotHolder {
  return { id: String(row.id) as InstanceId, at: Number(row.at_ms) };
}

function limitOf(limit: number): number {
  return Number.isFinite(limit) ? limit : -1;
}
