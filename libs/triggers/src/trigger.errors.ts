import { AppError, RequestInvalid, type Fault, type FiringId, type TriggerId } from '@flow/kernel';

export class TriggerNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'trigger.not_found';
  constructor(id: TriggerId) {
    super(`There is no trigger ${id}.`, { id });
  }
}

export class TriggerStale extends AppError {
  readonly kind = 'stale';
  readonly code = 'trigger.stale';
  constructor(id: TriggerId) {
    super(`Trigger ${id} has changed since you read it. Read it again, and send your change with its new ETag.`, {
      id,
    });
  }
}

export class TriggerInvalid extends RequestInvalid {
  constructor(faults: readonly Fault[]) {
    super(faults, 'trigger.invalid');
  }
}

/** What the first step of a DAG says is changed there. */
export class TriggerDerived extends AppError {
  readonly kind = 'conflict';
  readonly code = 'trigger.derived';
  constructor(id: TriggerId) {
    super(`Trigger ${id} is the first step of its DAG: change the DAG. It can be enabled, disabled and fired here.`, {
      id,
    });
  }
}

/** What was pushed is no CloudEvent. */
export class EventInvalid extends RequestInvalid {
  constructor(faults: readonly Fault[]) {
    super(faults, 'event.invalid');
  }
}

export class TriggersTooMany extends AppError {
  readonly kind = 'conflict';
  readonly code = 'trigger.too_many';
  constructor(most: number) {
    super(`A DAG may have ${most} triggers. Delete one, or let one trigger serve several times or events.`, { most });
  }
}

/** Runs start one another by their ends without an end: DAGs that were saved at the same moment may listen to one another. */
export class TriggerChainTooLong extends AppError {
  readonly kind = 'conflict';
  readonly code = 'trigger.chain_too_long';
  constructor(most: number) {
    super(
      `More than ${most} runs have started one another by their ends. Look for DAGs that listen to one another in a circle, and disable a trigger of it.`,
      { most },
    );
  }
}

/** Only schedules have times to come. */
export class TriggerHasNoSchedule extends AppError {
  readonly kind = 'conflict';
  readonly code = 'trigger.no_schedule';
  constructor(id: TriggerId) {
    super(`Trigger ${id} is no schedule: it has no times to come and none to make up for.`, { id });
  }
}

export class FiringNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'firing.not_found';
  constructor(id: FiringId) {
    super(`There is no such firing: ${id}.`, { id });
  }
}

/** It is not given up, so that there is nothing to redrive. */
export class FiringNotDead extends AppError {
  readonly kind = 'conflict';
  readonly code = 'firing.not_dead';
  constructor(id: FiringId, status: string) {
    super(`Firing ${id} is ${status}: only a dead letter can be changed, redriven or deleted.`, { id, status });
  }
}

export class BackfillNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'backfill.not_found';
  constructor(id: string) {
    super(`The trigger has no backfill ${id.slice(0, 64)}.`);
  }
}

export class SavedInputNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'saved_input.not_found';
  constructor(name: string) {
    super(`The trigger has no saved input "${name.slice(0, 100)}".`);
  }
}

export class SavedInputNameTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'saved_input.name_taken';
  constructor(name: string) {
    super(`The trigger has a saved input "${name}" already: delete it first, or take another name.`, { name });
  }
}

export class SavedInputsTooMany extends AppError {
  readonly kind = 'conflict';
  readonly code = 'saved_input.too_many';
  constructor(most: number) {
    super(`A trigger may have ${most} saved inputs. Delete one.`, { most });
  }
}

/** A trigger is fired with `data` or with the name of a saved `input`. */
export class InputAmbiguous extends RequestInvalid {
  constructor() {
    const message = 'Send "data" or the name of a saved "input", not both.';
    super([{ pointer: '/input', code: 'input.ambiguous', message }], 'input.ambiguous');
  }
}
