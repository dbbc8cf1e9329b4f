import { LargeValueClosed, type Json } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import { errorOf } from './failure';
import type { Ending, Failure, TaskState } from './run';
import { childPath } from './task-path';
import type { BodyEnd, Folding } from './folding';

/** The DAG's own body has ended: what the run comes to, after what it did was undone where that is asked for. */
export function conclude(fold: Folding, end: BodyEnd): void {
  const { run } = fold;
  if (end.kind === 'failed') run.ending ??= { kind: 'failed', failure: end.failure };
  if (run.ending) undoOrSettle(fold, run.ending);
  else giveOutputs(fold);
}

/** The DAG's outputs are known, or what went wrong with them. */
export function concludeWith(fold: Folding, outputs: { readonly value: Json } | { readonly error: TaskError }): void {
  const { run } = fold;
  run.ending ??=
    'value' in outputs ? { kind: 'returned', result: outputs.value } : { kind: 'failed', failure: faultOf(outputs) };
  undoOrSettle(fold, run.ending);
}

function undoOrSettle(fold: Folding, ending: Ending): void {
  const { run } = fold;
  const undoes = ending.kind === 'cancelled' ? ending.compensate : failureIn(ending) !== undefined;
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
function giveOutputs(fold: Folding): void {
  fold.scope.turnTo(undefined);
  try {
    concludeWith(fold, { value: fold.plan.outputs?.evaluate(fold.scope) ?? null });
  } catch (error) {
    if (error instanceof LargeValueClosed && error.value) fold.ask({ kind: 'outputs' });
    else concludeWith(fold, { error: errorOf(error) });
  }
}

function faultOf({ error: { message } }: { readonly error: TaskError }): Failure {
  return { code: 'dag.outputs_failed', message, stepId: null, path: null, attempt: null };
}
