import type { Json } from '@flow/kernel';
import { Budget } from '@flow/expressions';
import type { RenderScope } from './parameters';
import type { Plan, PlanBody, PlanStep } from './plan';
import { begunAt, isOver, type BodyState, type Failure, type RunState, type TaskState } from './run';
import { childPath } from './task-path';

/** Steps of work that the expressions of one step (condition, parameters) take together. */
const WORK_OF_A_STEP = 1_000_000;
/** Characters of JSON that they give together, the first large value not counted: as much as the largest output that can be configured. */
const ROOM_OF_A_STEP = 16 * 1024 * 1024;
/** The same for all steps that follow from one event: they are folded without a pause. */
const WORK_OF_A_FOLD = 10_000_000;
const ROOM_OF_A_FOLD = 64 * 1024 * 1024;

/** What the names of an expression mean within a run, read from one of its bodies outward (docs/flow-language.md, Names). */
export class RunScope implements RenderScope {
  budget = new Budget(WORK_OF_A_STEP, ROOM_OF_A_STEP);
  /** The task that an expression is read for; none for the outputs of the DAG. */
  private task: TaskState | undefined;
  private body: BodyState | undefined;
  private work = WORK_OF_A_FOLD - WORK_OF_A_STEP;
  private room = ROOM_OF_A_FOLD - ROOM_OF_A_STEP;

  constructor(
    private readonly plan: Plan,
    private readonly run: RunState,
  ) {}

  /** Turns to the next reader; what the one before did not use is there again. */
  turnTo(task: TaskState | undefined, body: BodyState | undefined = task?.body ?? this.run.bodies.get('')): void {
    this.task = task;
    this.body = body;
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
        return {
          id: start.instanceId,
          dagId: start.dagId,
          startedAt: new Date(begunAt(this.run) ?? start.at).toISOString(),
        };
      case 'task':
        return this.task
          ? {
              path: this.task.path,
              attempt: this.task.attempt,
              startedAt: new Date(this.task.attemptStartedAt).toISOString(),
            }
          : null;
      case 'error':
        return this.error();
      case 'completed':
        return this.completed();
      case 'env':
        return start.env ?? {};
      case 'variables':
        return start.variables ?? {};
      case 'secrets':
      case 'callbacks':
        return null;
      default:
        return Object.hasOwn(vars, name)
          ? vars[name]
          : Object.hasOwn(start.trigger, name)
            ? start.trigger[name]
            : undefined;
    }
  }

  /** The output of a step as it is read here. */
  step(id: string): Json | undefined {
    const target = this.plan.byId.get(id);
    if (!target) return this.run.assigned.get(id);
    for (let at = this.body; at?.owner; at = at.owner.body) {
      if (at.owner.step !== target.index) continue;
      if (at.slot === 'iteration') return { index: at.index, ...(at.value !== undefined && { value: at.value }) };
      return at.slot === 'undo' ? valueOf(at.owner) : undefined;
    }
    const task = this.locate(target);
    return task ? valueOf(task) : this.run.assigned.get(id);
  }

  /** The task of a step as it is seen from here, if its turn has come. */
  locate(target: PlanStep): TaskState | undefined {
    for (let at = this.body; at; at = at.owner?.body) {
      if (at.plan === target.body) return at.tasks[target.position];
      if (isWithin(target.body, at.plan)) return this.within(at, target);
    }
    return undefined;
  }

  callbackOf(stepId: string): { readonly path: string; readonly attempt: number } | undefined {
    const target = this.plan.byId.get(stepId);
    for (let at = this.body; at && target; at = at.owner?.body) {
      if (at.plan !== target.body) continue;
      return { path: childPath(at.path, target.id), attempt: at.tasks[target.position]?.attempt ?? 1 };
    }
    return undefined;
  }

  /** Down from a body through constructs that have ended; of a loop through the ended iteration with the highest index. */
  private within(body: BodyState, target: PlanStep): TaskState | undefined {
    const owner = target.body.owner;
    if (!owner) return undefined;
    const task = owner.body === body.plan ? body.tasks[owner.position] : this.within(body, owner);
    if (!task) return undefined;
    const number = task.construct?.kind === 'loop' && target.body.suffix === '' ? `[${task.construct.lastEnded}]` : '';
    const inner = this.run.bodies.get(task.path + target.body.suffix + number);
    return inner?.plan === target.body ? inner.tasks[target.position] : undefined;
  }

  private error(): Json {
    for (let at = this.body; at; at = at.owner?.body) if (at.error) return toldFailure(at.error);
    return null;
  }

  private completed(): Json {
    for (let at = this.body; at; at = at.owner?.body)
      if (at.slot === 'undo' && at.owner)
        return { parameters: at.owner.parameters ?? {}, output: valueOf(at.owner) ?? null };
    return null;
  }
}

/** A failure as expressions read it. */
export function toldFailure({ code, message, stepId, path, attempt, output }: Failure): Json {
  return { code, message, stepId, path, attempt, output: output ?? null };
}

function valueOf(task: TaskState): Json | undefined {
  if (task.assigned) return task.assigned.value;
  if (task.phase === 'succeeded') return task.output;
  if (task.phase === 'failed' && task.error) {
    const { code, message, output } = task.error;
    return { error: { code, message, output: output ?? null } };
  }
  // A running loop is read by its own `while`: the iteration that may come next.
  if (task.construct?.kind === 'loop' && !isOver(task.phase)) return { index: task.construct.begun };
  return undefined;
}

function isWithin(inner: PlanBody, outer: PlanBody): boolean {
  let at: PlanBody | undefined = inner;
  while (at && at.depth > outer.depth) at = at.owner?.body;
  return at === outer;
}
