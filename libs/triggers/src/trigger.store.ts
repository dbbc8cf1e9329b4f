import type { DagId, DomainId, FiringId, Page, PageRequest, TriggerId } from '@flow/kernel';
import type { Firing } from './firing';
import type { Trigger, TriggerKind } from './trigger';

export interface TriggerFilter {
  readonly dagId?: DagId;
  readonly kind?: TriggerKind;
  readonly enabled?: boolean;
}

/** A schedule goes on: from the time that was next to the one that is next now, with what comes of those that were due. */
export interface Advance {
  readonly trigger: Pick<Trigger, 'id' | 'nextFireAt' | 'revision'>;
  readonly nextFireAt: Date | null;
  readonly firings: readonly Firing[];
}

/** Triggers of business domains, in one store with their firings (`FiringStore`). */
export abstract class TriggerStore {
  /** False when the id stands already: then nothing changes. */
  abstract add(trigger: Trigger): Promise<boolean>;

  /**
   * False when it is gone, or its revision is another. What is stored is `trigger` as it is given, but for `failures`: `countEnd` alone counts them, whoever changes it
   * meanwhile, and they begin anew when one that was disabled is enabled.
   */
  abstract replace(trigger: Trigger, fromRevision: number): Promise<boolean>;

  /** Its firings stay as long as they are kept. False when it was gone. */
  abstract remove(domain: DomainId, id: TriggerId): Promise<boolean>;

  abstract find(domain: DomainId, id: TriggerId): Promise<Trigger | undefined>;

  /** Whatever their domain; absent ones are absent. */
  abstract findMany(ids: readonly TriggerId[]): Promise<readonly Trigger[]>;

  /** All of a DAG, the oldest first. */
  abstract ofDag(domain: DomainId, dagId: DagId): Promise<readonly Trigger[]>;

  /** All of a kind that are found by this, whatever their domain, disabled ones too. */
  abstract lookUp(kind: TriggerKind, lookup: string): Promise<readonly Trigger[]>;

  /** All enabled ones of a kind, in the order of their ids, behind `after`. */
  abstract enabled(kind: TriggerKind, after: TriggerId | '', limit: number): Promise<readonly Trigger[]>;

  /** The newest first. */
  abstract list(domain: DomainId, filter: TriggerFilter, page: PageRequest): Promise<Page<Trigger>>;

  /** Enabled schedules of a domain by when they fire next, the first ones. */
  abstract upcoming(domain: DomainId, limit: number): Promise<readonly Trigger[]>;

  /** Enabled schedules that are due, the longest first. */
  abstract due(now: Date, limit: number): Promise<readonly Trigger[]>;

  /** When the first enabled schedule is due. */
  abstract nextDue(): Promise<Date | undefined>;

  /**
   * In one write: those schedules that still stand as they were read go on, and their firings are there, claimed by `owner` until `until`. Gives the ids of
   * these triggers: whoever decides of the same time at the same moment does so once. A firing whose key stands already is left out.
   */
  abstract advance(
    moves: readonly Advance[],
    owner: string,
    until: Date,
  ): Promise<{ readonly moved: ReadonlySet<TriggerId>; readonly added: ReadonlySet<FiringId> }>;

  /**
   * The run of a firing has failed, or none in a row has any more; gives how many have failed in a row since. The same firing is counted once, and one that is
   * not kept any more not at all. Undefined when the trigger is gone.
   */
  abstract countEnd(id: TriggerId, firing: FiringId, failed: boolean): Promise<number | undefined>;

  /** Disables all that a principal owns; gives how many that were. */
  abstract disableOf(
    domain: DomainId,
    owner: string,
    by: { readonly principal: string; readonly at: Date },
  ): Promise<number>;
}
