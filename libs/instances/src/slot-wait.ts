import type { DagStore } from '@flow/dags';
import type { InstanceId } from '@flow/kernel';
import type { Instance } from './instance';
import { limitOf } from './slot-groups';
import type { SlotStore } from './slot.store';

const SHOWN = 10;

/** How a queued instance stands. */
export interface SlotWait {
  readonly max: number;
  /** Who has the slots, 10 at most. */
  readonly holders: readonly InstanceId[];
  /** How many begin before it. */
  readonly ahead: number;
}

/** What a queued instance waits for, by the rows. */
export async function waitOf(
  { id, domain, dagId, slot, createdAt, priority }: Instance,
  store: SlotStore,
  dags: DagStore,
): Promise<SlotWait | undefined> {
  if (!slot?.queued) return undefined;
  const where = { domain, dagId, key: slot.key };
  const { max } = await limitOf(dags, where);
  const holders = await store.holders(where, SHOWN);
  const ahead = await store.ahead(where, { id, at: Date.parse(createdAt), priority });
  return { max, holders: holders.map((holder) => holder.id), ahead };
}
