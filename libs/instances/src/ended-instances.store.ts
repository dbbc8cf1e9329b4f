import type { DagId, DomainId, EndStatus, InstanceId } from '@flow/kernel';

/** What decides how long an instance is kept: its domain, its DAG, and how it ended. */
export interface EndedGroup {
  readonly domain: DomainId;
  readonly dagId: DagId;
  readonly status: EndStatus;
}

/** Where an instance stands in its group: the oldest first. */
export interface EndedPlace {
  readonly endedMs: number;
  /** Tells those of one millisecond apart. */
  readonly tie: string;
}

export interface EndedInstance {
  readonly id: InstanceId;
  readonly place: EndedPlace;
  /** A parent that has not ended may ask for it again, or a message of it is on its way: it stays. What is not needed never will be. */
  readonly needed: boolean;
}

/** Instances that have ended, but for debug runs: how old they are, and how they go. */
export abstract class EndedInstances {
  /** Groups of one domain, or of all, behind `after`, each with the end of its oldest one. */
  abstract groups(
    domain: DomainId | null,
    after: EndedGroup | null,
    limit: number,
  ): Promise<readonly (EndedGroup & { readonly oldest: Date })[]>;

  /** Those of a group that ended before a moment, behind `after`: the oldest first. */
  abstract endedBefore(
    group: EndedGroup,
    before: Date,
    after: EndedPlace | null,
    limit: number,
  ): Promise<readonly EndedInstance[]>;

  /**
   * Removes these with all their rows; nobody finds them any more when it resolves, whatever is left to `clear`. Those that have not
   * ended stay. One that is younger than an idempotency key leaves a tombstone for as long as its key may come again, so that
   * neither that key nor a log that is read again brings it back. Gives how many went.
   */
  abstract purge(ids: readonly InstanceId[], now: Date): Promise<number>;

  /** Goes on with removing what was too much for one step. False when nothing is left to do. */
  abstract clear(): Promise<boolean>;

  /** Removes at most `limit` tombstones that are no longer needed; gives how many. */
  abstract forget(now: Date, limit: number): Promise<number>;

  /** Those of these names under which no instance stands, live or ended. */
  abstract unknown(names: readonly string[]): Promise<readonly string[]>;
}
