import { toldFailure } from '../run-scope';
import { withCause } from '../failure';
import type { TryStep } from '../plan';
import type { ConstructState, TaskState } from '../run';
import type { BodyEnd, Construct, Folding } from '../folding';

type State = ConstructState & { kind: 'try' };

/** `steps`; `catch` when they fail; `finally` in any case, whatever happens around it. */
export const tryStep: Construct = {
  begin(fold, task) {
    task.construct = { kind: 'try' };
    fold.changed(task);
    fold.enter(task, 'steps', (fold.stepOf(task) as TryStep).steps);
  },

  bodyEnded(fold, task, body, end) {
    const { construct: state } = task;
    if (state?.kind !== 'try') return;
    const planned = fold.stepOf(task) as TryStep;
    if (body.slot === 'finally') {
      if (end.kind === 'failed') state.failure = withCause(end.failure, state.failure);
      else if (end.kind === 'stop') state.stopped = true;
      conclude(fold, task, state);
      return;
    }
    if (body.slot === 'steps' && end.kind === 'failed' && planned.catch && !fold.isHalted(task.body)) {
      state.caught = end.failure;
      fold.enter(task, 'catch', planned.catch, { error: end.failure });
      return;
    }
    note(state, end);
    if (planned.finally) fold.enter(task, 'finally', planned.finally);
    else conclude(fold, task, state);
  },
};

function note(state: State, end: BodyEnd): void {
  if (end.kind === 'failed') {
    state.failure = withCause(end.failure, state.caught);
    delete state.caught;
  } else if (end.kind === 'stop') state.stopped = true;
}

function conclude(fold: Folding, task: TaskState, { caught, failure, stopped }: State): void {
  if (failure) fold.failWith(task, failure);
  else if (stopped || task.left) fold.endHalted(task);
  else fold.succeed(task, { caught: caught !== undefined, error: caught ? toldFailure(caught) : null });
}
