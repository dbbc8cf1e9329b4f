import type { InstanceId } from '@flow/kernel';
import type { SlotGroup } from './slot';

/** A slot that is taken. */
export interface SlotTicket {
  readonly id: InstanceId;
  readonly group: SlotGroup;
}

/**
 * Slots where processes share the store: a ticket for each that is taken, which one process at a time can make. An instance takes one before it begins,
 * and gives it back when its end is durable. Tickets of instances that have ended, or never came to be, may be left by a crash: `SharedSlots` sweeps.
 */
export abstract class SlotTickets {
  /** Whether the instance has a ticket of the group now, one of at most `max` that there are. Durable when it resolves; asked again, it is the same one. */
  abstract take(group: SlotGroup, id: InstanceId, max: number): Promise<boolean>;

  abstract giveBack(id: InstanceId): Promise<void>;

  /** All that are taken, by instance, behind `afterId`; `limit` at most. Read where writes are. */
  abstract page(afterId: InstanceId | null, limit: number): Promise<readonly SlotTicket[]>;
}
