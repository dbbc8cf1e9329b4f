import type { Command } from './event';
import type { Plan } from './plan';
import type { RunState, TaskState } from './run';

/** The commands that a run waits for: what a worker has to do that takes it over. */
export function outstanding(plan: Plan, run: RunState): readonly Command[] {
  if (run.outcome) return [];
  const commands: Command[] = [...run.evaluating.values()].map((of) => ({ kind: 'evaluate', of }));
  for (const path of run.inFlight) {
    const task = run.tasks.get(path);
    if (task) commands.push(...commandsOf(plan, task));
  }
  if (run.forceAt !== undefined && !run.forced && !run.compensation) commands.push({ kind: 'force', at: run.forceAt });
  return commands;
}

function commandsOf(plan: Plan, task: TaskState): Command[] {
  const { path, phase, wakeAt, waitingFor } = task;
  const step = plan.steps[task.step];
  if (phase === 'running' && step?.kind === 'action')
    return [task.aborting ? { kind: 'abort', path } : { kind: 'invoke', task, step }];
  const commands: Command[] = wakeAt === undefined || task.due ? [] : [{ kind: 'wake', path, at: wakeAt }];
  if (waitingFor?.kind === 'children' && step?.kind === 'subflow')
    waitingFor.children.forEach(({ id }, index) => {
      if (id === undefined) commands.push({ kind: 'startChild', task, step, index });
    });
  return commands;
}
