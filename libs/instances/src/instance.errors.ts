import { AppError, RequestInvalid, type DagId, type Fault, type InstanceId } from '@flow/kernel';

export class InstanceNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'instance.not_found';
  constructor(id: InstanceId) {
    super(`No instance has the id ${id}.`, { id });
  }
}

export class TaskNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'task.not_found';
  constructor(id: string) {
    super(`The instance has no task ${id}.`, { id });
  }
}

export class InstanceHasEnded extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.has_ended';
  constructor(id: InstanceId, status: string) {
    super(`The instance ${id} has ended: ${status}.`, { id, status });
  }
}

export class DagStopped extends AppError {
  readonly kind = 'conflict';
  readonly code = 'dag.stopped';
  constructor(id: DagId) {
    super(`The DAG ${id} is stopped; activate it to start new runs.`, { id });
  }
}

/** What a start brings does not fit the trigger's fields; pointers are into the request. */
export class InputInvalid extends RequestInvalid {
  constructor(faults: readonly Fault[]) {
    super(faults, 'input.invalid');
  }
}

export class CancelTargetMissing extends RequestInvalid {
  constructor() {
    super(
      [
        {
          pointer: '',
          code: 'cancel.target_missing',
          message: 'Name what to cancel: {"instanceId": "..."} or {"all": true}.',
        },
      ],
      'cancel.target_missing',
    );
  }
}

/** More runs are live than the service holds; nothing of the refused start was kept. */
export class TooManyLiveInstances extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'instance.too_many_live';
  override readonly retryAfterMs = 1_000;
  /** `limit` in words: `20 instances`. */
  constructor(limit: string) {
    super(`More than ${limit} cannot be live at once; try again shortly.`, { limit });
  }
}

/** Appends to the log fail (a full disk, a store that is away): nothing new is taken until one succeeds; what was taken waits and is not lost. */
export class LogUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'log.unavailable';
  override readonly retryAfterMs = 1_000;
  constructor(cause: Error) {
    super('The service cannot write at the moment and takes no new runs; see its log.', {}, { cause });
  }
}

export class RunnerStopping extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'server.draining';
  override readonly retryAfterMs = 5_000;
  constructor() {
    super('The service is stopping and takes no new runs.');
  }
}
