import { contentOf, type Json, type JsonObject } from '@flow/kernel';
import { assign, changedBy } from './assign';
import { breakLoop } from './constructs/loop';
import { constructOf } from './constructs';
import { rendered } from './evaluate';
import type { ActionStep, PlanStep, SubflowStep } from './plan';
import type { BodyState, TaskState } from './run';
import { askForApproval, startChildren, waitForAnswer, waitForTime } from './waits';
import type { Folding } from './folding';

/**
 * What a step does when its turn has come. Throws what its expressions throw, LargeValueClosed where they look into large values; then it
 * is performed again with `given`, the values of its evaluation `begin`.
 */
export function performStep(fold: Folding, task: TaskState, step: PlanStep, given?: readonly Json[]): void {
  if (!given && isGiven(fold, task, step)) return;
  switch (step.kind) {
    case 'trigger':
      task.parameters = fold.run.start.input;
      fold.succeed(task, fold.run.start.trigger);
      break;
    case 'action':
      call(fold, task, step, given);
      break;
    case 'assign': {
      const { plan, run, scope } = fold;
      const { parameters } = rendered(step, scope, given);
      const changed = given?.[2] ?? changedBy(run, step.target, parameters.value ?? null, scope);
      task.parameters = parameters;
      assign(plan, run, step.target, changed, scope);
      fold.succeed(task, null);
      break;
    }
    case 'return': {
      const { parameters } = rendered(step, fold.scope, given);
      task.parameters = parameters;
      const { result, ...value } = parameters;
      const failure =
        result === 'failed' &&
        fold.failureOf(task, { code: 'returned', message: `Step ${step.id} returned a failure.`, retryable: false });
      fold.run.ending ??= { kind: 'returned', result: value, ...(failure && { failure }) };
      fold.exit(task.body, bodyAround(task.body, 'dag'));
      fold.succeed(task, parameters);
      break;
    }
    case 'break': {
      const iteration = bodyAround(task.body, 'iteration');
      fold.exit(task.body, iteration);
      if (iteration.owner) breakLoop(fold, iteration.owner);
      fold.succeed(task, null);
      break;
    }
    case 'continue':
      fold.exit(task.body, bodyAround(task.body, 'iteration'));
      fold.succeed(task, null);
      break;
    case 'wait':
    case 'callback':
    case 'approval':
      task.parameters ??= rendered(step, fold.scope, given).parameters;
      if (step.kind === 'wait') waitForTime(fold, task, task.parameters);
      else if (step.kind === 'callback') waitForAnswer(fold, task, task.parameters);
      else askForApproval(fold, task, task.parameters);
      break;
    case 'subflow':
      task.parameters ??= childParameters(step, rendered(step, fold.scope, given).parameters, given);
      startChildren(fold, task, step, task.parameters);
      break;
    default:
      constructOf(step).begin(fold, task, given);
  }
}

/** Begins an attempt, the first one or one more, of a step that is called or waits. */
export function attempt(fold: Folding, task: TaskState): void {
  fold.move(task, 'running');
  task.attempt += 1;
  task.attemptStartedAt = fold.at;
  delete task.wakeAt;
  delete task.due;
  const step = fold.stepOf(task);
  fold.scope.turnTo(task);
  if (step.kind === 'action') {
    fold.changed(task);
    fold.commands.push({ kind: 'invoke', task, step });
  } else fold.perform(task);
}

/** Children are started with data that stands in their parent's record. */
function childParameters({ batch }: SubflowStep, parameters: JsonObject, given?: readonly Json[]): JsonObject {
  if (parameters.data !== undefined) return { ...parameters, data: contentOf(parameters.data) };
  if (batch && given) return { ...parameters, data: given.slice(2) };
  return given?.[2] === undefined ? parameters : { ...parameters, data: given[2] };
}

function call(fold: Folding, task: TaskState, step: ActionStep, given?: readonly Json[]): void {
  const { parameters, secrets } = rendered(step, fold.scope, given);
  task.parameters = parameters;
  if (secrets.length > 0) task.secrets = secrets;
  if (fold.run.start.debug?.dryRun && step.effect === 'write') {
    fold.succeed(task, { dryRun: true, operator: step.operator.id, parameters });
    return;
  }
  fold.run.inFlight.add(task.path);
  fold.changed(task);
  fold.commands.push({ kind: 'invoke', task, step });
}

/** An end that is given rather than worked out: pinned by a debugger, or kept from the instance that this one retries. */
function isGiven(fold: Folding, task: TaskState, { id, kind }: PlanStep): boolean {
  const { debug, adopted } = fold.run.start;
  if (!debug?.pins && !adopted) return false;
  if (kind === 'trigger' || kind === 'return' || kind === 'assign' || kind === 'break' || kind === 'continue')
    return false;
  if (debug?.pins && Object.hasOwn(debug.pins, id)) {
    fold.succeed(task, debug.pins[id] ?? null);
    return true;
  }
  const kept = adopted && Object.hasOwn(adopted, task.path) ? adopted[task.path] : undefined;
  if (!kept) return false;
  task.adopted = true;
  if (kept.parameters) task.parameters = kept.parameters;
  if ('error' in kept) fold.fail(task, kept.error);
  else fold.succeed(task, kept.output);
  return true;
}

function bodyAround(from: BodyState, slot: 'dag' | 'iteration'): BodyState {
  for (let at: BodyState | undefined = from; at; at = at.owner?.body) if (at.slot === slot) return at;
  throw new Error(`No ${slot} is around ${from.path}.`);
}
