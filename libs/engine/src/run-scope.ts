import type { Json } from '@flow/kernel';
import { Budget, type Scope } from '@flow/expressions';
import type { RunState, TaskState } from './run';

/** Steps of work that the expressions of one step (condition, parameters) take together. */
const WORK_OF_A_STEP = 1_000_000;
/** Characters of JSON that they give together, the first large value not counted: as much as the largest output that can be configured. */
const ROOM_OF_A_STEP = 16 * 1024 * 1024;
/** The same for all steps that follow from one event: they are folded without a pause. */
const WORK_OF_A_FOLD = 10_000_000;
const ROOM_OF_A_FOLD = 64 * 1024 * 1024;

/** What the names of an expression mean within a run (contract.md section 2, Values). */
export class RunScope implements Scope {
  /** The task that an expression is read for. */
  task: TaskState | undefined;
  budget = new Budget(WORK_OF_A_STEP, ROOM_OF_A_STEP);
  private work = WORK_OF_A_FOLD - WORK_OF_A_STEP;
  private room = ROOM_OF_A_FOLD - ROOM_OF_A_STEP;

  constructor(private readonly run: RunState) {}

  /** Turns to the next task, or to the outputs of the DAG; what the one before did not use is there again. */
  turnTo(task: TaskState | undefined): void {
    this.task = task;
    const work = Math.max(0, this.work + this.budget.work);
    const room = Math.max(0, this.room + this.budget.room);
    const { shown } = this.budget;
    this.budget = new Budget(Math.min(WORK_OF_A_STEP, work), Math.min(ROOM_OF_A_STEP, room));
    this.budget.shown = shown;
    this.work = work - this.budget.work;
    this.room = room - this.budget.room;
  }

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
