import type { Json, JsonObject } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import type { SecretText } from './parameters';

/**
 * A task's life. What is not in this table cannot happen:
 * ```
 * (none) ─→ running ⇄ retrying
 *    │         ├─→ succeeded
 *    │         ├─→ failed
 *    │         └─→ cancelled ←─ retrying
 *    └─→ skipped
 * ```
 * A task exists from the moment that it is its turn; before that its step is pending.
 */
export type TaskPhase = 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

export const NEXT_PHASES: Readonly<Record<TaskPhase, readonly TaskPhase[]>> = {
  running: ['retrying', 'succeeded', 'failed', 'cancelled'],
  retrying: ['running', 'failed', 'cancelled'],
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
  /** Path of the body that it stands in. */
  readonly body: string;
  /** Tasks are numbered as their turn comes. */
  readonly order: number;
  phase: TaskPhase;
  /** From 1; 0 for a skipped task. */
  attempt: number;
  startedAt: number;
  attemptStartedAt: number;
  endedAt?: number;
  /** When the next attempt is due, while retrying. */
  wakeAt?: number;
  parameters?: JsonObject;
  secrets?: readonly SecretText[];
  output?: Json;
  error?: TaskError;
  /** How often a worker died with this task in flight. */
  recoveries?: number;
  /** Of a branches step: the branches that run, in order, and how many of them have ended. */
  branches?: { readonly chosen: readonly number[]; ended: number };
}

/** A body of steps that is under way. */
export interface BodyState {
  readonly path: string;
  /** The step that the body stands on (index in the plan) and which branch; the root has none. */
  readonly owner: { readonly task: string; readonly step: number; readonly branch: number } | null;
  /** Per position, how many needed siblings have not ended. */
  readonly needs: number[];
  /** Steps that have not ended. */
  open: number;
  failure?: Failure;
}

/** The fault that ends a body, and through its owners the run. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stepId: string | null;
  readonly path: string | null;
  readonly attempt: number | null;
}

/** Why nothing new starts any more: the run ends thus as soon as what runs has settled. */
export type Ending =
  | { readonly kind: 'returned'; readonly result: Json; readonly failure?: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly failure: Failure };

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
}

/** A run in motion: plain data, changed only by `advance`. */
export interface RunState {
  readonly start: RunStart;
  readonly vars: Record<string, Json>;
  readonly tasks: Map<string, TaskState>;
  readonly bodies: Map<string, BodyState>;
  /** Outputs that `assign` changed, by step id. */
  readonly assigned: Map<string, Json>;
  /** The newest task of each step id: what `{{__id}}` reads. */
  readonly latest: Map<string, TaskState>;
  /** Tasks that are running or retrying and not constructs. */
  readonly inFlight: Set<string>;
  /** Steps that have ended or cannot run any more, for the progress display. */
  done: number;
  /** Some body has failed: failures may have to move outward. */
  failing: boolean;
  ending?: Ending;
  outcome?: RunOutcome;
}

/** What the run is doing, seen from outside; `cancelling` is a flag over it. */
export function statusOf(run: RunState): 'running' | 'waiting' | 'cancelling' | RunOutcome['status'] {
  if (run.outcome) return run.outcome.status;
  if (run.ending?.kind === 'cancelled') return 'cancelling';
  let waits = run.inFlight.size > 0;
  for (const path of run.inFlight) if (run.tasks.get(path)?.phase === 'running') waits = false;
  return waits ? 'waiting' : 'running';
}
