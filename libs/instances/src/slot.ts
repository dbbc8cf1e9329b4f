import type { DagId, DomainId, InstanceId, Json, Priority } from '@flow/kernel';
import { ON_FULL, type OnFull } from '@flow/dags';

/**
 * A DAG with `concurrency` has `max` slots for each value of its key. An instance takes one when it begins and gives it back at its end:
 * ```
 *            slot free                        end
 * start ─→ begins, has a slot ─────────────────→ the slot is free: the next one that waits begins
 *   └────→ full: refused (reject), or queued: waits for a slot ─→ begins | cancelled (replaced, or by somebody) | failed (startBy)
 * ```
 */
export interface SlotGroup {
  readonly domain: DomainId;
  readonly dagId: DagId;
  /** What the key came to, as JSON; '' without a key. */
  readonly key: string;
}

/** An instance that has a slot. `at`: when it was accepted, ms since 1970. */
export interface SlotHolder {
  readonly id: InstanceId;
  readonly at: number;
}

/** An instance that waits for a slot. */
export interface SlotWaiter extends SlotHolder {
  readonly priority: Priority;
}

/** Longer keys are told apart by their hash. */
export const LONGEST_KEY = 256;

/** The same text for the same value, and for no other. */
export function slotKeyOf(value: Json, hash: (text: string) => string): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_KEY ? text : `${text.slice(0, 32)}... sha256 ${hash(text)}`;
}

/** How many run at once, and what happens to one more. */
export interface Limit {
  readonly max: number;
  readonly onFull: OnFull;
}

/** A limit that whoever starts an instance brings along, for all that they start of a DAG that has none of its own. */
export interface OwnLimit extends Limit {
  /** Theirs alone. */
  readonly owner: string;
}

const OWN = 'own limit';

/** The key of a group whose limit stands nowhere but in it: those who come later, and other processes, read it there. */
export function ownSlotKey({ owner, max, onFull }: OwnLimit): string {
  return JSON.stringify([OWN, owner, max, onFull]);
}

export function limitOfOwnKey(key: string): Limit | undefined {
  if (!key.startsWith(`["${OWN}",`)) return undefined;
  const [, , max, onFull] = JSON.parse(key) as [string, string, number, OnFull];
  return typeof max === 'number' && ON_FULL.includes(onFull) ? { max, onFull } : undefined;
}

/** Policies that end instances to make room for newer ones. */
export function isReplacing(onFull: OnFull): boolean {
  return onFull === 'queueOne' || onFull === 'cancelOldest' || onFull === 'cancelOthers';
}

/**
 * Which instances of a group have to make room, now that some wait. Those that came before the newest of the waiters are candidates, the oldest first:
 * as many of them as leave `max` (cancelOldest) or one (cancelOthers), and of those that wait all but the newest (queueOne). It asks only who stands there,
 * so that asking again after a crash gives the same.
 */
export function toReplace(
  onFull: OnFull,
  max: number,
  holders: readonly SlotHolder[],
  waiters: readonly SlotHolder[],
): readonly InstanceId[] {
  const newest = [...waiters].sort(byArrival).at(-1);
  if (!newest || !isReplacing(onFull)) return [];
  const standing = onFull === 'queueOne' ? waiters : [...holders, ...waiters];
  const tooMany = Math.max(0, standing.length - (onFull === 'cancelOldest' ? max : 1));
  const older = standing.filter((one) => byArrival(one, newest) < 0).sort(byArrival);
  return older.slice(0, tooMany).map(({ id }) => id);
}

function byArrival(a: SlotHolder, b: SlotHolder): number {
  return a.at - b.at || (a.id < b.id ? -1 : 1);
}
