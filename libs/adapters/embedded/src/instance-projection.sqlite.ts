import type { Database } from '@flow/adapters/sqlite';
import type { Instance, InstanceHeader, InstanceRows, Task } from '@flow/instances';
import { debugDomain } from './debug-domain';
import { putEvent } from './event-outbox.sqlite';
import { addLabels, moveLabels } from './instance-store.rows';
import { FIRST_ENDED_CODE, STATUS_CODE } from './instances.schema';
import { putSlot } from './slot-rows.sqlite';
import { TaskRows } from './task-rows.sqlite';

const STANDING = 'SELECT no, status, owner, epoch, seq, wake_ms FROM instances WHERE id = ?';
const ADD_HEADER = `INSERT INTO instances (id, domain, dag_id, status, created_ms, owner, epoch, seq, doc, wake_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING no`;
/** Most projections change neither status nor owner, and then no index. */
const PUT_DOC = 'UPDATE instances SET seq = ?, doc = ? WHERE no = ?';
const PUT_HEADER = 'UPDATE instances SET seq = ?, doc = ?, status = ?, owner = ?, wake_ms = ? WHERE no = ?';
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

interface PutHeader {
  readonly no: number;
  readonly isNew: boolean;
}

/** Writes rows of instances (`instances.schema.ts`) behind the logs. A projected batch is one transaction. */
export class InstanceProjection {
  private readonly taskRows: TaskRows;

  constructor(private readonly db: Database) {
    this.taskRows = new TaskRows(db);
  }

  project(rows: readonly InstanceRows[]): void {
    if (rows.length === 0) return;
    // The log has what the rows say until the mark rises, and that is flushed no earlier than they are.
    this.db.transaction(
      'instance.project',
      () => {
        for (const row of rows) this.projectOne(row);
      },
      { flush: 'later' },
    );
  }

  settleOutbox(ids: readonly string[]): void {
    this.db.transaction(
      'instance.settle',
      () => {
        for (const id of ids) this.db.run('DELETE FROM outbox WHERE id = ?', id);
      },
      { flush: 'later' },
    );
  }

  private projectOne({ header, cursor, tasks, history, outbox, told }: InstanceRows): void {
    const put = this.putHeader(header);
    if (!put) return;
    const { no, isNew } = put;
    if (isNew && STATUS_CODE[header.instance.status] >= FIRST_ENDED_CODE) this.taskRows.putWhole(no, header.seq, tasks);
    else this.taskRows.put(no, header.seq, tasks);
    for (const task of tasks) if (task.operator === APPROVAL) this.putApproval(header.instance, no, task);
    for (const { id, message } of outbox) this.db.run(PUT_MESSAGE, id, JSON.stringify(message));
    for (const event of told ?? []) putEvent(this.db, event);
    for (const { fromSeq, toSeq, events } of history) {
      if (fromSeq < toSeq) this.db.run(DROP_COVERED, no, fromSeq, toSeq, toSeq);
      this.db.run(PUT_HISTORY, no, fromSeq, toSeq, events);
    }
    if (cursor) this.db.run(PUT_CURSOR, no, cursor.seq, cursor.schema, cursor.state);
  }

  /** The row; undefined when what stands is as new or of another epoch, or was purged. */
  private putHeader({ instance, owner, epoch, seq, wakeAt }: InstanceHeader): PutHeader | undefined {
    const status = STATUS_CODE[instance.status];
    const doc = JSON.stringify(instance);
    const domain = instance.debug ? debugDomain(instance.domain) : instance.domain;
    const createdMs = Date.parse(instance.createdAt);
    const standing = this.db.get(STANDING, instance.id);
    if (standing) {
      const no = Number(standing.no);
      if (standing.epoch !== epoch || Number(standing.seq) >= seq) return undefined;
      if (standing.status === status && standing.owner === owner && standing.wake_ms === wakeAt)
        this.db.run(PUT_DOC, seq, doc, no);
      else this.db.run(PUT_HEADER, seq, doc, status, owner, wakeAt, no);
      if (standing.status !== status)
        moveLabels(this.db, { domain, status: Number(standing.status), createdMs }, instance, status);
      this.putEnded(instance, no);
      putSlot(this.db, instance);
      return { no, isNew: false };
    }
    if (this.db.get(TOMBSTONE, instance.id)) return undefined;
    const { id, dagId, rootId, attempt } = instance;
    const added = this.db.get(ADD_HEADER, id, domain, dagId, status, createdMs, owner, epoch, seq, doc, wakeAt);
    const no = Number(added?.no);
    if (instance.debug)
      this.db.run(
        'INSERT INTO debug_runs (instance, expires_ms) VALUES (?, ?)',
        no,
        Date.parse(instance.debug.expiresAt),
      );
    addLabels(this.db, { domain, status, createdMs }, instance, no);
    if (attempt > 1) this.db.run('INSERT INTO attempts (root, attempt, id) VALUES (?, ?, ?)', rootId, attempt, id);
    this.putEnded(instance, no);
    putSlot(this.db, instance);
    return { no, isNew: true };
  }

  private putEnded({ domain, dagId, status, endedAt, parentId, debug }: Instance, no: number): void {
    if (STATUS_CODE[status] < FIRST_ENDED_CODE || endedAt === null || debug) return;
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
}
