import type { Command } from './event';
import type { Plan, PlanStep } from './plan';
import type { RunState } from './run';

export function isAction(step: PlanStep): step is PlanStep & { kind: 'action' } {
  return step.kind === 'action';
}

/** The commands that a run waits for: what a worker has to do that takes it over. */
export function outstanding(plan: Plan, run: RunState): readonly Command[] {
  if (run.outcome) return [];
  return [...run.inFlight].flatMap((path): Command[] => {
    const task = run.tasks.get(path);
    const step = task && plan.steps[task.step];
    if (!task || !step || !isAction(step)) return [];
    return task.phase === 'retrying'
      ? [{ kind: 'wake', path, at: task.wakeAt ?? task.attemptStartedAt }]
      : [{ kind: 'invoke', task, step }];
  });
}
