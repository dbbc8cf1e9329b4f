import type { DomainId, FiringId, InstanceId, JsonObject, Page, PageRequest, TriggerId } from '@flow/kernel';
import type { Firing, FiringReason, FiringStatus } from './firing';

export interface FiringFilter {
  readonly triggerId?: TriggerId;
  readonly statuses?: readonly FiringStatus[];
  readonly groupId?: string;
}

/** What became of a pending firing. */
export interface FiringOutcome {
  readonly id: FiringId;
  readonly status: FiringStatus;
  readonly reason: FiringReason | null;
  readonly instanceId: InstanceId | null;
  readonly attempts: number;
  /** Of one that stays pending: not before. */
  readonly dueAt: Date;
  readonly endedAt: Date | null;
}

/** What triggers had to decide: a queue that is durable, and the history of it. */
export abstract class FiringStore {
  /**
   * Durable when it resolves; pending ones that are due when they were made are claimed by `owner` until `until`. A firing whose key stands already in its trigger is left out: gives the ids of those
   * that are new.
   */
  abstract accept(firings: readonly Firing[], owner: string, until: Date): Promise<ReadonlySet<FiringId>>;

  /**
   * Claims pending ones that are due and that nobody has claimed, or whose claim is over, in the order in which they came. Nobody gets one while another of
   * its order key that came before is pending.
   */
  abstract take(owner: string, now: Date, until: Date, limit: number): Promise<readonly Firing[]>;

  /** Gives back what an owner has claimed, or what all others have: of a store that one process uses. */
  abstract release(claims: { readonly by: string } | { readonly notBy: string }): Promise<void>;

  /** Of those that are still pending. One that stays pending is claimed by nobody any more. */
  abstract settle(outcomes: readonly FiringOutcome[]): Promise<void>;

  abstract find(domain: DomainId, id: FiringId): Promise<Firing | undefined>;

  /** The firing of a trigger under a key. */
  abstract findKey(triggerId: TriggerId, key: string): Promise<Firing | undefined>;

  /** The newest first. */
  abstract list(domain: DomainId, filter: FiringFilter, page: PageRequest): Promise<Page<Firing>>;

  /** When each of these triggers last started a run. */
  abstract lastFired(ids: readonly TriggerId[]): Promise<ReadonlyMap<TriggerId, Date>>;

  /** Gathering firings of a trigger, in the order in which they came. */
  abstract gathering(triggerId: TriggerId, limit: number): Promise<readonly Firing[]>;

  /** Triggers of which a batch is complete by its time. */
  abstract gatheredBy(now: Date, limit: number): Promise<readonly TriggerId[]>;

  /** In one write: the batch is there, pending and claimed, and these belong to it. False when one of them is in a batch already: then nothing changes. */
  abstract batch(batch: Firing, of: readonly FiringId[], owner: string, until: Date): Promise<boolean>;

  /** Dead ones are pending again, with another event if one is given; gives how many that were. */
  abstract redrive(
    domain: DomainId,
    which: { readonly ids: readonly FiringId[] } | { readonly triggerId: TriggerId },
    change: { readonly event?: JsonObject; readonly now: Date },
    limit: number,
  ): Promise<number>;

  /** A dead one says something else from now on. False when it is not dead. */
  abstract editDead(domain: DomainId, id: FiringId, event: JsonObject): Promise<boolean>;

  /** The pending ones of a group are skipped for this reason; gives how many that were. */
  abstract skipGroup(domain: DomainId, groupId: string, reason: FiringReason, now: Date): Promise<number>;

  /** Removes a dead one. */
  abstract removeDead(domain: DomainId, id: FiringId): Promise<boolean>;

  /** Removes up to `limit` that ended before this and are not dead; gives how many. */
  abstract purge(before: Date, limit: number): Promise<number>;

  /** When the first one came of those that somebody has fired by hand and that are still pending: nobody may remove what it names. */
  abstract oldestByHand(): Promise<Date | undefined>;

  abstract counts(): Promise<{ readonly pending: number; readonly dead: number }>;
}
