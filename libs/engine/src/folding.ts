import type { Json } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import type { Evaluation } from './evaluation';
import type { Command } from './event';
import type { Plan, PlanBody, PlanStep } from './plan';
import type { BodySlot, BodyState, Failure, Halt, HeldStep, RunState, TaskPhase, TaskState } from './run';
import type { RunScope } from './run-scope';

/** How a body ended: all its steps are over, or it was halted, and how. */
export type BodyEnd = { readonly kind: 'done' } | Halt;

/** A step that holds bodies: what it does when its turn comes, and when one of its bodies has ended. */
export interface Construct {
  /** `given`: the values of its evaluation `begin`, where that had to be waited for. */
  begin(fold: Folding, task: TaskState, given?: readonly Json[]): void;
  bodyEnded(fold: Folding, task: TaskState, body: BodyState, end: BodyEnd): void;
}

/** One event being folded, as the constructs and waits see it: what they may do to the run. */
export interface Folding {
  readonly plan: Plan;
  readonly run: RunState;
  /** When the event happened, ms since 1970. */
  readonly at: number;
  readonly scope: RunScope;
  readonly commands: Command[];

  /** Begins a body of a task; its first steps get their turn after what is under way. */
  enter(
    owner: TaskState | undefined,
    slot: BodySlot,
    plan: PlanBody,
    more?: { readonly index?: number; readonly value?: Json; readonly error?: Failure },
  ): void;
  /** Nothing new starts in a halted body, nor in bodies within it; a `finally` and an `undo` are shielded from what is around them. */
  isHalted(body: BodyState): boolean;
  /** The first halt of a body counts. With `abort`, what runs in it is stopped too. */
  halt(body: BodyState, halt: Halt, abort: boolean): void;
  /** Leaves `to` from within: everything between `from` and it counts as done, everything else in it is stopped. */
  exit(from: BodyState, to: BodyState): void;
  /** Lets held steps begin; with `passes` although the run is paused or has a breakpoint there. */
  release(steps: readonly (HeldStep & { readonly passes?: true })[]): void;

  succeed(task: TaskState, output: Json): void;
  end(task: TaskState, phase: 'succeeded' | 'failed' | 'cancelled'): void;
  /** A construct whose body was left from within, or halted from outside. */
  endHalted(task: TaskState): void;
  /** A failed attempt: another one after a pause, or the step's failure. */
  attemptFailed(task: TaskState, error: TaskError, chance: number, cause?: Failure): void;
  /** The step's failure, for its `onError` or for the body; `cause` led to it. */
  fail(task: TaskState, error: TaskError, cause?: Failure): void;
  /** A construct fails with what came out of its bodies. */
  failWith(task: TaskState, failure: Failure): void;
  failureOf(task: TaskState, error: TaskError, cause?: Failure): Failure;
  cancelChildren(task: TaskState): void;

  stepOf(task: TaskState): PlanStep;
  /** A task in flight that is in this phase and this attempt; what comes for another one comes too late. */
  task(path: string, phase: TaskPhase, attempt?: number): TaskState | undefined;
  move(task: TaskState, to: TaskPhase): void;
  changed(task: TaskState): void;
  /** The step's condition is known: it is performed or skipped. */
  decided(task: TaskState, holds: boolean): void;
  /** Begins what the step does, `given` what its expressions came to where that had to be waited for. */
  perform(task: TaskState, given?: readonly Json[]): void;
  /** An expression that fails is its step's failure; one that looks into a large value is waited for as `of`, unless it was already. */
  guarded(task: TaskState, of: Evaluation, work: () => void, isLast?: boolean): void;
  /** What is worked out from large values, outside: see `Evaluation`. */
  ask(of: Evaluation): void;
}
