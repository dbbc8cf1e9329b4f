import type { DomainId, InstanceId } from '@flow/kernel';
import type { SlotGroup, SlotHolder, SlotWaiter } from './slot';

/** Who has slots and who waits for one: part of the rows of live instances, so that it is right after every crash. */
export abstract class SlotStore {
  /** Instances that have begun and not ended, the oldest first, `limit` at most. */
  abstract holders(group: SlotGroup, limit: number): Promise<readonly SlotHolder[]>;
  /** Instances that wait, in the order in which they begin (`turnOf`, then id), `limit` at most. */
  abstract waiters(group: SlotGroup, limit: number): Promise<readonly SlotWaiter[]>;
  /** How many of those that wait begin before this one. */
  abstract ahead(group: SlotGroup, of: SlotWaiter): Promise<number>;
  /** Groups in which somebody waits, behind `after`, `limit` at most. */
  abstract waited(after: SlotGroup | null, limit: number): Promise<readonly SlotGroup[]>;
  /** How many instances wait, of all domains. */
  abstract waiting(): Promise<number>;
  /** How many instances of the domain have not ended; debug runs and these are not counted. */
  abstract live(domain: DomainId, without: readonly InstanceId[]): Promise<number>;
}
