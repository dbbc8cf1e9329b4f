import type { Database, Row } from '@flow/adapters/sqlite';
import {
  InstanceStore,
  hasEnded,
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
import { listInstances } from './instance-store.list';
import { chunkFrom, headerFrom, instanceFrom, labelText } from './instance-store.rows';
import { FIRST_ENDED_CODE, STATUS_CODE } from './instances.schema';
import { openRows } from './page-rows';

const STANDING = 'SELECT no, status, owner, epoch, seq, wake_ms FROM instances WHERE id = ?';
const ADD_HEADER = `INSERT INTO instances (id, domain, dag_id, status, created_ms, owner, epoch, seq, doc, wake_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING no`;
/** Most projections change neither status nor owner, and then no index. */
const PUT_DOC = 'UPDATE instances SET seq = ?, doc = ? WHERE no = ?';
const PUT_HEADER = 'UPDATE instances SET seq = ?, doc = ?, status = ?, owner = ?, wake_ms = ? WHERE no = ?';
const CLAIM_PARKED = `UPDATE instances SET owner = ?, epoch = epoch + 1, wake_ms = NULL
  WHERE id = ? AND owner IS NULL AND epoch = ? AND status < ${FIRST_ENDED_CODE} RETURNING *`;
const PUT_LABEL = `INSERT INTO instance_labels (domain, label, created_ms, id, no) VALUES (?, ?, ?, ?, ?)`;
const PUT_TASK = `INSERT INTO tasks (instance, id, seq, doc) VALUES (?, ?, ?, ?)
  ON CONFLICT (instance, id) DO UPDATE SET seq = excluded.seq, doc = excluded.doc WHERE seq < excluded.seq`;
const PUT_HISTORY = `INSERT INTO history (instance, from_seq, to_seq, events) VALUES (?, ?, ?, ?)
  ON CONFLICT (instance, from_seq) DO UPDATE SET to_seq = excluded.to_seq, events = excluded.events
    WHERE to_seq < excluded.to_seq`;
/** A chunk that was projected again with others holds them: what lies within it goes, so that chunks rise in both ends. */
const DROP_COVERED = 'DELETE FROM history WHERE instance = ? AND from_seq > ? AND from_seq <= ? AND to_seq <= ?';
const PUT_CURSOR = `INSERT INTO cursors (instance, seq, schema, state) VALUES (?, ?, ?, ?)
  ON CONFLICT (instance) DO UPDATE SET seq = excluded.seq, schema = excluded.schema, state = excluded.state
    WHERE seq < excluded.seq`;

/** Once: an end never changes. */
const PUT_ENDED = `INSERT OR IGNORE INTO ended_runs (domain, dag_id, status, ended_ms, instance, parent)
  VALUES (?, ?, ?, ?, ?, ?)`;
const TOMBSTONE = 'SELECT 1 AS found FROM purged WHERE id = ?';

const PUT_MESSAGE = 'INSERT OR IGNORE INTO outbox (id, message) VALUES (?, ?)';
const PUT_APPROVAL = 'INSERT OR IGNORE INTO approvals (domain, assignee, task, instance) VALUES (?, ?, ?, ?)';
const APPROVAL = '@control/approval';

/** Rows of instances in `documents.db` (`instances.schema.ts`). A projected batch is one transaction. */
export class SqliteInstanceStore extends InstanceStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async project(rows: readonly InstanceRows[]): Promise<void> {
    if (rows.length === 0) return;
    this.db.transaction('instance.project', () => {
      for (const row of rows) this.projectOne(row);
    });
  }

  override async claim(
    id: InstanceId,
    from: { owner: WorkerId | null; epoch: number },
    to: WorkerId,
  ): Promise<StoredRun | undefined> {
    return this.db.transaction('instance.claim', () => {
      const row = this.db.get(
        `UPDATE instances SET owner = ?, epoch = epoch + 1, wake_ms = NULL
         WHERE id = ? AND owner IS ? AND epoch = ? AND status < ${FIRST_ENDED_CODE} RETURNING *`,
        to,
        id,
        from.owner,
        from.epoch,
      );
      return row && this.runFrom(row);
    });
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
    // What its new owner appends is flushed after it: no loss of power takes the claim alone.
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

  override async settleOutbox(ids: readonly string[]): Promise<void> {
    this.db.transaction(
      'instance.settle',
      () => {
        for (const id of ids) this.db.run('DELETE FROM outbox WHERE id = ?', id);
      },
      { flush: 'later' },
    );
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
    return (await this.find(domain, id)) ?? (this.db.get(TOMBSTONE, id) ? 'purged' : undefined);
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
    const [after] = page.cursor === undefined ? [''] : decodeCursor(page.cursor, ['string']);
    const ids = this.db
      .all(
        'SELECT id FROM tasks WHERE instance = ? AND id > ? ORDER BY id LIMIT ?',
        instance,
        String(after),
        page.limit + 1,
      )
      .map((row) => String(row.id));
    const { docs, goOnBehind } = openRows(ids, page.limit, (taskId) => this.taskDoc(instance, taskId));
    return {
      items: docs.map((doc) => JSON.parse(doc) as Task),
      nextCursor: goOnBehind === undefined ? null : encodeCursor([goOnBehind]),
      ...(page.count && { total: this.countTasks(instance) }),
    };
  }

  override async task(domain: DomainId, id: InstanceId, taskId: string): Promise<Task | undefined> {
    const instance = this.numberOf(domain, id);
    if (instance === undefined) return undefined;
    const doc = this.taskDoc(instance, taskId);
    return doc === undefined ? undefined : (JSON.parse(doc) as Task);
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
    const { labels, rootId, attempt } = instanceFrom(row);
    for (const [key, value] of Object.entries(labels))
      this.db.run(
        'DELETE FROM instance_labels WHERE domain = ? AND label = ? AND created_ms = ? AND id = ?',
        String(row.domain),
        labelText(key, value),
        Number(row.created_ms),
        id,
      );
    this.db.run('DELETE FROM attempts WHERE root = ? AND attempt = ? AND id = ?', rootId, attempt, id);
    this.db.run('DELETE FROM approvals WHERE task IN (SELECT id FROM tasks WHERE instance = ?)', no);
    for (const table of ['tasks', 'history', 'cursors', 'debug_runs'])
      this.db.run(`DELETE FROM ${table} WHERE instance = ?`, no);
    this.db.run('DELETE FROM instances WHERE no = ?', no);
  }

  private projectOne({ header, cursor, tasks, history, outbox }: InstanceRows): void {
    const no = this.putHeader(header);
    if (no === undefined) return;
    for (const task of tasks) {
      this.db.run(PUT_TASK, no, task.id, header.seq, JSON.stringify(task));
      if (task.operator === APPROVAL) this.putApproval(header.instance, no, task);
    }
    for (const { id, message } of outbox) this.db.run(PUT_MESSAGE, id, JSON.stringify(message));
    for (const { fromSeq, toSeq, events } of history) {
      if (fromSeq < toSeq) this.db.run(DROP_COVERED, no, fromSeq, toSeq, toSeq);
      this.db.run(PUT_HISTORY, no, fromSeq, toSeq, events);
    }
    if (cursor) this.db.run(PUT_CURSOR, no, cursor.seq, cursor.schema, cursor.state);
  }

  /** The row's number; undefined when what stands is as new or of another epoch, or was purged. */
  private putHeader({ instance, owner, epoch, seq, wakeAt }: InstanceHeader): number | undefined {
    const status = STATUS_CODE[instance.status];
    const doc = JSON.stringify(instance);
    const standing = this.db.get(STANDING, instance.id);
    if (standing) {
      const no = Number(standing.no);
      if (standing.epoch !== epoch || Number(standing.seq) >= seq) return undefined;
      if (standing.status === status && standing.owner === owner && standing.wake_ms === wakeAt)
        this.db.run(PUT_DOC, seq, doc, no);
      else this.db.run(PUT_HEADER, seq, doc, status, owner, wakeAt, no);
      this.putEnded(instance, no);
      return no;
    }
    if (this.db.get(TOMBSTONE, instance.id)) return undefined;
    const { id, dagId, labels, rootId, attempt } = instance;
    const domain = instance.debug ? debugDomain(instance.domain) : instance.domain;
    const createdMs = Date.parse(instance.createdAt);
    const added = this.db.get(ADD_HEADER, id, domain, dagId, status, createdMs, owner, epoch, seq, doc, wakeAt);
    const no = Number(added?.no);
    if (instance.debug)
      this.db.run(
        'INSERT INTO debug_runs (instance, expires_ms) VALUES (?, ?)',
        no,
        Date.parse(instance.debug.expiresAt),
      );
    for (const [key, value] of Object.entries(labels))
      this.db.run(PUT_LABEL, domain, labelText(key, value), createdMs, id, no);
    if (attempt > 1) this.db.run('INSERT INTO attempts (root, attempt, id) VALUES (?, ?, ?)', rootId, attempt, id);
    this.putEnded(instance, no);
    return no;
  }

  private putEnded({ domain, dagId, status, endedAt, parentId, debug }: Instance, no: number): void {
    if (!hasEnded(status) || endedAt === null || debug) return;
    this.db.run(PUT_ENDED, domain, dagId, STATUS_CODE[status], Date.parse(endedAt), no, parentId);
  }

  /** A row for each person while the step waits for them, none afterwards. */
  private putApproval({ domain, debug, createdBy }: Instance, no: number, { id, waitingFor }: Task): void {
    if (waitingFor?.kind !== 'approval') {
      this.db.run('DELETE FROM approvals WHERE task = ?', id);
      return;
    }
    const { assignees, decisions } = waitingFor;
    // What somebody has decided waits for others.
    for (const { by } of decisions) this.db.run('DELETE FROM approvals WHERE task = ? AND assignee = ?', id, by);
    for (const assignee of assignees) {
      const isAsked = !decisions.some(({ by }) => by === assignee) && (!debug || assignee === createdBy);
      if (isAsked) this.db.run(PUT_APPROVAL, domain, assignee, id, no);
    }
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

  private taskDoc(instance: number, taskId: string): string | undefined {
    const row = this.db.get('SELECT doc FROM tasks WHERE instance = ? AND id = ?', instance, taskId);
    return row && String(row.doc);
  }

  private countTasks(instance: number): number {
    return Number(this.db.get('SELECT count(*) AS n FROM tasks WHERE instance = ?', instance)?.n);
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

/** Debug runs stand in a domain of their own, which no list asks for; the blank keeps it from any real one. */
function debugDomain(domain: DomainId): string {
  return `debug ${domain}`;
}
