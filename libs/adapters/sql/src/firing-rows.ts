import type { FiringId, JsonObject } from '@flow/kernel';
import { runOf, type Firing, type FiringReason } from '@flow/triggers';
import { inPieces } from './pieces';
import type { Tx } from './relational';
import { FIRINGS, type FiringRow } from './trigger.entity';

const ROWS_A_STATEMENT = 200;
const NOBODY = { claimedBy: '', claimedUntil: new Date(0) };

/** Adds those whose key nobody has; pending ones are claimed. The ids of those that are there: the same when it is asked again. */
export async function addFirings(
  tx: Tx,
  firings: readonly Firing[],
  owner: string,
  until: Date,
): Promise<ReadonlySet<FiringId>> {
  const rows = tx.repository(FIRINGS);
  const added = new Set<FiringId>();
  for (const some of inPieces(firings, ROWS_A_STATEMENT)) {
    await rows
      .createQueryBuilder()
      .insert()
      .values(some.map((firing) => firingRowOf(firing, owner, until)))
      .orIgnore()
      .updateEntity(false)
      .execute();
    const ids = some.map(({ id }) => id);
    const standing: readonly { id: FiringId }[] = await rows.query(
      `SELECT id FROM firings WHERE id IN (${ids.map(() => '?').join(', ')})`,
      ids,
    );
    for (const { id } of standing) added.add(id);
  }
  return added;
}

export function firingRowOf({ key, ...firing }: Firing, owner: string, until: Date): FiringRow {
  // One that is due later is carried out by whoever finds it then: a claim would keep it from them.
  const isDue = firing.status === 'pending' && firing.dueAt <= firing.createdAt;
  const claim = isDue ? { claimedBy: owner, claimedUntil: until } : NOBODY;
  return {
    ...firing,
    // Its run has that id if it ever comes to one: those that are fired at once differ in nothing else.
    instanceId: firing.instanceId ?? runOf(firing),
    firingKey: storedKey(firing.triggerId, key),
    ...claim,
    counted: 0,
  };
}

export function storedKey(triggerId: string, key: string): string {
  return `${triggerId} ${key}`;
}

/** Who has a run shows it; others never came to one. */
export function firingOf({
  firingKey,
  claimedBy: _by,
  claimedUntil: _until,
  counted: _counted,
  ...row
}: FiringRow): Firing {
  const hasRun = row.status === 'fired' || row.status === 'deduplicated';
  return {
    ...row,
    event: row.event as JsonObject,
    reason: row.reason as FiringReason | null,
    instanceId: hasRun ? row.instanceId : null,
    key: firingKey.slice(row.triggerId.length + 1),
  };
}
