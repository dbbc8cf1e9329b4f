import type { Database, Row } from '@flow/adapters/sqlite';
import type { HistoryChunk, Instance, InstanceHeader } from '@flow/instances';
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
  };
}

export function chunkFrom(row: Row): HistoryChunk {
  return { fromSeq: Number(row.from_seq), toSeq: Number(row.to_seq), events: String(row.events) };
}

/** One text for a label's key and value; JSON, so that every character of them can stand in a column. */
export function labelText(key: string, value: string): string {
  return JSON.stringify([key, value]);
}

const DROP_LABEL = 'DELETE FROM instance_labels WHERE domain = ? AND label = ? AND created_ms = ? AND id = ?';

/** Within a transaction: the rows by which an instance is found by its labels. */
export function removeLabels(db: Database, row: Row, { id, labels }: Instance): void {
  for (const [key, value] of Object.entries(labels))
    db.run(DROP_LABEL, String(row.domain), labelText(key, value), Number(row.created_ms), id);
}
