import { LargeValueClosed, type Json } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import { constructOf } from './constructs';
import { loopLetGo } from './constructs/loop';
import type { BodyEnd, Folding } from './folding';
import { isTrue } from './conditions';
import { isOfLoop, keyOf, type Evaluation } from './evaluation';
import type { Command } from './event';
import { errorOf, withCause } from './failure';
import type { Plan, PlanBody, PlanStep } from './plan';
import { retryDelayMs } from './policy';
import {
  NEXT_PHASES,
  isOver,
  type BodySlot,
  type BodyState,
  type Failure,
  type Halt,
  type RunState,
  type TaskPhase,
  type TaskState,
} from './run';
import { RunScope } from './run-scope';
import { conclude, undoEnded } from './outcome';
import { performStep } from './perform';
import { childPath } from './task-path';

interface Turn {
  readonly body: BodyState;
  readonly step: PlanStep;
  /** It begins although the run is paused or has a breakpoint here. */
  readonly passes?: true;
}

/**
 * One event being folded: bodies are entered and left, steps begin and end, failures and halts move. Whatever follows from the event is
 * worked off in a list, in the order in which it came up; recursion would need a stack as deep as a run is long.
 */
export class Fold implements Folding {
  readonly commands: Command[] = [];
  readonly scope: RunScope;
  private turns: Turn[] = [];
  /** How many of the turns were taken. */
  private taken = 0;
  private readonly left: BodyState[] = [];

  constructor(
    readonly plan: Plan,
    readonly run: RunState,
    readonly at: number,
    private readonly seen: ((task: TaskState) => void) | undefined,
  ) {
    this.scope = new RunScope(plan, run);
  }

  /** Works off everything that follows: what ends first, then the turns. */
  finish(): void {
    for (let left = 0; ;) {
      const body = this.left[left];
      if (body) {
        left += 1;
        this.leave(body);
        continue;
      }
      const turn = this.turns[this.taken];
      if (!turn) return;
      this.taken += 1;
      this.begin(turn);
    }
  }

  // Bodies

  enter(
    owner: TaskState | undefined,
    slot: BodySlot,
    plan: PlanBody,
    more: { readonly index?: number; readonly value?: Json; readonly error?: Failure } = {},
  ): void {
    const { index = 0, value, error } = more;
    const body: BodyState = {
      path: owner ? owner.path + plan.suffix + (slot === 'iteration' ? `[${index}]` : '') : '',
      plan,
      slot,
      owner,
      index,
      ...(value !== undefined && { value }),
      ...(error && { error }),
      needs: plan.steps.map(({ needs }) => needs),
      tasks: [],
      open: plan.steps.length,
      active: 0,
    };
    this.run.bodies.set(body.path, body);
    for (const step of plan.steps) if (step.needs === 0) this.turns.push({ body, step });
    this.leaveIfOver(body);
  }

  isHalted(body: BodyState): boolean {
    for (let at: BodyState | undefined = body; at; at = at.owner?.body) {
      if (at.halt) return true;
      if (this.isShield(at)) return false;
    }
    return false;
  }

  halt(body: BodyState, halt: Halt, abort: boolean): void {
    if (body.ended) return;
    body.halt ??= halt;
    for (const path of [...this.run.inFlight]) {
      const task = this.run.tasks.get(path);
      if (task && this.isReachable(task.body, body)) this.settle(task, abort);
    }
    if (this.run.evaluating.size > 0) this.dropEvaluations(body);
    this.dropTurns();
    this.leaveIfOver(body);
  }

  exit(from: BodyState, to: BodyState): void {
    for (let at: BodyState | undefined = from; at; at = at.owner?.body) {
      at.halt ??= { kind: 'exit' };
      if (at === to) break;
      if (at.owner) at.owner.left = true;
    }
    this.halt(to, { kind: 'exit' }, true);
  }

  private isReachable(from: BodyState, to: BodyState): boolean {
    for (let at: BodyState | undefined = from; at; at = at.owner?.body) {
      if (at === to) return true;
      if (this.isShield(at)) return false;
    }
    return false;
  }

  /** Turns in a body that was halted meanwhile are not waited for, whether they come next or wait for a resume. */
  private dropTurns(): void {
    const { held } = this.run;
    const isDropped = ({ body }: { readonly body: BodyState }) => this.isHalted(body);
    const waiting = this.turns.slice(this.taken);
    const dropped = [...held.filter(isDropped), ...waiting.filter(isDropped)];
    if (dropped.length === 0) return;
    held.splice(0, held.length, ...held.filter((step) => !isDropped(step)));
    this.turns = waiting.filter((turn) => !isDropped(turn));
    this.taken = 0;
    for (const { body } of dropped) this.leaveIfOver(body);
  }

  private leaveIfOver(body: BodyState): void {
    if (body.ended || body.active > 0 || (body.open > 0 && !this.isHalted(body))) return;
    body.ended = true;
    this.left.push(body);
  }

  private leave(body: BodyState): void {
    const { owner } = body;
    const end: BodyEnd = body.halt ?? (body.open > 0 || body.cut ? { kind: 'stop' } : { kind: 'done' });
    if (!owner) conclude(this, end);
    else if (body.slot === 'undo') undoEnded(this, owner, end);
    else if (body.slot === 'onError') this.handled(owner, end);
    else constructOf(this.stepOf(owner)).bodyEnded(this, owner, body, end);
  }

  // Steps

  release(steps: readonly { readonly body: BodyState; readonly position: number; readonly passes?: true }[]): void {
    for (const { body, position, passes } of steps) {
      const step = body.plan.steps[position];
      if (step) this.turns.push({ body, step, ...(passes && { passes }) });
    }
  }

  private begin({ body, step, passes }: Turn): void {
    if (this.isHalted(body)) {
      this.leaveIfOver(body);
      return;
    }
    if (!passes && this.mustHold(body, step)) {
      this.run.held.push({ body, position: step.position });
      return;
    }
    const task: TaskState = {
      path: childPath(body.path, step.id),
      step: step.index,
      body,
      order: this.run.tasksMade,
      phase: 'running',
      attempt: 1,
      startedAt: this.at,
      attemptStartedAt: this.at,
      counted: 0,
    };
    this.run.tasksMade += 1;
    this.run.tasks.set(task.path, task);
    body.tasks[step.position] = task;
    body.active += 1;
    this.scope.turnTo(task);
    const { when } = step;
    if (when) this.guarded(task, { kind: 'when', path: task.path }, () => this.decided(task, isTrue(when, this.scope)));
    else this.perform(task);
  }

  decided(task: TaskState, holds: boolean): void {
    if (holds) {
      this.perform(task);
      return;
    }
    task.attempt = 0;
    task.phase = 'skipped';
    this.over(task);
  }

  perform(task: TaskState, given?: readonly Json[]): void {
    const work = () => performStep(this, task, this.stepOf(task), given);
    this.guarded(task, { kind: 'begin', path: task.path }, work, given !== undefined);
  }

  private mustHold(body: BodyState, step: PlanStep): boolean {
    const { run } = this;
    if (run.paused) return true;
    if (run.start.debug?.breakpoints?.includes(step.id) !== true || run.ending) return false;
    run.paused = { since: this.at, by: 'breakpoint', at: childPath(body.path, step.id) };
    return true;
  }

  // Ends

  succeed(task: TaskState, output: Json): void {
    task.output = output;
    this.end(task, 'succeeded');
  }

  end(task: TaskState, phase: 'succeeded' | 'failed' | 'cancelled'): void {
    this.move(task, phase);
    this.over(task);
  }

  endHalted(task: TaskState): void {
    if (task.left) this.succeed(task, null);
    else this.end(task, 'cancelled');
  }

  attemptFailed(task: TaskState, error: TaskError, chance: number, cause?: Failure): void {
    if (task.aborting) {
      task.error = error;
      this.end(task, 'cancelled');
      return;
    }
    const { policy } = this.stepOf(task);
    const delayMs = retryDelayMs(policy, task.attempt, error, chance);
    const dueAt = delayMs === undefined ? Infinity : this.at + delayMs;
    if (dueAt < task.startedAt + (policy.totalTimeoutMs ?? Infinity) && !this.isHalted(task.body)) {
      task.error = error;
      this.move(task, 'retrying');
      delete task.waitingFor;
      task.wakeAt = dueAt;
      this.seen?.(task);
      this.commands.push({ kind: 'wake', path: task.path, at: dueAt });
    } else this.fail(task, error, cause);
  }

  /** The step's failure, for its `onError` or for the body. `from`: the failure within it that came out, or `cause` the one that led to it. */
  fail(task: TaskState, error: TaskError, cause?: Failure, from?: Failure): void {
    task.error = error;
    task.failure = from ?? this.failureOf(task, error, cause);
    const { onError } = this.stepOf(task);
    if (onError === 'fail' || task.handling || this.isHalted(task.body)) this.end(task, 'failed');
    else if (onError === 'continue') {
      task.handled = true;
      this.end(task, 'failed');
    } else {
      if (task.phase !== 'running') this.move(task, 'running');
      task.handling = true;
      this.run.inFlight.delete(task.path);
      delete task.wakeAt;
      delete task.waitingFor;
      this.seen?.(task);
      this.enter(task, 'onError', onError, { error: task.failure });
    }
  }

  failWith(task: TaskState, failure: Failure): void {
    this.fail(task, { code: failure.code, message: failure.message, retryable: false }, undefined, failure);
  }

  failureOf(task: TaskState, { code, message, output }: TaskError, cause?: Failure): Failure {
    return {
      code,
      message,
      stepId: this.stepOf(task).id,
      path: task.path,
      attempt: task.attempt,
      ...(output !== undefined && { output }),
      ...(cause && { cause }),
    };
  }

  /** The steps of `onError` have ended. */
  private handled(task: TaskState, end: BodyEnd): void {
    if (end.kind === 'stop') {
      this.end(task, 'cancelled');
      return;
    }
    if (end.kind === 'failed') task.failure = withCause(end.failure, task.failure);
    else task.handled = true;
    this.end(task, 'failed');
  }

  /** A task is over: its body goes on, is halted, or ends. */
  private over(task: TaskState): void {
    const { run } = this;
    const step = this.stepOf(task);
    task.endedAt = this.at;
    delete task.wakeAt;
    delete task.waitingFor;
    run.inFlight.delete(task.path);
    if (task.phase === 'succeeded' && step.undo) run.undoable.push(task);
    this.count(task, step);
    this.seen?.(task);
    const { body } = task;
    body.open -= 1;
    body.active -= 1;
    if (task.phase === 'failed' && !task.handled) {
      if (task.failure && !this.isHalted(body)) this.halt(body, { kind: 'failed', failure: task.failure }, false);
      else body.cut = true;
    } else if (task.phase === 'cancelled') body.cut = true;
    else {
      for (const position of step.dependents) {
        const needs = (body.needs[position] ?? 0) - 1;
        body.needs[position] = needs;
        const next = body.plan.steps[position];
        if (needs === 0 && next) this.turns.push({ body, step: next });
      }
    }
    this.leaveIfOver(body);
  }

  private count(task: TaskState, step: PlanStep): void {
    if (!step.counts) return;
    const counts = 1 + step.size - task.counted;
    this.run.done += counts;
    for (let owner = task.body.owner; owner; owner = owner.body.owner) owner.counted += counts;
  }

  /** What runs in a halted body: it may end by itself, or is told to (`abort`). Waits for time and people end in any case. */
  private settle(task: TaskState, abort: boolean): void {
    switch (task.phase) {
      case 'running':
        if (abort && !task.aborting) {
          task.aborting = true;
          this.commands.push({ kind: 'abort', path: task.path });
        }
        break;
      case 'retrying':
        if (abort) this.end(task, 'cancelled');
        else this.fail(task, task.error ?? { code: 'task.failed', message: 'The step failed.', retryable: false });
        break;
      case 'waiting': {
        const { waitingFor } = task;
        if (waitingFor?.kind !== 'children') this.end(task, 'cancelled');
        else if (abort) {
          this.cancelChildren(task);
          this.end(task, 'cancelled');
        }
        break;
      }
      default:
        break;
    }
  }

  cancelChildren(task: TaskState): void {
    const { path, attempt } = task;
    if (task.waitingFor?.kind !== 'children' || task.parameters?.wait === false) return;
    task.waitingFor.children.forEach(({ status }, index) => {
      if (!status) this.commands.push({ kind: 'cancelChild', path, attempt, index });
    });
  }

  // Helpers

  /** What stands in a `finally` has its time until it is forced to end; an undo is never reached. */
  private isShield({ slot }: BodyState): boolean {
    return slot === 'undo' || (slot === 'finally' && !this.run.forced);
  }

  stepOf(task: TaskState): PlanStep {
    const step = this.plan.steps[task.step];
    if (!step) throw new Error(`The plan has no step ${task.step}.`);
    return step;
  }

  task(path: string, phase: TaskPhase, attempt?: number): TaskState | undefined {
    const task = this.run.inFlight.has(path) ? this.run.tasks.get(path) : undefined;
    return task?.phase === phase && (attempt === undefined || task.attempt === attempt) ? task : undefined;
  }

  move(task: TaskState, to: TaskPhase): void {
    if (!NEXT_PHASES[task.phase].includes(to))
      throw new Error(`Task ${task.path} cannot go from ${task.phase} to ${to}.`);
    task.phase = to;
  }

  changed(task: TaskState): void {
    this.seen?.(task);
  }

  guarded(task: TaskState, of: Evaluation, work: () => void, isLast = false): void {
    try {
      work();
    } catch (error) {
      if (isOver(task.phase)) throw error;
      if (error instanceof LargeValueClosed && error.value && !isLast) this.ask(of);
      else this.fail(task, errorOf(error));
    }
  }

  ask(of: Evaluation): void {
    const { evaluating } = this.run;
    if (evaluating.has(keyOf(of))) return;
    evaluating.set(keyOf(of), of);
    this.commands.push({ kind: 'evaluate', of });
  }

  /** What is worked out in a halted body is not waited for. */
  private dropEvaluations(body: BodyState): void {
    const { evaluating, tasks } = this.run;
    for (const [key, of] of [...evaluating]) {
      const task = of.kind === 'outputs' ? undefined : tasks.get(of.path);
      if (!task || !this.isReachable(task.body, body) || !evaluating.delete(key)) continue;
      if (isOfLoop(of)) loopLetGo(this, task, of);
      else this.end(task, 'cancelled');
    }
  }
}
