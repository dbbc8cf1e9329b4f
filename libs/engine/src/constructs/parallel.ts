import { chooseBranches } from '../conditions';
import type { ParallelStep } from '../plan';
import type { BodyState, ConstructState, TaskState } from '../run';
import type { BodyEnd, Construct, Folding } from '../folding';

type State = ConstructState & { kind: 'parallel' };

/** The branches that hold run side by side; `join` says how many must succeed. */
export const parallel: Construct = {
  begin(fold, task, given) {
    const step = fold.stepOf(task) as ParallelStep;
    const chosen = (given as number[] | undefined) ?? chooseBranches(step.branches, false, fold.scope);
    const state: State = {
      kind: 'parallel',
      started: chosen.length,
      wanted: step.join ?? chosen.length,
      winners: [],
      ended: 0,
      failed: 0,
    };
    task.construct = state;
    if (state.wanted > chosen.length) {
      unreachable(fold, task, state);
      return;
    }
    fold.changed(task);
    if (chosen.length === 0) fold.succeed(task, { winners: [] });
    for (const place of chosen) {
      const branch = step.branches[place];
      if (branch) fold.enter(task, 'branch', branch.body);
    }
  },

  bodyEnded(fold, task, body, end) {
    const { construct: state } = task;
    if (state?.kind !== 'parallel') return;
    count(fold, task, state, body, end);
    if (!state.decided) decide(fold, task, state);
    if (state.ended === state.started) conclude(fold, task, state);
  },
};

function count(fold: Folding, task: TaskState, state: State, body: BodyState, end: BodyEnd): void {
  state.ended += 1;
  if (end.kind === 'done' && state.decided !== 'joined') {
    const branch = (fold.stepOf(task) as ParallelStep).branches.find((one) => one.body === body.plan);
    state.winners.push(branch?.id ?? '');
  } else if (end.kind === 'failed') {
    state.failed += 1;
    state.firstFailure ??= end.failure;
  }
}

/** As soon as its fate is known the other branches are stopped: after a join always, after a failure as `failFast` says. */
function decide(fold: Folding, task: TaskState, state: State): void {
  const { join, failFast } = fold.stepOf(task) as ParallelStep;
  const { winners, wanted, started, failed } = state;
  if (join !== undefined && winners.length >= wanted) state.decided = 'joined';
  else if (join === undefined ? failed > 0 : started - failed < wanted) state.decided = 'failed';
  else return;
  if (state.decided === 'failed' && fold.isHalted(task.body)) return;
  const abort = state.decided === 'joined' || failFast;
  for (const body of branchesUnderWay(fold, task)) fold.halt(body, { kind: 'stop' }, abort);
}

function branchesUnderWay(fold: Folding, task: TaskState): BodyState[] {
  return (fold.stepOf(task) as ParallelStep).branches.flatMap(({ body }) => {
    const state = fold.run.bodies.get(task.path + body.suffix);
    return state && !state.ended ? [state] : [];
  });
}

function conclude(fold: Folding, task: TaskState, state: State): void {
  const { join } = fold.stepOf(task) as ParallelStep;
  const output = { winners: [...state.winners] };
  if (task.left) fold.succeed(task, null);
  else if (state.decided === 'failed') {
    if (join === undefined && state.firstFailure) fold.failWith(task, state.firstFailure);
    else unreachable(fold, task, state);
  } else if (state.decided === 'joined' || state.winners.length === state.started) fold.succeed(task, output);
  else fold.endHalted(task);
}

function unreachable(fold: Folding, task: TaskState, { winners, wanted, started, firstFailure }: State): void {
  const message = `${wanted} of ${started} branches had to succeed; ${winners.length} did.`;
  fold.fail(task, { code: 'parallel.join_unreachable', message, retryable: false }, firstFailure);
}
