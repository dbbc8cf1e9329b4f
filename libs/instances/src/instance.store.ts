import { SNAPSHOT_SCHEMA } from '@flow/engine';
import type { WaitingEvent } from '@flow/events';
import type { DagId, DomainId, InstanceId, Page, PageRequest, WorkerId } from '@flow/kernel';
import type { Instance, InstanceStatus, Task } from './instance';
import type { OutboxItem } from './outbox';

/** An instance's header: what is shown, and what the commit protocol needs (engine.md B3). */
export interface InstanceHeader {
  readonly instance: Instance;
  /** The worker that holds it; null when it has ended or is parked. */
  readonly owner: WorkerId | null;
  readonly epoch: number;
  /** Number of the last transition in this row. */
  readonly seq: number;
  /** When a run that nobody holds has to go on by itself, ms since 1970; null when it is held, has ended or waits for others only. */
  readonly wakeAt: number | null;
  /** The schema of its cursor, where a newer build has written that: nobody of this build goes on with it. */
  readonly newerCursor?: number;
}

/** For stores: what of a header says that its cursor is a newer build's. */
export function newerCursorOf(schema: number | null | undefined): Pick<InstanceHeader, 'newerCursor'> {
  return schema !== null && schema !== undefined && schema > SNAPSHOT_SCHEMA ? { newerCursor: schema } : {};
}

/** A parked run and when it has to go on. */
export interface WakePlace {
  readonly at: number;
  readonly id: InstanceId;
}

/** A header that names a worker, without what is shown. */
export interface Holding {
  readonly id: InstanceId;
  readonly epoch: number;
  readonly hasEnded: boolean;
}

/** A snapshot of the engine's state after transition `seq`; `schema` names the shape of `state`. */
export interface Cursor {
  readonly seq: number;
  readonly schema: number;
  readonly state: string;
}

/**
 * Transitions `fromSeq`..`toSeq` of one instance, as the text that the engine folds again. After a recovery a chunk may begin
 * before the end of the one before it: a reader skips the transitions that it has.
 */
export interface HistoryChunk {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly events: string;
}

/** What one projection writes for one instance. Task rows are whole and the newest of their path wins by `seq`. */
export interface InstanceRows {
  readonly header: InstanceHeader;
  readonly cursor?: Cursor;
  readonly tasks: readonly Task[];
  readonly history: readonly HistoryChunk[];
  /** Messages that no one has taken yet. */
  readonly outbox: readonly OutboxItem[];
  /** Events that no one was told of yet, in their order: they stand in the `EventOutbox` when the header does. */
  readonly told?: readonly WaitingEvent[];
}

/** Everything that is needed to go on with an instance: fold `history` over `cursor` (or over nothing). */
export interface StoredRun {
  readonly header: InstanceHeader;
  readonly cursor: Cursor | null;
  /** Chunks behind the cursor, in order. */
  readonly history: readonly HistoryChunk[];
}

export interface InstanceFilter {
  readonly dagId?: DagId;
  /** Any of these; absent or empty means all. */
  readonly status?: readonly InstanceStatus[];
  /** RFC 3339, inclusive and exclusive. */
  readonly createdFrom?: string;
  readonly createdTo?: string;
  readonly label?: { readonly key: string; readonly value: string };
  /** Newest first unless asked otherwise. */
  readonly sort?: 'createdAt' | '-createdAt';
}

/** Rows of instances: projections of the logs, written behind them; and the questions that the API asks. */
export abstract class InstanceStore {
  /**
   * Writes rows, all or none of the batch visible at once where the store can. Idempotent: a header changes only where the stored
   * epoch is the same and the stored seq is lower (or no row stands yet); a row that is not newer changes nothing, and one that was
   * purged does not come back while its tombstone stands (`EndedInstances`).
   */
  abstract project(rows: readonly InstanceRows[]): Promise<void>;

  /** Takes over an instance that has not ended: succeeds for exactly one caller per (owner, epoch) and raises the epoch by one. */
  abstract claim(
    id: InstanceId,
    from: { owner: WorkerId | null; epoch: number },
    to: WorkerId,
  ): Promise<StoredRun | undefined>;

  /** What `claim` would give, without taking anything over: for replaying a dead worker's log. */
  abstract load(id: InstanceId): Promise<StoredRun | undefined>;

  /** The header alone, of whatever domain. */
  abstract header(id: InstanceId): Promise<InstanceHeader | undefined>;

  /** Takes over, as `claim` does, those of the instances that nobody holds, that are at this epoch and that have not ended. */
  abstract claimParked(
    from: readonly { readonly id: InstanceId; readonly epoch: number }[],
    to: WorkerId,
  ): Promise<readonly StoredRun[]>;

  /** Headers that name a worker, oldest first, behind `afterId`: what a start has to take over. */
  abstract held(afterId: InstanceId | null, limit: number): Promise<readonly InstanceHeader[]>;

  /** Those of the instances that nobody holds and that have not ended. */
  abstract parked(ids: readonly InstanceId[]): Promise<readonly InstanceHeader[]>;

  /** Parked runs that have to go on by then (ms since 1970), the earliest first, behind `after`. */
  abstract waking(until: number, after: WakePlace | null, limit: number): Promise<readonly WakePlace[]>;

  /** Whether any header that has not ended names this worker. */
  abstract names(workerId: WorkerId): Promise<boolean>;

  /** Workers that headers name, each once, whether those have ended or not. */
  abstract owners(): Promise<readonly WorkerId[]>;

  /** Headers that name this worker, in any order. */
  abstract heldBy(workerId: WorkerId): Promise<readonly Holding[]>;

  /** Headers of instances that have ended name nobody any more; others stay as they are. Resolves with how many that were. */
  abstract release(ids: readonly InstanceId[]): Promise<number>;

  /** Messages that were written and not settled, by id, behind `afterId`. */
  abstract outbox(afterId: string, limit: number): Promise<readonly OutboxItem[]>;
  /** Messages that were taken: their rows go. Unknown ids change nothing. */
  abstract settleOutbox(ids: readonly string[]): Promise<void>;

  /** The newest retry of the instance, or the instance itself. */
  abstract newestAttempt(domain: DomainId, rootId: InstanceId): Promise<Instance | undefined>;
  /** Steps that wait for this person's approval, oldest first; keyset pages. Those of debug runs wait for their caller alone. */
  abstract approvals(
    domain: DomainId,
    assignee: string,
    page: PageRequest,
  ): Promise<Page<{ readonly task: Task; readonly instance: Instance }>>;

  /** As `find`, for whoever would start one of this id: 'purged' when it stood, has ended and was removed, and its key may come again. */
  abstract standing(domain: DomainId, id: InstanceId): Promise<Instance | 'purged' | undefined>;

  abstract find(domain: DomainId, id: InstanceId): Promise<Instance | undefined>;
  /** Without debug runs. Sorted by (createdAt, id); keyset pages. A page of large rows (about 4 Mi characters) ends early, here and in `tasks`. */
  abstract list(domain: DomainId, filter: InstanceFilter, page: PageRequest): Promise<Page<Instance>>;
  /** Tasks of one instance in the order of their turn, which is that of their ids. */
  abstract tasks(domain: DomainId, id: InstanceId, page: PageRequest): Promise<Page<Task>>;
  abstract task(domain: DomainId, id: InstanceId, taskId: string): Promise<Task | undefined>;
  /** Chunks that hold transitions behind `afterSeq`, in order, up to `limit` chunks. */
  abstract history(domain: DomainId, id: InstanceId, afterSeq: number, limit: number): Promise<readonly HistoryChunk[]>;
  /** The newest snapshot that stands, if any. */
  abstract cursor(domain: DomainId, id: InstanceId): Promise<Cursor | undefined>;
  /** Whether any debug run stands. */
  abstract hasDebugRuns(): Promise<boolean>;
  /** Debug runs of this caller that have not ended; those that they started are not counted. */
  abstract countDebugRuns(domain: DomainId, createdBy: string): Promise<number>;
  /** Debug runs that have ended and whose time was over before this moment, `limit` at most, the longest over first. */
  abstract endedDebugRuns(before: Date, limit: number): Promise<readonly Pick<Instance, 'id' | 'domain'>[]>;
  /** Removes every row of these debug runs. Those that have not ended stay, and so does what is no debug run. */
  abstract purgeDebugRuns(ids: readonly InstanceId[]): Promise<void>;
  /** How many instances of a DAG have not ended, debug runs not counted. */
  abstract countUnfinished(domain: DomainId, dagId: DagId): Promise<number>;
}
