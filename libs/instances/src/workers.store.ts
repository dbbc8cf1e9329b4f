import type { WorkerId } from '@flow/kernel';

/** A worker as others see it. */
export interface WorkerSign {
  readonly id: WorkerId;
  /** Rises while it lives. */
  readonly beat: number;
  /** It is held dead, or has stopped: its log is being sealed and its runs are for others. */
  readonly isClosing: boolean;
}

/** What a worker says of itself with every beat: for people, nothing is decided by it. */
export interface WorkerReport {
  /** Of which kind its process is, where, and since when. */
  readonly app: string;
  readonly version: string;
  readonly host: string;
  readonly pid: number;
  /** RFC 3339, by the worker's own clock; so is `at`, when it said this. */
  readonly startedAt: string;
  readonly at: string;
  /** Instances that it holds, and calls of operators that are under way. */
  readonly instances: number;
  readonly calls: number;
  /** Whether it takes up one more. */
  readonly hasRoom: boolean;
}

export interface ReportedWorker extends WorkerSign {
  /** Null before its first beat. */
  readonly report: WorkerReport | null;
  /** It was asked to let go of what it holds. */
  readonly isDraining: boolean;
}

/** `drain`: the beat is taken, and the worker is asked to let go of what it holds. */
export type BeatAnswer = 'taken' | 'drain' | 'refused';

/**
 * Signs of life, where processes share a store: part of the row that `WorkerLog.open` makes (beat 0) and `WorkerLog.close` ends. Under the
 * data folder's lock nobody needs them: the lock proves that there is one process.
 */
export abstract class Workers {
  /** Raises the beat to this, if it is lower. Refused when the row is closing, closed or not there; it is never made here. */
  abstract beat(id: WorkerId, beat: number, report: WorkerReport | null): Promise<BeatAnswer>;

  /** Has the worker hear of it at its next beat; false when it is closing, closed or not there. */
  abstract askToDrain(id: WorkerId): Promise<boolean>;

  /** Says that the worker is held dead, if its beat is still this one: whether the row is closing now. */
  abstract markClosing(id: WorkerId, beat: number): Promise<boolean>;

  /** Workers that are not closed, oldest first; read where writes are. */
  abstract unclosed(): Promise<readonly WorkerSign[]>;

  /** The same with what they say of themselves. */
  abstract reported(): Promise<readonly ReportedWorker[]>;
}
