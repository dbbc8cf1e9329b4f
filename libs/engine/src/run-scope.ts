import type { Json } from '@flow/kernel';
import type { Scope } from '@flow/expressions';
import type { RunState, TaskState } from './run';

/** What the names of an expression mean within a run (contract.md section 2, Values). */
export class RunScope implements Scope {
  /** The task that an expression is read for. */
  task: TaskState | undefined;

  constructor(private readonly run: RunState) {}

  get(name: string): Json | undefined {
    if (name.startsWith('__')) return this.step(name.slice(2));
    const { start, vars } = this.run;
    switch (name) {
      case 'vars':
        return vars;
      case 'trigger':
        return start.trigger;
      case 'instance':
        return { id: start.instanceId, dagId: start.dagId, startedAt: new Date(start.at).toISOString() };
      case 'task':
        return this.task
          ? {
              path: this.task.path,
              attempt: this.task.attempt,
              startedAt: new Date(this.task.attemptStartedAt).toISOString(),
            }
          : null;
      case 'env':
        return start.env ?? {};
      case 'variables':
        return start.variables ?? {};
      case 'secrets':
        return null;
      default:
        return Object.hasOwn(vars, name)
          ? vars[name]
          : Object.hasOwn(start.trigger, name)
            ? start.trigger[name]
            : undefined;
    }
  }

  step(id: string): Json | undefined {
    if (this.run.assigned.has(id)) return this.run.assigned.get(id);
    const task = this.run.latest.get(id);
    return task?.phase === 'succeeded' ? task.output : undefined;
  }
}
