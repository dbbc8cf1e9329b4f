import type { Database } from '@flow/adapters/sqlite';
import type { Instance } from '@flow/instances';
import { PRIORITIES, turnOf } from '@flow/kernel';
import { FIRST_ENDED_CODE, STATUS_CODE } from './instances.schema';

export const IN_GROUP = 'domain = ? AND dag_id = ? AND key = ?';
const PUT = `INSERT OR IGNORE INTO slots (domain, dag_id, key, waits, turn_ms, id, priority, at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const DROP = `DELETE FROM slots WHERE ${IN_GROUP} AND waits = ? AND turn_ms = ? AND id = ?`;

/** The slot of an instance whose header is written, in that transaction. */
export function putSlot(db: Database, { id, domain, dagId, slot, status, createdAt, priority, debug }: Instance): void {
  if (!slot || debug) return;
  const ended = STATUS_CODE[status] >= FIRST_ENDED_CODE;
  const at = Date.parse(createdAt);
  const group = [domain, dagId, slot.key];
  const turn = turnOf({ at, priority });
  if (!slot.queued || ended) db.run(DROP, ...group, 1, turn, id);
  if (ended) db.run(DROP, ...group, 0, at, id);
  else db.run(PUT, ...group, slot.queued ? 1 : 0, slot.queued ? turn : at, id, PRIORITIES.indexOf(priority), at);
}
