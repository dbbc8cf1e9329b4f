import type { RunEvent } from '@flow/engine';
import type { InstanceId } from '@flow/kernel';

/** What somebody wants from an instance that another worker may hold: a cancel, an answer, a child's end. */
export interface InboxItem {
  /** Of this wish alone, whoever sends it and however often; sorts by sending where that matters. */
  readonly id: string;
  readonly instance: InstanceId;
  /** As it was sent: whoever acts on it says when that was. */
  readonly event: RunEvent;
}

/** A transition named it, or the instance had ended before. */
export type InboxOutcome = 'acted' | 'late';

/**
 * Wishes for instances, where processes share a store. An item stands until its instance is purged (`EndedInstances` of the same store removes
 * both), so that a repeat that comes late is known. One whose instance never came to be may go after a day.
 */
export abstract class Inbox {
  /** Durable when it resolves; false when one of this id stands, which stays as it is. */
  abstract insert(item: InboxItem): Promise<boolean>;

  /** Gives items their outcome; what has one keeps it, unknown ids change nothing. */
  abstract settle(ids: readonly string[], outcome: InboxOutcome): Promise<void>;

  /** Items without an outcome, by id; read where writes are. */
  abstract unsettled(instance: InstanceId): Promise<readonly InboxItem[]>;

  /** Instances that have such items, by id, behind `afterId`. */
  abstract waiting(afterId: InstanceId | null, limit: number): Promise<readonly InstanceId[]>;
}
