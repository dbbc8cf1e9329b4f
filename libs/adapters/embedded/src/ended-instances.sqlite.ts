import type { Database, Row } from '@flow/adapters/sqlite';
import { EndedInstances, type EndedGroup, type EndedInstance, type EndedPlace } from '@flow/instances';
import type { DagId, DomainId, EndStatus, InstanceId } from '@flow/kernel';
import { IDEMPOTENCY_KEEP_MS } from '@flow/platform';
import { instanceFrom, removeLabels } from './instance-store.rows';
import { FIRST_ENDED_CODE, STATUS_CODE } from './instances.schema';

/** Rows and bytes that one step removes: a few milliseconds of work. */
const ROWS_A_STEP = 2_000;
const BYTES_A_STEP = 4 * 1024 * 1024;
const ROWS_A_LOOK = 500;

const END_OF: Readonly<Record<number, EndStatus>> = {
  [STATUS_CODE.succeeded]: 'succeeded',
  [STATUS_CODE.failed]: 'failed',
  [STATUS_CODE.cancelled]: 'cancelled',
};

/** The next group is one step down the index, however many instances the one before has. */
export const NEXT_GROUP = `SELECT domain, dag_id, status, ended_ms FROM ended_runs
  WHERE (domain, dag_id, status) > (?, ?, ?) ORDER BY domain, dag_id, status, ended_ms LIMIT 1`;
export const ENDED_BEFORE = `SELECT e.ended_ms, e.instance, i.id,
    (e.parent IS NOT NULL AND EXISTS (SELECT 1 FROM instances p WHERE p.id = e.parent AND p.status < ${FIRST_ENDED_CODE}))
      OR EXISTS (SELECT 1 FROM outbox o WHERE o.id > i.id || ':' AND o.id < i.id || ';')
      OR EXISTS (SELECT 1 FROM deliveries d WHERE d.domain = e.domain AND d.instance = i.id AND d.next_ms IS NOT NULL) AS needed
  FROM ended_runs e JOIN instances i ON i.no = e.instance
  WHERE e.domain = ? AND e.dag_id = ? AND e.status = ? AND (e.ended_ms, e.instance) > (?, ?) AND e.ended_ms < ?
  ORDER BY e.ended_ms, e.instance LIMIT ?`;

/** What of an instance grows with its steps: rows by a key that rises. */
const GROWING = [
  { table: 'short_runs', key: 'instance', text: 'tasks' },
  { table: 'tasks', key: 'id', text: 'doc' },
  { table: 'history', key: 'from_seq', text: 'events' },
] as const;

interface Budget {
  rows: number;
  bytes: number;
}

/** Ended instances in `documents.db` (`retention.schema.ts`). Removals do not wait for the disk: what a loss of power takes is removed again. */
export class SqliteEndedInstances extends EndedInstances {
  constructor(private readonly db: Database) {
    super();
  }

  override async groups(
    domain: DomainId | null,
    after: EndedGroup | null,
    limit: number,
  ): Promise<readonly (EndedGroup & { readonly oldest: Date })[]> {
    const groups: (EndedGroup & { readonly oldest: Date })[] = [];
    let last: EndedGroup | null = after;
    while (groups.length < limit) {
      const row = this.db.get(
        NEXT_GROUP,
        last?.domain ?? domain ?? '',
        last?.dagId ?? '',
        last ? STATUS_CODE[last.status] : -1,
      );
      if (!row || (domain !== null && row.domain !== domain)) break;
      const group = groupFrom(row);
      groups.push({ ...group, oldest: new Date(Number(row.ended_ms)) });
      last = group;
    }
    return groups;
  }

  override async endedBefore(
    { domain, dagId, status }: EndedGroup,
    before: Date,
    after: EndedPlace | null,
    limit: number,
  ): Promise<readonly EndedInstance[]> {
    const { endedMs, tie } = after ?? { endedMs: Number.MIN_SAFE_INTEGER, tie: '0' };
    return this.db
      .all(ENDED_BEFORE, domain, dagId, STATUS_CODE[status], endedMs, Number(tie) || 0, before.getTime(), limit)
      .map((row) => ({
        id: String(row.id) as InstanceId,
        place: { endedMs: Number(row.ended_ms), tie: String(row.instance) },
        needed: row.needed === 1,
      }));
  }

  override async purge(ids: readonly InstanceId[], now: Date): Promise<number> {
    return this.db.transaction(
      'ended.purge',
      () => {
        const budget = { rows: ROWS_A_STEP, bytes: BYTES_A_STEP };
        return ids.filter((id) => this.purgeOne(id, now, budget)).length;
      },
      { flush: 'later' },
    );
  }

  override async clear(): Promise<boolean> {
    if (!this.db.get('SELECT 1 AS found FROM purging LIMIT 1')) return false;
    return this.db.transaction(
      'ended.clear',
      () => {
        const budget = { rows: ROWS_A_STEP, bytes: BYTES_A_STEP };
        for (const { instance } of this.db.all('SELECT instance FROM purging LIMIT 20')) {
          if (!this.removeRows(Number(instance), budget)) return true;
          this.removeHeader(Number(instance));
          this.db.run('DELETE FROM purging WHERE instance = ?', Number(instance));
        }
        return this.db.get('SELECT 1 AS found FROM purging LIMIT 1') !== undefined;
      },
      { flush: 'later' },
    );
  }

  override async forget(now: Date, limit: number): Promise<number> {
    const { changes } = this.db.write(
      'ended.forget',
      'DELETE FROM purged WHERE id IN (SELECT id FROM purged WHERE until_ms <= ? ORDER BY until_ms LIMIT ?)',
      now.getTime(),
      limit,
    );
    return changes;
  }

  override async unknown(names: readonly string[]): Promise<readonly string[]> {
    return names.filter((name) => !this.db.get('SELECT 1 AS found FROM instances WHERE id = ?', name));
  }

  /** Its number may be given again, so its header goes last and nothing is left under it. */
  private purgeOne(id: InstanceId, now: Date, budget: Budget): boolean {
    const row = this.db.get(`SELECT * FROM instances WHERE id = ? AND status >= ${FIRST_ENDED_CODE}`, id);
    if (!row) return false;
    const no = Number(row.no);
    const instance = instanceFrom(row);
    const { rootId, attempt, endedAt } = instance;
    const wasKnown = this.db.run(
      'DELETE FROM ended_runs WHERE domain = ? AND dag_id = ? AND status = ? AND ended_ms = ? AND instance = ?',
      String(row.domain),
      String(row.dag_id),
      Number(row.status),
      Date.parse(endedAt ?? ''),
      no,
    );
    // A debug run, or one that goes already.
    if (wasKnown.changes === 0) return false;
    removeLabels(this.db, row, instance);
    this.db.run('DELETE FROM deliveries WHERE domain = ? AND instance = ?', String(row.domain), id);
    if (attempt > 1) this.db.run('DELETE FROM attempts WHERE root = ? AND attempt = ? AND id = ?', rootId, attempt, id);
    const untilMs = Number(row.created_ms) + IDEMPOTENCY_KEEP_MS;
    if (untilMs > now.getTime()) this.db.run('INSERT OR REPLACE INTO purged (id, until_ms) VALUES (?, ?)', id, untilMs);
    if (this.removeRows(no, budget)) this.removeHeader(no);
    else {
      this.db.run('UPDATE instances SET domain = ? WHERE no = ?', `purged ${String(row.domain)}`, no);
      this.db.run('INSERT INTO purging (instance) VALUES (?)', no);
    }
    return true;
  }

  /** False when the budget was used up before the rows were. */
  private removeRows(no: number, budget: Budget): boolean {
    for (const { table, key, text } of GROWING)
      for (;;) {
        if (budget.rows <= 0 || budget.bytes <= 0) return false;
        const limit = Math.min(ROWS_A_LOOK, budget.rows);
        const rows = this.db.all(
          `SELECT ${key} AS key, octet_length(${text}) AS bytes FROM ${table} WHERE instance = ? ORDER BY ${key} LIMIT ?`,
          no,
          limit,
        );
        let last: Row | undefined;
        let taken = 0;
        for (const row of rows) {
          if (budget.bytes <= 0) break;
          budget.bytes -= Number(row.bytes);
          budget.rows -= 1;
          taken += 1;
          last = row;
        }
        if (last?.key !== undefined && table === 'tasks')
          this.db.run(
            'DELETE FROM approvals WHERE task IN (SELECT id FROM tasks WHERE instance = ? AND id <= ?)',
            no,
            last.key,
          );
        if (last?.key !== undefined)
          this.db.run(`DELETE FROM ${table} WHERE instance = ? AND ${key} <= ?`, no, last.key);
        if (taken === rows.length && rows.length < limit) break;
      }
    return true;
  }

  private removeHeader(no: number): void {
    this.db.run('DELETE FROM cursors WHERE instance = ?', no);
    this.db.run('DELETE FROM instances WHERE no = ?', no);
  }
}

function groupFrom(row: Row): EndedGroup {
  const status = END_OF[Number(row.status)];
  if (!status) throw new Error(`${String(row.status)} is no status of an instance that has ended.`);
  return { domain: String(row.domain) as DomainId, dagId: String(row.dag_id) as DagId, status };
}
