import { chooseBranches } from '../conditions';
import type { BranchesStep } from '../plan';
import type { TaskState } from '../run';
import type { Construct, Folding } from '../folding';

/** The branches that hold run one after another in their order. */
export const branches: Construct = {
  begin(fold, task, given) {
    const step = fold.stepOf(task) as BranchesStep;
    const chosen = (given as number[] | undefined) ?? chooseBranches(step.branches, step.exclusive, fold.scope);
    task.construct = { kind: 'branches', chosen, ended: 0 };
    fold.changed(task);
    next(fold, task);
  },

  bodyEnded(fold, task, _body, end) {
    const { construct } = task;
    if (construct?.kind !== 'branches') return;
    construct.ended += 1;
    if (end.kind === 'done') next(fold, task);
    else if (end.kind === 'failed') fold.failWith(task, end.failure);
    else fold.endHalted(task);
  },
};

function next(fold: Folding, task: TaskState): void {
  const { construct } = task;
  if (construct?.kind !== 'branches') return;
  const place = construct.chosen[construct.ended];
  const branch = place === undefined ? undefined : (fold.stepOf(task) as BranchesStep).branches[place];
  if (!branch) fold.succeed(task, outputOf(fold, task));
  else if (fold.isHalted(task.body)) fold.endHalted(task);
  else fold.enter(task, 'branch', branch.body);
}

function outputOf(fold: Folding, { construct, step }: TaskState): { branches: string[] } {
  const planned = (fold.plan.steps[step] as BranchesStep).branches;
  return { branches: construct?.kind === 'branches' ? construct.chosen.map((i) => planned[i]?.id ?? '') : [] };
}
