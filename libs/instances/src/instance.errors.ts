import { AppError, RequestInvalid, type DagId, type Fault, type InstanceId } from '@flow/kernel';

export class InstanceNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'instance.not_found';
  constructor(id: InstanceId) {
    super(`No instance has the id ${id}.`, { id });
  }
}

/** The key of a request stands for an instance that has ended and is kept no longer. */
export class InstancePurged extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.purged';
  constructor(id: InstanceId) {
    super(`The instance ${id}, which this request started before, has ended and is kept no longer.`, { id });
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

/** A child whose step waits for it no longer; nobody outside is told. */
export class ChildUnwanted extends Error {
  constructor() {
    super('The step that asked for this child waits for it no longer.');
    this.name = 'ChildUnwanted';
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

/** What is asked for needs an end: a live run is cancelled first. */
export class InstanceNotEnded extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.not_ended';
  constructor(id: InstanceId, status: string) {
    super(`The instance ${id} has not ended: ${status}. Cancel it, or wait for its end.`, { id, status });
  }
}

export class InstanceNotPaused extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.not_paused';
  constructor(id: InstanceId, status: string) {
    super(`The instance ${id} is not paused but ${status}: there is nothing to resume.`, { id, status });
  }
}

export class InstanceIsCancelling extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.is_cancelling';
  constructor(id: InstanceId) {
    super(`The instance ${id} is being cancelled or has run out of its time; it ends shortly.`, { id });
  }
}

export class RetryLives extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.retry_lives';
  constructor(id: InstanceId) {
    super(`A newer attempt has not ended: ${id}. Cancel it, or wait for its end.`, { id });
  }
}

/** The newest version cannot go on from where the old one ended; each fault names a kept step. */
export class RetryVersionDiffers extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.retry_version_differs';
  override readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(
      'Steps whose results would be kept are not the same in the newest version; retry with "version": "original".',
    );
    this.faults = faults;
  }
}

export class SubflowTooDeep extends AppError {
  readonly kind = 'conflict';
  readonly code = 'subflow.too_deep';
  constructor(levels: number) {
    super(`Sub-flows nest at most ${levels} levels deep; does a DAG call itself by way of others?`, { levels });
  }
}

/** Wrong, used and expired addresses answer alike. */
export class CallbackNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'callback.not_found';
  constructor() {
    super('Nothing waits for this callback: its address is wrong, was used, or has expired.');
  }
}

/** What is told of progress is written down: so often, and no more. */
export class ProgressTooOften extends AppError {
  readonly kind = 'limited';
  readonly code = 'callback.progress_too_often';
  constructor(override readonly retryAfterMs: number) {
    super('Progress is taken once a second. Send it again after Retry-After, or leave this one out.');
  }
}

export class ProgressTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'callback.progress_too_large';
  constructor(limit: number) {
    super(`Progress is at most ${limit} characters of JSON: what is longer belongs into the answer.`, { limit });
  }
}

/** Signs of life count from the moment on at which the step waits. */
export class CallbackNotWaiting extends AppError {
  readonly kind = 'conflict';
  readonly code = 'callback.not_waiting';
  constructor() {
    super('The step does not wait yet: its answer is kept for it, its progress is not. Send it again in a moment.');
  }
}

/** Only a step that waits for a call can be continued by hand. */
export class TaskNotWaiting extends AppError {
  readonly kind = 'conflict';
  readonly code = 'task.not_waiting';
  constructor(id: string, phase: string) {
    super(`Task ${id} is ${phase} and waits for no callback.`, { id, status: phase });
  }
}

/** It was answered, its time was over, or its run has ended. */
export class TaskHasEnded extends AppError {
  readonly kind = 'conflict';
  readonly code = 'task.has_ended';
  constructor(id: string, phase: string) {
    super(`Task ${id} is ${phase}: it is too late to continue it.`, { id, status: phase });
  }
}

export class ApprovalNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'approval.not_found';
  constructor(id: string) {
    super(`No approval has the id ${id}.`, { id });
  }
}

export class ApprovalNotYours extends AppError {
  readonly kind = 'forbidden';
  readonly code = 'approval.not_assigned';
  constructor() {
    super('This approval is not assigned to you: one of its assignees has to decide. GET /approvals lists yours.');
  }
}

export class ApprovalIsOver extends AppError {
  readonly kind = 'conflict';
  readonly code = 'approval.is_over';
  constructor(status: string) {
    super(`This approval is not waited for any more; its step is ${status}. GET /approvals lists those that wait.`, {
      status,
    });
  }
}

export class ApprovalGiven extends AppError {
  readonly kind = 'conflict';
  readonly code = 'approval.already_given';
  constructor() {
    super('You have decided on this approval already; a decision stands.');
  }
}
