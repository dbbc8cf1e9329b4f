import type { WorkerId } from '@flow/kernel';

/**
 * A worker's log: the commit point of every transition (records keyed `(worker, n)`, n rising from 1 without a gap).
 * Appending record n is the only way to make its transitions true; the uniqueness of (worker, n) is the fence.
 */
export interface LogRecord {
  readonly n: number;
  /** A `sealed` record is its worker's last: written by a successor, never deleted. */
  readonly kind: 'transitions' | 'sealed';
  /** Tells one's own record from another's when an append of unknown outcome is repeated. */
  readonly nonce: string;
  /** The transitions as text; empty when sealed. At most 4 MiB. */
  readonly body: string;
}

export interface LogHead {
  readonly n: number;
  readonly isSealed: boolean;
}

export interface WorkerRow {
  readonly id: WorkerId;
  /** Every record up to this n is in the rows; only rises. */
  readonly projected: number;
}

/** Thrown by append when another's record stands at n: this worker was sealed and must drop everything. */
export class WorkerFenced extends Error {
  constructor(workerId: WorkerId, n: number) {
    super(`The log of worker ${workerId} was sealed at ${n}.`);
    this.name = 'WorkerFenced';
  }
}

export abstract class WorkerLog {
  /** Makes the worker's row; durable before its first append. A worker's id is used once. */
  abstract open(workerId: WorkerId): Promise<void>;

  /**
   * Durable when the promise resolves. Repeating an append of unknown outcome with the same n and nonce is safe:
   * it resolves when the first one had arrived. Throws WorkerFenced when another's record stands there,
   * and StorageFull when there was no space and nothing of it stands.
   * The caller has one append under way at a time. `alone`: one run waits for it, and nothing else would be done meanwhile.
   */
  abstract append(workerId: WorkerId, record: LogRecord, alone?: boolean): Promise<void>;

  /**
   * Inserts a sealed record at n, unless a record stands there: whether what stands at n now is a seal. `sealLog` makes a fence of it;
   * one insert of the store is enough, which knows nothing of other records.
   */
  abstract trySeal(workerId: WorkerId, n: number): Promise<boolean>;

  /** The last record of the log, or the mark when no record is behind it. Never one that was read before an earlier call's answer. */
  abstract head(workerId: WorkerId): Promise<LogHead>;

  /** Everything up to this n is in the rows. As fresh as `head`. */
  abstract mark(workerId: WorkerId): Promise<number>;

  /** Records behind `afterN` in order, up to `limit`. */
  abstract read(workerId: WorkerId, afterN: number, limit: number): Promise<readonly LogRecord[]>;

  /** Raises the mark to n (never lowers it); once that is durable, records up to n may be deleted, a sealed one never. */
  abstract raiseMark(workerId: WorkerId, n: number): Promise<void>;

  /** Workers whose log is not closed, oldest first. */
  abstract unclosed(): Promise<readonly WorkerRow[]>;

  /** Says that a sealed log is wholly projected and that no header names its worker. */
  abstract close(workerId: WorkerId): Promise<void>;
}
