import type { Json, JsonObject } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import type { Evaluation } from './evaluation';
import type { SecretText } from './parameters';
import type { Plan, PlanBody } from './plan';

/**
 * A task's life. What is not in this table cannot happen:
 * ```
 * (none) ─→ running ⇄ retrying       a call that failed and will be repeated
 *    │         ⇅
 *    │       waiting                 a timer, an answer, a person, a child
 *    │         │
 *    │         └─→ succeeded | failed | cancelled ←─ running, retrying
 *    └─→ skipped
 * ```
 * A task exists from the moment that it is its turn; before that its step is pending. A construct runs until all within it is over.
 */
export type TaskPhase = 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

export const NEXT_PHASES: Readonly<Record<TaskPhase, readonly TaskPhase[]>> = {
  running: ['retrying', 'waiting', 'succeeded', 'failed', 'cancelled'],
  retrying: ['running', 'failed', 'cancelled'],
  waiting: ['running', 'retrying', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  skipped: [],
  cancelled: [],
};

export function isOver(phase: TaskPhase): boolean {
  return NEXT_PHASES[phase].length === 0;
}

/** One step at one place of one run. Times are milliseconds since 1970. */
export interface TaskState {
  readonly path: string;
  /** Index of its step in the plan. */
  readonly step: number;
  readonly body: BodyState;
  /** Tasks are numbered as their turn comes. */
  readonly order: number;
  phase: TaskPhase;
  /** From 1; 0 for a skipped task. */
  attempt: number;
  startedAt: number;
  attemptStartedAt: number;
  endedAt?: number;
  /** When the next attempt is due (retrying) or the wait is over (waiting). */
  wakeAt?: number;
  /** The pause was over while the run was paused: the attempt begins at its resume. */
  due?: true;
  parameters?: JsonObject;
  secrets?: readonly SecretText[];
  output?: Json;
  /** What `assign` made of the output; read in its place. */
  assigned?: { readonly value: Json };
  error?: TaskError;
  /** Where its failure came from, when that is further in; and the failure that it followed. */
  failure?: Failure;
  /** A failure that `onError` took. */
  handled?: true;
  /** Its `onError` steps are under way. */
  handling?: true;
  /** How often a worker died with this task in flight. */
  recoveries?: number;
  /** An abort is on its way to the call. */
  aborting?: true;
  /** Left from within by return, break or continue. */
  left?: true;
  /** Taken over from the instance that this one retries. */
  adopted?: true;
  waitingFor?: WaitingFor;
  construct?: ConstructState;
  /** Steps within it that the progress has counted already. */
  counted: number;
}

/** What a waiting task waits for. */
export type WaitingFor =
  | { readonly kind: 'timer'; readonly until: number }
  | {
      readonly kind: 'callback';
      /** Longest time without a sign of life, from the wait's begin on. */
      readonly heartbeatMs?: number;
      /** When the last one came. */
      seenAt?: number;
      /** What was told last. */
      progress?: Progress & { readonly at: number };
    }
  | {
      readonly kind: 'approval';
      readonly assignees: readonly string[];
      readonly quorum: number;
      readonly schema: JsonObject | null;
      readonly decisions: Decision[];
    }
  | { readonly kind: 'children'; readonly children: ChildState[]; open: number };

/** How far the side that is to answer has come; a bare sign of life says nothing. */
export interface Progress {
  readonly percent?: number;
  readonly message?: string;
  readonly data?: Json;
}

export interface Decision {
  readonly by: string;
  readonly decision: 'approved' | 'rejected';
  readonly at: string;
  readonly data: Json;
}

/** A sub-flow's instance; `id` is known once it stands. */
export interface ChildState {
  id?: string;
  status?: 'succeeded' | 'failed' | 'cancelled';
  result?: Json;
  failure?: Failure;
}

/** How far a construct has come. */
export type ConstructState =
  | { readonly kind: 'branches'; readonly chosen: readonly number[]; ended: number }
  | {
      readonly kind: 'parallel';
      /** How many branches run, and how many must succeed. */
      readonly started: number;
      readonly wanted: number;
      readonly winners: string[];
      ended: number;
      failed: number;
      firstFailure?: Failure;
      /** Its fate is settled; what still runs is on its way out. */
      decided?: 'joined' | 'failed';
    }
  | {
      readonly kind: 'loop';
      /** Iterations of a limit or an array; undefined for `while`. */
      readonly total: number | undefined;
      /** Elements of the array from `from` on: all of them, or those at hand of a large one. */
      items: readonly Json[] | undefined;
      from: number;
      readonly concurrency: number;
      readonly most: number;
      readonly outputs: Record<string, Json[]>;
      begun: number;
      running: number;
      failed: number;
      /** The ended iteration with the highest index. */
      lastEnded: number;
      firstFailure?: Failure;
      decided?: 'broken' | 'failed';
      /** An iteration was stopped from outside. */
      stopped?: true;
    }
  | {
      readonly kind: 'try';
      /** What went wrong in the steps, and whether `catch` took it. */
      caught?: Failure;
      failure?: Failure;
      /** Stopped or left from outside before its end; `finally` runs all the same. */
      stopped?: true;
      finishing?: true;
    };

/** Which of its step's bodies this is. */
export type BodySlot = 'dag' | 'branch' | 'iteration' | 'steps' | 'catch' | 'finally' | 'onError' | 'undo';

/** Why nothing new starts in a body. `exit`: left from within; `stop`: told to by what is around it. */
export type Halt =
  { readonly kind: 'failed'; readonly failure: Failure } | { readonly kind: 'exit' } | { readonly kind: 'stop' };

/** A body of steps that is under way. */
export interface BodyState {
  readonly path: string;
  readonly plan: PlanBody;
  readonly slot: BodySlot;
  /** The task whose body this is; the DAG's own has none. */
  readonly owner: TaskState | undefined;
  /** Of an iteration. */
  readonly index: number;
  /** Of an iteration over an array. */
  readonly value?: Json;
  /** What `{{error}}` reads in catch and onError. */
  readonly error?: Failure;
  /** Per position, how many needed siblings have not ended. */
  readonly needs: number[];
  /** Per position, the task. */
  readonly tasks: (TaskState | undefined)[];
  /** Steps that have not ended. */
  open: number;
  /** Tasks that have begun and not ended. */
  active: number;
  halt?: Halt;
  /** One of its steps was stopped, or failed when the body was halted already. */
  cut?: true;
  ended?: true;
}

/** The fault that ends a body, and through its owners the run. */
export type Failure = {
  readonly code: string;
  readonly message: string;
  readonly stepId: string | null;
  readonly path: string | null;
  readonly attempt: number | null;
  /** What came back all the same. */
  readonly output?: Json;
  /** The failure that this one followed. */
  readonly cause?: Failure;
  /** Of an instance: what became of each undo step. */
  readonly compensation?: readonly Compensation[];
};

export type Compensation = {
  readonly stepId: string;
  readonly path: string;
  readonly status: 'succeeded' | 'failed';
  readonly error?: { readonly code: string; readonly message: string };
};

/** Why nothing new starts any more: the run ends thus as soon as what runs has settled. */
export type Ending =
  | { readonly kind: 'returned'; readonly result: Json; readonly failure?: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly failure: Failure; readonly compensate: boolean };

export interface RunOutcome {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly result: Json;
  readonly failure: Failure | null;
  readonly at: number;
}

/** What a start brings. `env` and `variables` are taken once, so that a replay reads the same. */
export interface RunStart {
  readonly instanceId: string;
  readonly dagId: string;
  readonly at: number;
  readonly input: JsonObject;
  /** The first step's output. */
  readonly trigger: JsonObject;
  readonly env?: JsonObject;
  readonly variables?: JsonObject;
  readonly debug?: DebugOptions;
  /** Tasks of the retried instance that stand here too, by path. */
  readonly adopted?: Readonly<Record<string, Adopted>>;
}

export interface DebugOptions {
  /** Ids of steps before which the run pauses. */
  readonly breakpoints?: readonly string[];
  /** Outputs by step id that are taken in the place of a call. */
  readonly pins?: Readonly<Record<string, Json>>;
  /** Operators with effect `write` are not called; their output tells what they would have done. */
  readonly dryRun?: boolean;
}

/** What a task came to in the instance that this one retries. */
export type Adopted =
  | { readonly output: Json; readonly parameters?: JsonObject }
  | { readonly error: TaskError; readonly parameters?: JsonObject };

/** A step whose turn came while the run was paused. */
export interface HeldStep {
  readonly body: BodyState;
  readonly position: number;
}

/** A run in motion, changed only by `advance`; `snapshot` makes text of it. */
export interface RunState {
  readonly start: RunStart;
  readonly vars: Record<string, Json>;
  /** Tasks by path. Of a loop's ended iterations only the newest stay: nothing reads the others. */
  readonly tasks: Map<string, TaskState>;
  /** Bodies by path: those under way, and those that can still be read through. */
  readonly bodies: Map<string, BodyState>;
  /** Outputs that `assign` gave to steps that never ran, by step id. */
  readonly assigned: Map<string, Json>;
  /** Tasks that are running, retrying or waiting and no constructs. */
  readonly inFlight: Set<string>;
  /** What is being worked out from large values, by its key. */
  readonly evaluating: Map<string, Evaluation>;
  /** Answers that came before their step's turn, by `path#attempt`. */
  readonly early: Map<string, { readonly body: Json; readonly at: number }>;
  /** Accepted and not begun; stays when it ends without ever beginning. */
  queued?: true;
  /** When it began, if it was queued before. */
  begunAt?: number;
  /** Paused: by whom, since when, and before which step a debugger stopped. */
  paused?: { readonly since: number; readonly by: string; readonly at?: string };
  /** Milliseconds that it stood still before `paused.since`. */
  pausedMs: number;
  /** Steps that wait for the resume, in order. */
  readonly held: HeldStep[];
  /** Tasks that succeeded and have an undo, in order. */
  readonly undoable: TaskState[];
  compensation?: Compensation[];
  tasksMade: number;
  /** Steps that have ended or cannot run any more, for the progress display. */
  done: number;
  ending?: Ending;
  /** When what still runs after a cancel is given up. */
  forceAt?: number;
  forced?: true;
  outcome?: RunOutcome;
}

/** When the run began, ms since 1970; undefined while it is queued. */
export function begunAt(run: RunState): number | undefined {
  return run.queued ? undefined : (run.begunAt ?? run.start.at);
}

/**
 * When the run's own time is over, or, while it is queued, that for its start; undefined when nothing bounds it. The time of a run stands still
 * while it is paused.
 */
export function expiresAt(
  { timeoutMs, startByMs }: Pick<Plan, 'timeoutMs' | 'startByMs'>,
  run: RunState,
): number | undefined {
  const begun = begunAt(run);
  if (begun === undefined) return startByMs === undefined ? undefined : run.start.at + startByMs;
  return timeoutMs === undefined || run.paused ? undefined : begun + timeoutMs + run.pausedMs;
}

/**
 * What the run is doing, seen from outside: queued until it begins, then running while any task is called, else waiting; `paused` and
 * `cancelling` are flags over it.
 */
export function statusOf(
  run: RunState,
): 'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | RunOutcome['status'] {
  if (run.outcome) return run.outcome.status;
  if (run.ending?.kind === 'cancelled') return 'cancelling';
  if (run.paused) return 'paused';
  if (run.queued) return 'queued';
  let waits = run.inFlight.size > 0 && run.evaluating.size === 0;
  for (const path of run.inFlight) if (run.tasks.get(path)?.phase === 'running') waits = false;
  return waits ? 'waiting' : 'running';
}
