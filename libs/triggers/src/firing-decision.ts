import { createHash } from 'node:crypto';
import { AppError, type IdGenerator, type FiringId, type JsonObject } from '@flow/kernel';
import type { Firing, FiringCause, FiringReason, FiringStatus } from './firing';
import { KINDS } from './kinds';
import { storedEvent } from './run-end-event';
import type { Trigger } from './trigger';
import { LONGEST_DEDUPE_KEY, type TriggerExpressions } from './trigger-expressions';

/** What came for a trigger. */
export interface Occurrence {
  /** Of its source, the only one: whoever sends it again sends the same. */
  readonly key: string;
  readonly cause: FiringCause;
  /** When it was due, or when it came. */
  readonly at: Date;
  /** What expressions see as `event`. */
  readonly event: JsonObject;
  readonly orderKey?: string;
  readonly groupId?: string;
  /** Not before; at once when absent. */
  readonly dueAt?: Date;
  /** It is decided already. */
  readonly skipped?: FiringReason;
  /** Nobody can read it. */
  readonly dead?: FiringReason;
}

/** What keys begin with that `dedupeKey` made. */
export const DEDUPE = 'dedupe ';

const DISABLED: FiringReason = { code: 'trigger.disabled', message: 'The trigger is disabled.' };
const FILTERED: FiringReason = { code: 'trigger.filtered', message: 'The filter is not true for it.' };

/** Somebody asked for it by hand, so that the trigger's own switch and filter do not count. */
const ASKED_FOR: ReadonlySet<FiringCause> = new Set(['manual', 'backfill']);

/** What is to become of something that came, as far as its trigger alone says. */
export function decide(
  trigger: Trigger,
  occurrence: Occurrence,
  expressions: TriggerExpressions,
  ids: IdGenerator,
  now: Date,
): Firing {
  const { key, cause, at, event, groupId = '', dueAt = now, skipped, dead } = occurrence;
  const firing = (
    status: FiringStatus,
    reason: FiringReason | null,
    { key: own = key, orderKey = occurrence.orderKey ?? '', dueAt: due = dueAt } = {},
  ): Firing => ({
    id: ids.next<FiringId>(),
    triggerId: trigger.id,
    domain: trigger.domain,
    dagId: trigger.dagId,
    key: boundedKey(own),
    cause,
    at,
    event: storedEvent({ cause, event }),
    orderKey: boundedKey(orderKey),
    groupId,
    status,
    reason,
    instanceId: null,
    attempts: 0,
    dueAt: due,
    createdAt: now,
    endedAt: status === 'pending' || status === 'gathering' ? null : now,
  });
  if (skipped) return firing('skipped', skipped);
  if (ASKED_FOR.has(cause)) return firing('pending', null);
  if (!trigger.enabled) return firing('skipped', DISABLED);
  if (dead) return firing('dead', dead);
  try {
    if (!expressions.passes(trigger, event)) return firing('skipped', FILTERED);
    const dedupeKey = expressions.dedupeKey(trigger, event);
    const own = dedupeKey === undefined ? key : `${DEDUPE}${dedupeKey}`;
    const rules = KINDS[trigger.kind];
    const batch = rules.batch?.(trigger.config);
    if (batch) return firing('gathering', null, { key: own, dueAt: new Date(now.getTime() + batch.waitMs) });
    const orderBy = rules.orderBy?.(trigger.config);
    const orderKey = orderBy === undefined ? undefined : expressions.text(trigger, orderBy, event);
    return firing('pending', null, { key: own, ...(orderKey !== undefined && { orderKey }) });
  } catch (error) {
    return firing('dead', { code: 'trigger.expression_failed', message: wordsOf(error) });
  }
}

/** Keys stand in an index: longer ones are told apart by their hash. */
export function boundedKey(key: string): string {
  if (key.length <= LONGEST_DEDUPE_KEY) return key;
  return `${key.slice(0, 32)}... sha256 ${createHash('sha256').update(key).digest('hex')}`;
}

export function wordsOf(error: unknown): string {
  return error instanceof AppError || error instanceof Error ? error.message : String(error);
}
