import { assignAt } from './assign';
import { breakLoop } from './constructs/loop';
import { constructOf } from './constructs';
import type { ActionStep, PlanStep } from './plan';
import type { BodyState, TaskState } from './run';
import { askForApproval, startChildren, waitForAnswer, waitForTime } from './waits';
import type { Folding } from './folding';

/** What a step does when its turn has come. Throws what its expressions throw. */
export function performStep(fold: Folding, task: TaskState, step: PlanStep): void {
  if (isGiven(fold, task, step)) return;
  switch (step.kind) {
    case 'trigger':
      task.parameters = fold.run.start.input;
      fold.succeed(task, fold.run.start.trigger);
      break;
    case 'action':
      call(fold, task, step);
      break;
    case 'assign': {
      const { parameters } = step.parameters.render(fold.scope);
      task.parameters = parameters;
      assignAt(fold.plan, fold.run, step.target, parameters.value ?? null, fold.scope);
      fold.succeed(task, null);
      break;
    }
    case 'return': {
      const { parameters } = step.parameters.render(fold.scope);
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
      waitForTime(fold, task);
      break;
    case 'callback':
      waitForAnswer(fold, task);
      break;
    case 'approval':
      askForApproval(fold, task);
      break;
    case 'subflow':
      startChildren(fold, task, step);
      break;
    default:
      constructOf(step).begin(fold, task);
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
  } else fold.guarded(task, () => performStep(fold, task, step));
}

function call(fold: Folding, task: TaskState, step: ActionStep): void {
  const { parameters, secrets } = step.parameters.render(fold.scope);
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
