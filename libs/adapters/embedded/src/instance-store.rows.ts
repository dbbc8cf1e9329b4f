import type { Database, Row } from '@flow/adapters/sqlite';
import { newerCursorOf, type HistoryChunk, type Instance, type InstanceHeader } from '@flow/instances';
import type { WorkerId } from '@flow/kernel';

export function instanceFrom(row: Row): Instance {
  return JSON.parse(String(row.doc)) as Instance;
}

export function headerFrom(row: Row): InstanceHeader {
  return {
    instance: instanceFrom(row),
    owner: row.owner as WorkerId | null,
    epoch: Number(row.epoch),
    seq: Number(row.seq),
    wakeAt: row.wake_ms === null ? null : Number(row.wake_ms),
    ...newerCursorOf(row.cursor_schema as number | null | undefined),
  };
}

export function chunkFrom(row: Row): HistoryChunk {
  return { fromSeq: Number(row.from_seq), toSeq: Number(row.to_seq), events: String(row.events) };
}

/** One text for a label's key and value; JSON, so that every character of them can stand in a column. */
export function labelText(key: string, value: string): string {
  return JSON.stringify([key, value]);
}

const PUT_LABEL = `INSERT INTO instance_labels (domain, label, status, created_ms, id, dag_id, no) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const OF_LABEL = 'domain = ? AND label = ? AND status = ? AND created_ms = ? AND id = ?';
const MOVE_LABEL = `UPDATE instance_labels SET status = ? WHERE ${OF_LABEL}`;
const DROP_LABEL = `DELETE FROM instance_labels WHERE ${OF_LABEL}`;

/** An instance as its labels find it. */
export interface Labelled {
  readonly domain: string;
  readonly status: number;
  readonly createdMs: number;
}

/** Within a transaction: the rows by which an instance is found by its labels. */
export function addLabels(db: Database, of: Labelled, { id, dagId, labels }: Instance, no: number): void {
  for (const [key, value] of Object.entries(labels))
    db.run(PUT_LABEL, of.domain, labelText(key, value), of.status, of.createdMs, id, dagId, no);
}

/** The same when its status changes: they stand by it. */
export function moveLabels(db: Database, of: Labelled, { id, labels }: Instance, status: number): void {
  for (const [key, value] of Object.entries(labels))
    db.run(MOVE_LABEL, status, of.domain, labelText(key, value), of.status, of.createdMs, id);
}

/** The same when it goes. */
export function removeLabels(db: Database, row: Row, { id, labels }: Instance): void {
  for (const [key, value] of Object.entries(labels))
    db.run(DROP_LABEL, String(row.domain), labelText(key, value), Number(row.status), Number(row.created_ms), id);
}
