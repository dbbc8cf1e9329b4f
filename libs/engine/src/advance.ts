import { assignAt } from './assign';
import { chooseBranches, isTrue } from './conditions';
import type { Command, RunEvent } from './event';
import { isAction, outstanding } from './outstanding';
import type { Plan, PlanBody, PlanBranch, PlanStep } from './plan';
import { retryDelayMs } from './policy';
import {
  NEXT_PHASES,
  isOver,
  type BodyState,
  type Ending,
  type Failure,
  type RunState,
  type TaskPhase,
  type TaskState,
} from './run';
import { RunScope } from './run-scope';
import { childPath } from './task-path';

/** A task whose worker died this often while it was in flight is held to be the cause. */
const MAX_RECOVERIES = 3;

/**
 * Folds one event into the run and says what is to be done. The state is changed in place; the same events in the same
 * order always give the same state and the same commands, on any machine: no clock, no chance, no I/O in here.
 * An event that no longer fits (a late outcome, a second cancel) changes nothing. `seen` is told each change of a task.
 */
export function advance(
  plan: Plan,
  run: RunState,
  event: RunEvent,
  seen?: (task: TaskState) => void,
): readonly Command[] {
  return new Fold(plan, run, event.at, seen).apply(event);
}

class Fold {
  private readonly commands: Command[] = [];
  /** Steps whose turn has come; a list rather than recursion, so that long chains need no deep stack. */
  private readonly ready: { readonly body: BodyState; readonly step: PlanStep }[] = [];
  private readonly scope: RunScope;

  constructor(
    private readonly plan: Plan,
    private readonly run: RunState,
    private readonly at: number,
    private readonly seen: ((task: TaskState) => void) | undefined,
  ) {
    this.scope = new RunScope(run);
  }

  apply(event: RunEvent): readonly Command[] {
    if (this.run.outcome) return [];
    switch (event.type) {
      case 'started':
        this.enter('', this.plan.root, null);
        break;
      case 'invoked': {
        const task = this.task(event.path, 'running');
        if (task) Object.assign(task, { parameters: event.parameters }, event.secrets && { secrets: event.secrets });
        break;
      }
      case 'succeeded': {
        const task = this.task(event.path, 'running', event.attempt);
        if (task) {
          task.output = event.output;
          this.end(task, 'succeeded');
        }
        break;
      }
      case 'failed': {
        const task = this.task(event.path, 'running', event.attempt);
        if (task) this.attemptFailed(task, event);
        break;
      }
      case 'woken': {
        const task = this.task(event.path, 'retrying');
        if (task) this.attempt(task);
        break;
      }
      case 'abandoned': {
        const task = this.task(event.path, 'running');
        if (task) this.end(task, 'cancelled');
        break;
      }
      case 'cancelled':
        this.stop({
          kind: 'cancelled',
          failure: {
            code: 'instance.cancelled',
            message: event.reason ?? `Cancelled by ${event.by}.`,
            stepId: null,
            path: null,
            attempt: null,
          },
        });
        break;
      case 'expired':
        this.stop({
          kind: 'failed',
          failure: {
            code: 'instance.timeout',
            message: `The instance did not end within ${this.plan.timeoutMs ?? 0} ms.`,
            stepId: null,
            path: null,
            attempt: null,
          },
        });
        break;
      case 'recovered':
        this.recover();
        break;
    }
    for (let next = this.ready.shift(); next; next = this.ready.shift()) this.begin(next.body, next.step);
    this.settle();
    return this.commands;
  }

  // Bodies

  private enter(path: string, body: PlanBody, owner: BodyState['owner']): void {
    const state: BodyState = { path, owner, needs: body.steps.map(({ needs }) => needs), open: body.steps.length };
    this.run.bodies.set(path, state);
    if (body.steps.length === 0) this.leave(state);
    for (const step of body.steps) if (step.needs === 0) this.ready.push({ body: state, step });
  }

  private bodyPlan(body: BodyState): PlanBody {
    if (!body.owner) return this.plan.root;
    return this.branchesOf(body.owner.step)[body.owner.branch]?.body ?? { steps: [] };
  }

  /** Nothing new starts in a body that failed, in bodies within it, or in a run that is ending. */
  private isHalted(body: BodyState): boolean {
    if (this.run.ending || body.failure) return true;
    const owner = body.owner && this.run.tasks.get(body.owner.task);
    const parent = owner && this.run.bodies.get(owner.body);
    return parent ? this.isHalted(parent) : false;
  }

  /** A body has ended: its owner goes on with the next branch, ends, or fails with it. */
  private leave(body: BodyState): void {
    if (!body.owner) return;
    const task = this.run.tasks.get(body.owner.task);
    if (!task?.branches || isOver(task.phase)) return;
    task.branches.ended += 1;
    this.nextBranch(task);
  }

  // Steps

  private begin(body: BodyState, step: PlanStep): void {
    if (this.isHalted(body)) return;
    const task: TaskState = {
      path: childPath(body.path, step.id),
      step: step.index,
      body: body.path,
      order: this.run.tasks.size,
      phase: 'running',
      attempt: 1,
      startedAt: this.at,
      attemptStartedAt: this.at,
    };
    this.run.tasks.set(task.path, task);
    this.run.latest.set(step.id, task);
    this.scope.turnTo(task);
    this.guarded(task, () => {
      if (step.when && !isTrue(step.when, this.scope)) {
        task.attempt = 0;
        this.skip(task, step);
      } else this.perform(task, step);
    });
  }

  private perform(task: TaskState, step: PlanStep): void {
    switch (step.kind) {
      case 'trigger':
        task.parameters = this.run.start.input;
        task.output = this.run.start.trigger;
        this.end(task, 'succeeded');
        break;
      case 'action': {
        const { parameters, secrets } = step.parameters.render(this.scope);
        task.parameters = parameters;
        if (secrets.length > 0) task.secrets = secrets;
        this.run.inFlight.add(task.path);
        this.seen?.(task);
        this.commands.push({ kind: 'invoke', task, step });
        break;
      }
      case 'assign': {
        const { parameters } = step.parameters.render(this.scope);
        task.parameters = parameters;
        assignAt(this.run, step.target, parameters.value ?? null, this.scope);
        task.output = null;
        this.end(task, 'succeeded');
        break;
      }
      case 'return': {
        const { parameters } = step.parameters.render(this.scope);
        task.parameters = parameters;
        const { result, ...value } = parameters;
        task.output = parameters;
        this.stop({
          kind: 'returned',
          result: value,
          ...(result === 'failed' && {
            failure: this.failureOf(task, 'returned', `Step ${step.id} returned a failure.`),
          }),
        });
        this.end(task, 'succeeded');
        break;
      }
      case 'branches':
        task.branches = { chosen: chooseBranches(step.branches, step.exclusive, this.scope), ended: 0 };
        step.branches.forEach(({ size }, i) => {
          if (!task.branches?.chosen.includes(i)) this.run.done += size;
        });
        this.seen?.(task);
        this.nextBranch(task);
        break;
    }
  }

  private nextBranch(task: TaskState): void {
    const { chosen, ended } = task.branches ?? { chosen: [], ended: 0 };
    const body = this.run.bodies.get(task.body);
    const branch = chosen[ended];
    const branches = this.branchesOf(task.step);
    if (branch === undefined) {
      task.output = { branches: chosen.map((i) => branches[i]?.id ?? '') };
      this.end(task, 'succeeded');
    } else if (body && !this.isHalted(body)) {
      const planned = branches[branch];
      if (planned)
        this.enter(childPath(task.path, planned.id), planned.body, { task: task.path, step: task.step, branch });
    }
  }

  private branchesOf(index: number): readonly PlanBranch[] {
    const step = this.plan.steps[index];
    return step?.kind === 'branches' ? step.branches : [];
  }

  // Attempts

  private attempt(task: TaskState): void {
    const step = this.plan.steps[task.step];
    if (!step || !isAction(step)) return;
    this.move(task, 'running');
    task.attempt += 1;
    task.attemptStartedAt = this.at;
    delete task.wakeAt;
    this.seen?.(task);
    this.commands.push({ kind: 'invoke', task, step });
  }

  private attemptFailed(task: TaskState, { error, chance }: RunEvent & { type: 'failed' }): void {
    task.error = error;
    const step = this.plan.steps[task.step];
    const delayMs =
      step && isAction(step) && !this.run.ending ? retryDelayMs(step.policy, task.attempt, error, chance) : undefined;
    const body = this.run.bodies.get(task.body);
    const totalMs = step && isAction(step) ? step.policy.totalTimeoutMs : undefined;
    const inTime = delayMs !== undefined && (totalMs === undefined || this.at + delayMs < task.startedAt + totalMs);
    if (delayMs === undefined || !inTime || !body || this.isHalted(body)) {
      this.end(task, this.run.ending ? 'cancelled' : 'failed');
      return;
    }
    this.move(task, 'retrying');
    task.wakeAt = this.at + delayMs;
    this.seen?.(task);
    this.commands.push({ kind: 'wake', path: task.path, at: task.wakeAt });
  }

  private recover(): void {
    for (const path of [...this.run.inFlight]) {
      const task = this.run.tasks.get(path);
      if (task?.phase !== 'running') continue;
      task.recoveries = (task.recoveries ?? 0) + 1;
      if (task.recoveries >= MAX_RECOVERIES) {
        task.error = {
          code: 'task.worker_lost',
          message: `The worker died ${task.recoveries} times while this task ran.`,
          retryable: false,
        };
        this.end(task, 'failed');
      }
    }
    this.commands.length = 0;
    this.commands.push(...outstanding(this.plan, this.run));
  }

  // Ends

  private skip(task: TaskState, step: PlanStep): void {
    if (step.kind === 'branches') this.run.done += step.branches.reduce((sum, { size }) => sum + size, 0);
    task.phase = 'skipped';
    this.over(task);
  }

  private end(task: TaskState, phase: 'succeeded' | 'failed' | 'cancelled'): void {
    this.move(task, phase);
    this.over(task);
  }

  /** A task is over: its body goes on, fails, or ends. */
  private over(task: TaskState): void {
    task.endedAt = this.at;
    this.run.inFlight.delete(task.path);
    this.run.done += 1;
    this.seen?.(task);
    const body = this.run.bodies.get(task.body);
    if (!body) return;
    body.open -= 1;
    if (task.phase === 'failed') {
      const error = task.error ?? { code: 'task.failed', message: 'The step failed.' };
      body.failure ??= this.failureOf(task, error.code, error.message);
      this.run.failing = true;
      return;
    }
    if (task.phase === 'cancelled') return;
    const { steps } = this.bodyPlan(body);
    for (const position of steps[this.plan.steps[task.step]?.position ?? 0]?.dependents ?? []) {
      const left = (body.needs[position] ?? 0) - 1;
      body.needs[position] = left;
      const next = steps[position];
      if (left === 0 && next) this.ready.push({ body, step: next });
    }
    if (body.open === 0) this.leave(body);
  }

  /** Nothing new starts from now on; what runs is told to stop. The first word counts. */
  private stop(ending: Ending): void {
    if (this.run.ending) return;
    this.run.ending = ending;
    for (const path of [...this.run.inFlight]) {
      const task = this.run.tasks.get(path);
      if (task?.phase === 'retrying') this.end(task, 'cancelled');
      else this.commands.push({ kind: 'abort', path });
    }
  }

  /** After each event: failures move outward from bodies where nothing runs any more; then perhaps the run is over. */
  private settle(): void {
    const { run } = this;
    if (run.failing) {
      for (const [path, body] of [...run.bodies].reverse()) {
        if (path !== '' && body.failure && !this.runsWithin(path)) this.failOwner(body, body.failure);
      }
    }
    const root = run.bodies.get('');
    if (!root || run.inFlight.size > 0) return;
    if (!run.ending && !root.failure && root.open > 0) return;
    for (const task of run.tasks.values()) if (!isOver(task.phase)) this.close(task);
    run.outcome = this.outcome(root);
  }

  private failOwner(body: BodyState, failure: Failure): void {
    const task = body.owner && this.run.tasks.get(body.owner.task);
    if (!task || isOver(task.phase)) return;
    task.error = { code: failure.code, message: failure.message, retryable: false };
    this.close(task, 'failed');
    const outer = this.run.bodies.get(task.body);
    if (outer) outer.failure ??= failure;
  }

  private close(task: TaskState, phase: 'failed' | 'cancelled' = 'cancelled'): void {
    this.move(task, phase);
    task.endedAt = this.at;
    this.run.done += 1;
    this.seen?.(task);
  }

  private runsWithin(path: string): boolean {
    for (const inFlight of this.run.inFlight) if (inFlight.startsWith(`${path}/`)) return true;
    return false;
  }

  private outcome(root: BodyState): NonNullable<RunState['outcome']> {
    const { ending } = this.run;
    if (ending?.kind === 'cancelled')
      return { status: 'cancelled', result: null, failure: ending.failure, at: this.at };
    if (ending?.kind === 'returned')
      return {
        status: ending.failure ? 'failed' : 'succeeded',
        result: ending.result,
        failure: ending.failure ?? null,
        at: this.at,
      };
    const failure = ending?.failure ?? root.failure;
    if (failure) return { status: 'failed', result: null, failure, at: this.at };
    this.scope.turnTo(undefined);
    try {
      return {
        status: 'succeeded',
        result: this.plan.outputs?.evaluate(this.scope) ?? null,
        failure: null,
        at: this.at,
      };
    } catch (error) {
      return {
        status: 'failed',
        result: null,
        failure: { code: 'dag.outputs_failed', message: messageOf(error), stepId: null, path: null, attempt: null },
        at: this.at,
      };
    }
  }

  // Helpers

  private task(path: string, phase: TaskPhase, attempt?: number): TaskState | undefined {
    const task = this.run.tasks.get(path);
    return task?.phase === phase && (attempt === undefined || task.attempt === attempt) ? task : undefined;
  }

  private move(task: TaskState, to: TaskPhase): void {
    if (!NEXT_PHASES[task.phase].includes(to))
      throw new Error(`Task ${task.path} cannot go from ${task.phase} to ${to}.`);
    task.phase = to;
  }

  /** An expression that fails is its step's failure. */
  private guarded(task: TaskState, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (isOver(task.phase)) throw error;
      task.error = { code: codeOf(error), message: messageOf(error), retryable: false };
      this.end(task, 'failed');
    }
  }

  private failureOf(task: TaskState, code: string, message: string): Failure {
    return { code, message, stepId: this.plan.steps[task.step]?.id ?? null, path: task.path, attempt: task.attempt };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'expression.failed';
}
