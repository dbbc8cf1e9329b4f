import { AppError, RequestInvalid, type Fault, type InstanceId } from '@flow/kernel';

/** What a debug request says does not go together, or names steps that there are not. */
export class DebugInvalid extends RequestInvalid {
  constructor(faults: readonly Fault[]) {
    super(faults, 'debug.invalid');
  }
}

/** Name what to debug: a definition in `dag`, or the id of a DAG in `dagId`; one of them. */
export class DebugTargetMissing extends RequestInvalid {
  constructor() {
    const message = 'Name what to debug: a definition in "dag", or the id of a DAG in "dagId"; one of them.';
    super([{ pointer: '', code: 'debug.target_missing', message }], 'debug.target_missing');
  }
}

export class TooManyDebugRuns extends AppError {
  readonly kind = 'limited';
  readonly code = 'debug.too_many_live';
  override readonly retryAfterMs = 10_000;
  constructor(limit: number) {
    super(`You have ${limit} live debug runs, which is the most at once; cancel one, or let one end.`, { limit });
  }
}

export class InstanceNotDebugged extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.not_debugged';
  constructor(id: InstanceId) {
    super(`The instance ${id} is no debug run; it can be paused and resumed.`, { id });
  }
}

export class DebugNothingHeld extends AppError {
  readonly kind = 'conflict';
  readonly code = 'debug.nothing_held';
  constructor(id: InstanceId) {
    super(`No step of the debug run ${id} waits to begin: what runs has to end first. Read it again shortly.`, { id });
  }
}
