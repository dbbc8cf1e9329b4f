import type { Database, Row } from '@flow/adapters/sqlite';
import {
  InstanceStore,
  type Cursor,
  type HistoryChunk,
  type Holding,
  type Instance,
  type InstanceFilter,
  type InstanceHeader,
  type InstanceRows,
  type OutboxItem,
  type StoredRun,
  type Task,
  type WakePlace,
} from '@flow/instances';
import {
  decodeCursor,
  encodeCursor,
  type DagId,
  type DomainId,
  type InstanceId,
  type Page,
  type PageRequest,
  type WorkerId,
} from '@flow/kernel';
import { debugDomain } from './debug-domain';
import { HotWritesHere, type HotWrites } from './hot-writes';
import { listInstances } from './instance-store.list';
import { chunkFrom, headerFrom, instanceFrom, removeLabels } from './instance-store.rows';
import { FIRST_ENDED_CODE } from './instances.schema';
import { TaskRows } from './task-rows.sqlite';

const CLAIM = `UPDATE instances SET owner = ?, epoch = epoch + 1, wake_ms = NULL
  WHERE id = ? AND owner IS ? AND epoch = ? AND status < ${FIRST_ENDED_CODE} RETURNING *`;
const CLAIM_PARKED = `UPDATE instances SET owner = ?, epoch = epoch + 1, wake_ms = NULL
  WHERE id = ? AND owner IS NULL AND epoch = ? AND status < ${FIRST_ENDED_CODE} RETURNING *`;

/** Rows of instances in `documents.db` (`instances.schema.ts`). A projected batch is one transaction. */
export class SqliteInstanceStore extends InstanceStore {
  private readonly taskRows: TaskRows;

  /** `writes`: where projections are carried out. */
  constructor(
    private readonly db: Database,
    private readonly writes: HotWrites = new HotWritesHere(db),
  ) {
    super();
    this.taskRows = new TaskRows(db);
  }

  override project(rows: readonly InstanceRows[]): Promise<void> {
    return this.writes.project(rows);
  }

  override async claim(
    id: InstanceId,
    from: { owner: WorkerId | null; epoch: number },
    to: WorkerId,
  ): Promise<StoredRun | undefined> {
    // What its new owner appends is flushed after it: no loss of power takes the claim alone.
    return this.db.transaction(
      'instance.claim',
      () => {
        const row = this.db.get(CLAIM, to, id, from.owner, from.epoch);
        return row && this.runFrom(row);
      },
      { flush: 'later' },
    );
  }

  override async load(id: InstanceId): Promise<StoredRun | undefined> {
    const row = this.db.get('SELECT * FROM instances WHERE id = ?', id);
    return row && this.runFrom(row);
  }

  override async header(id: InstanceId): Promise<InstanceHeader | undefined> {
    const row = this.db.get('SELECT * FROM instances WHERE id = ?', id);
    return row && headerFrom(row);
  }

  override async claimParked(
    from: readonly { readonly id: InstanceId; readonly epoch: number }[],
    to: WorkerId,
  ): Promise<readonly StoredRun[]> {
    return this.db.transaction(
      'instance.wake',
      () =>
        from.flatMap(({ id, epoch }) => {
          const row = this.db.get(CLAIM_PARKED, to, id, epoch);
          return row ? [this.runFrom(row)] : [];
        }),
      { flush: 'later' },
    );
  }

  override async held(afterId: InstanceId | null, limit: number): Promise<readonly InstanceHeader[]> {
    return this.db
      .all(
        `SELECT * FROM instances INDEXED BY instances_held
         WHERE owner IS NOT NULL AND id > ? ORDER BY id LIMIT ?`,
        afterId ?? '',
        limit,
      )
      .map(headerFrom);
  }

  override async parked(ids: readonly InstanceId[]): Promise<readonly InstanceHeader[]> {
    return ids.flatMap((id) => {
      const row = this.db.get(
        `SELECT * FROM instances WHERE id = ? AND owner IS NULL AND status < ${FIRST_ENDED_CODE}`,
        id,
      );
      return row ? [headerFrom(row)] : [];
    });
  }

  override async waking(until: number, after: WakePlace | null, limit: number): Promise<readonly WakePlace[]> {
    return this.db
      .all(
        `SELECT wake_ms, id FROM instances INDEXED BY instances_by_wake
         WHERE wake_ms IS NOT NULL AND wake_ms <= ? AND (wake_ms, id) > (?, ?) ORDER BY wake_ms, id LIMIT ?`,
        Math.min(until, Number.MAX_SAFE_INTEGER),
        after?.at ?? -1,
        after?.id ?? '',
        limit,
      )
      .map((row) => ({ at: Number(row.wake_ms), id: String(row.id) as InstanceId }));
  }

  override async names(workerId: WorkerId): Promise<boolean> {
    const row = this.db.get(
      `SELECT 1 AS found FROM instances WHERE owner = ? AND status < ${FIRST_ENDED_CODE} LIMIT 1`,
      workerId,
    );
    return row !== undefined;
  }

  override async owners(): Promise<readonly WorkerId[]> {
    return this.db
      .all('SELECT DISTINCT owner FROM instances INDEXED BY instances_by_owner WHERE owner IS NOT NULL')
      .map((row) => String(row.owner) as WorkerId);
  }

  override async heldBy(workerId: WorkerId): Promise<readonly Holding[]> {
    return this.db
      .all('SELECT id, epoch, status FROM instances INDEXED BY instances_by_owner WHERE owner = ?', workerId)
      .map((row) => ({
        id: String(row.id) as InstanceId,
        epoch: Number(row.epoch),
        hasEnded: Number(row.status) >= FIRST_ENDED_CODE,
      }));
  }

  override async release(ids: readonly InstanceId[]): Promise<number> {
    return this.db.transaction('instance.release', () => {
      let released = 0;
      for (const id of ids)
        released += this.db.run(
          `UPDATE instances SET owner = NULL WHERE id = ? AND owner IS NOT NULL AND status >= ${FIRST_ENDED_CODE}`,
          id,
        ).changes;
      return released;
    });
  }

  override async outbox(afterId: string, limit: number): Promise<readonly OutboxItem[]> {
    return this.db
      .all('SELECT id, message FROM outbox WHERE id > ? ORDER BY id LIMIT ?', afterId, limit)
      .map((row) => ({ id: String(row.id), message: JSON.parse(String(row.message)) as OutboxItem['message'] }));
  }

  override settleOutbox(ids: readonly string[]): Promise<void> {
    return this.writes.settleOutbox(ids);
  }

  override async newestAttempt(domain: DomainId, rootId: InstanceId): Promise<Instance | undefined> {
    const row = this.db.get('SELECT id FROM attempts WHERE root = ? ORDER BY attempt DESC, id DESC LIMIT 1', rootId);
    return this.find(domain, row ? (String(row.id) as InstanceId) : rootId);
  }

  override async approvals(
    domain: DomainId,
    assignee: string,
    page: PageRequest,
  ): Promise<Page<{ readonly task: Task; readonly instance: Instance }>> {
    const [after] = page.cursor === undefined ? [''] : decodeCursor(page.cursor, ['string']);
    const rows = this.db.all(
      `SELECT a.task AS id, t.doc AS task, i.doc AS instance FROM approvals a
         JOIN tasks t ON t.instance = a.instance AND t.id = a.task JOIN instances i ON i.no = a.instance
       WHERE a.domain = ? AND a.assignee = ? AND a.task > ? ORDER BY a.task LIMIT ?`,
      domain,
      assignee,
      String(after),
      page.limit + 1,
    );
    const items = rows.slice(0, page.limit).map(({ task, instance }) => ({
      task: JSON.parse(String(task)) as Task,
      instance: JSON.parse(String(instance)) as Instance,
    }));
    const last = rows.length > page.limit ? items.at(-1)?.task.id : undefined;
    const total = this.db.get(
      'SELECT count(*) AS n FROM approvals WHERE domain = ? AND assignee = ?',
      domain,
      assignee,
    );
    return {
      items,
      nextCursor: last === undefined ? null : encodeCursor([last]),
      ...(page.count && { total: Number(total?.n) }),
    };
  }

  override async standing(domain: DomainId, id: InstanceId): Promise<Instance | 'purged' | undefined> {
    return (
      (await this.find(domain, id)) ?? (this.db.get('SELECT 1 FROM purged WHERE id = ?', id) ? 'purged' : undefined)
    );
  }

  override async find(domain: DomainId, id: InstanceId): Promise<Instance | undefined> {
    const row = this.db.get(
      'SELECT doc FROM instances WHERE id = ? AND domain IN (?, ?)',
      id,
      domain,
      debugDomain(domain),
    );
    return row && instanceFrom(row);
  }

  override async list(domain: DomainId, filter: InstanceFilter, page: PageRequest): Promise<Page<Instance>> {
    return listInstances(this.db, domain, filter, page);
  }

  override async tasks(domain: DomainId, id: InstanceId, page: PageRequest): Promise<Page<Task>> {
    const instance = this.numberOf(domain, id);
    if (instance === undefined) return { items: [], nextCursor: null, ...(page.count && { total: 0 }) };
    return this.taskRows.page(instance, page);
  }

  override async task(domain: DomainId, id: InstanceId, taskId: string): Promise<Task | undefined> {
    const instance = this.numberOf(domain, id);
    return instance === undefined ? undefined : this.taskRows.find(instance, taskId);
  }

  override async history(
    domain: DomainId,
    id: InstanceId,
    afterSeq: number,
    limit: number,
  ): Promise<readonly HistoryChunk[]> {
    const instance = this.numberOf(domain, id);
    return instance === undefined ? [] : this.chunksBehind(instance, afterSeq, limit);
  }

  override async cursor(domain: DomainId, id: InstanceId): Promise<Cursor | undefined> {
    const instance = this.numberOf(domain, id);
    return instance === undefined ? undefined : this.cursorOf(instance);
  }

  override async countUnfinished(domain: DomainId, dagId: DagId): Promise<number> {
    const row = this.db.get(
      `SELECT count(*) AS n FROM instances INDEXED BY instances_by_dag
       WHERE domain = ? AND dag_id = ? AND status < ${FIRST_ENDED_CODE}`,
      domain,
      dagId,
    );
    return Number(row?.n);
  }

  override async hasDebugRuns(): Promise<boolean> {
    return this.db.get('SELECT 1 AS found FROM debug_runs LIMIT 1') !== undefined;
  }

  override async countDebugRuns(domain: DomainId, createdBy: string): Promise<number> {
    return this.db
      .all(
        `SELECT i.doc FROM debug_runs d JOIN instances i ON i.no = d.instance WHERE i.domain = ? AND i.status < ${FIRST_ENDED_CODE}`,
        debugDomain(domain),
      )
      .map(instanceFrom)
      .filter((one) => one.createdBy === createdBy && one.parentId === null).length;
  }

  override async endedDebugRuns(before: Date, limit: number): Promise<readonly Pick<Instance, 'id' | 'domain'>[]> {
    return this.db
      .all(
        `SELECT i.doc FROM debug_runs d JOIN instances i ON i.no = d.instance
         WHERE d.expires_ms < ? AND i.status >= ${FIRST_ENDED_CODE} ORDER BY d.expires_ms LIMIT ?`,
        before.getTime(),
        limit,
      )
      .map(instanceFrom)
      .map(({ id, domain }) => ({ id, domain }));
  }

  override async purgeDebugRuns(ids: readonly InstanceId[]): Promise<void> {
    this.db.transaction(
      'instance.purge',
      () => {
        for (const id of ids) this.purgeOne(id);
      },
      { flush: 'later' },
    );
  }

  /** Its number may be given again, so nothing may be left under it. */
  private purgeOne(id: InstanceId): void {
    const row = this.db.get(
      `SELECT i.* FROM instances i JOIN debug_runs d ON d.instance = i.no WHERE i.id = ? AND i.status >= ${FIRST_ENDED_CODE}`,
      id,
    );
    if (!row) return;
    const no = Number(row.no);
    const instance = instanceFrom(row);
    const { rootId, attempt } = instance;
    removeLabels(this.db, row, instance);
    this.db.run('DELETE FROM attempts WHERE root = ? AND attempt = ? AND id = ?', rootId, attempt, id);
    this.db.run('DELETE FROM approvals WHERE task IN (SELECT id FROM tasks WHERE instance = ?)', no);
    for (const table of ['tasks', 'short_runs', 'history', 'cursors', 'debug_runs'])
      this.db.run(`DELETE FROM ${table} WHERE instance = ?`, no);
    this.db.run('DELETE FROM instances WHERE no = ?', no);
  }

  private runFrom(row: Row): StoredRun {
    const no = Number(row.no);
    const cursor = this.cursorOf(no) ?? null;
    return { header: headerFrom(row), cursor, history: this.chunksBehind(no, cursor?.seq ?? 0, -1) };
  }

  private cursorOf(instance: number): Cursor | undefined {
    const row = this.db.get('SELECT seq, schema, state FROM cursors WHERE instance = ?', instance);
    return row && { seq: Number(row.seq), schema: Number(row.schema), state: String(row.state) };
  }

  private numberOf(domain: DomainId, id: InstanceId): number | undefined {
    const row = this.db.get(
      'SELECT no FROM instances WHERE id = ? AND domain IN (?, ?)',
      id,
      domain,
      debugDomain(domain),
    );
    return row && Number(row.no);
  }

  /** Chunks rise in both ends, so those behind `afterSeq` begin with the last one that starts at or before it. */
  private chunksBehind(instance: number, afterSeq: number, limit: number): HistoryChunk[] {
    return this.db
      .all(
        `SELECT from_seq, to_seq, events FROM history WHERE instance = ?1 AND to_seq > ?2 AND from_seq >=
           coalesce((SELECT max(from_seq) FROM history WHERE instance = ?1 AND from_seq <= ?2), 0)
         ORDER BY from_seq LIMIT ?3`,
        instance,
        afterSeq,
        limit,
      )
      .map(chunkFrom);
  }
}
