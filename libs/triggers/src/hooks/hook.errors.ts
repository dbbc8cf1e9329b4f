import { AppError, RequestInvalid, type Fault, type TriggerId } from '@flow/kernel';

/** Unknown, deleted, changed for another one: nobody learns which. */
export class HookNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'hook.not_found';
  constructor() {
    super('There is no hook at this address.');
  }
}

/** Forged, late, replayed by somebody else, or a secret is missing here: whoever calls learns nothing more. */
export class HookSignatureInvalid extends AppError {
  readonly kind = 'unauthenticated';
  readonly code = 'hook.signature_invalid';
  constructor() {
    super('The call is not signed as this hook demands it.');
  }
}

/** Its trigger is disabled or its DAG stopped. Nothing is kept: send it again when it serves again. */
export class HookDisabled extends AppError {
  readonly kind = 'conflict';
  readonly code = 'hook.disabled';
  constructor() {
    super('This hook takes nothing at the moment. What was sent is not kept: send it again later.');
  }
}

export class HookLimited extends AppError {
  readonly kind = 'limited';
  readonly code = 'hook.limited';
  constructor(override readonly retryAfterMs: number) {
    super('This hook is called more often than it may be; send it again later.');
  }
}

/** The body does not fit the hook's schema; pointers into the body. */
export class HookBodyInvalid extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'hook.body_invalid';
  constructor(override readonly faults: readonly Fault[]) {
    super(faults[0]?.message ?? 'The body does not fit the schema of this hook.');
  }
}

/** It says that it is a CloudEvent, and is none. */
export class HookEventInvalid extends RequestInvalid {
  constructor(pointer: string, message: string) {
    super([{ pointer, code: 'hook.event_invalid', message }], 'hook.event_invalid');
  }
}

/** It was taken and no run came of it; the trigger's history says more than whoever calls may know. */
export class HookNotStarted extends AppError {
  readonly kind = 'conflict';
  readonly code = 'hook.not_started';
  constructor(why: string) {
    super(`The call was taken, and no run was started for it (${why}).`);
  }
}

export class HookRunFailed extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'hook.run_failed';
  constructor(status: string) {
    super(`The call was taken, and its run has ended without a result (${status}).`);
  }
}

/** The run has ended, and what `respond` says of its answer cannot be worked out. */
export class HookAnswerFailed extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'hook.answer_failed';
  constructor(why: string) {
    super(`The call was taken and its run has ended; what "respond" says of the answer cannot be worked out: ${why}`);
  }
}

/** Only webhooks have an address. */
export class TriggerHasNoHook extends AppError {
  readonly kind = 'conflict';
  readonly code = 'trigger.no_hook';
  constructor(id: TriggerId) {
    super(`Trigger ${id} is no webhook: it has no address.`, { id });
  }
}
