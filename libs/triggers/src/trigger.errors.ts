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
