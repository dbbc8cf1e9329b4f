import { errorOf } from './failure';
import type { Ending, Failure, TaskState } from './run';
import { childPath } from './task-path';
import type { BodyEnd, Folding } from './folding';

/** The DAG's own body has ended: what the run comes to, after what it did was undone where that is asked for. */
export function conclude(fold: Folding, end: BodyEnd): void {
  const { run } = fold;
  if (end.kind === 'failed') run.ending ??= { kind: 'failed', failure: end.failure };
  run.ending ??= evaluated(fold);
  const undoes = run.ending.kind === 'cancelled' ? run.ending.compensate : failureIn(run.ending) !== undefined;
  if (undoes && run.undoable.length > 0) {
    run.compensation = [];
    undoNext(fold);
  } else settleOutcome(fold);
}

/** The end is final from here on. */
export function settleOutcome({ run, plan, at }: Folding): void {
  const { ending, compensation } = run;
  if (!ending) return;
  const failure = failureIn(ending);
  run.outcome = {
    status: ending.kind === 'cancelled' ? 'cancelled' : failure ? 'failed' : 'succeeded',
    result: ending.kind === 'returned' ? ending.result : null,
    failure: failure ? { ...failure, ...(compensation && { compensation }) } : null,
    at,
  };
  // What a return left out cannot run any more.
  if (run.outcome.status === 'succeeded') run.done = plan.steps.length;
}

/** Begins the undo of the step that succeeded last of those left; when none is left the run is over. */
export function undoNext(fold: Folding): void {
  const task = fold.run.undoable.pop();
  const undo = task && fold.stepOf(task).undo;
  if (undo) fold.enter(task, 'undo', undo);
  else settleOutcome(fold);
}

/** An undo has ended, well or not: the next one follows in any case. */
export function undoEnded(fold: Folding, task: TaskState, end: BodyEnd): void {
  const undo = fold.stepOf(task).undo;
  const [step] = undo?.steps ?? [];
  if (!undo || !step) return;
  fold.run.compensation?.push({
    stepId: step.id,
    path: childPath(task.path + undo.suffix, step.id),
    status: end.kind === 'failed' ? 'failed' : 'succeeded',
    ...(end.kind === 'failed' && { error: { code: end.failure.code, message: end.failure.message } }),
  });
  undoNext(fold);
}

function failureIn(ending: Ending): Failure | undefined {
  return ending.failure;
}

/** The DAG's outputs, as if they were returned. */
function evaluated(fold: Folding): Ending {
  fold.scope.turnTo(undefined);
  try {
    return { kind: 'returned', result: fold.plan.outputs?.evaluate(fold.scope) ?? null };
  } catch (error) {
    const { message } = errorOf(error);
    const failure = { code: 'dag.outputs_failed', message, stepId: null, path: null, attempt: null };
    return { kind: 'failed', failure };
  }
}
