import type { WorkerId } from '@flow/kernel';

/** A worker as others see it. */
export interface WorkerSign {
  readonly id: WorkerId;
  /** Rises while it lives. */
  readonly beat: number;
  /** It is held dead, or has stopped: its log is being sealed and its runs are for others. */
  readonly isClosing: boolean;
}

/**
 * Signs of life, where processes share a store: part of the row that `WorkerLog.open` makes (beat 0) and `WorkerLog.close` ends. Under the
 * data folder's lock nobody needs them: the lock proves that there is one process.
 */
export abstract class Workers {
  /** Raises the beat to this, if it is lower. False when the row is closing, closed or not there; it is never made here. */
  abstract beat(id: WorkerId, beat: number): Promise<boolean>;

  /** Says that the worker is held dead, if its beat is still this one: whether the row is closing now. */
  abstract markClosing(id: WorkerId, beat: number): Promise<boolean>;

  /** Workers that are not closed, oldest first; read where writes are. */
  abstract unclosed(): Promise<readonly WorkerSign[]>;
}
