import type { DagId, DomainId, InstanceId, Json, JsonObject, LargePlaces, Priority } from '@flow/kernel';
import type { DagContent } from '@flow/dags';
import type { Decision, Failure, Progress } from '@flow/engine';

/**
 * ```
 * queued ─→ running ⇄ waiting ─→ succeeded | failed | cancelled
 *              ⇅ paused      cancelling ─→ cancelled
 * ```
 * The last three never change again; a retry makes a new instance.
 */
export type InstanceStatus =
  'queued' | 'running' | 'waiting' | 'paused' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

export const INSTANCE_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly InstanceStatus[];

export function hasEnded(status: InstanceStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

export type TaskStatus =
  'pending' | 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** Why an instance ended as it did: names the step, the failure that this one followed, and what was undone. */
export type Reason = Failure;

/** The step of another instance that started this one. */
export interface ParentLink {
  readonly id: InstanceId;
  readonly path: string;
  readonly attempt: number;
  readonly index: number;
  /** The step waits for the end. */
  readonly waits: boolean;
}

/** What stands fast about a debug run. */
export interface DebugRun {
  /** RFC 3339; then it is cancelled, and a little later it goes away. */
  readonly expiresAt: string;
  /** Ids of steps before which it pauses. */
  readonly breakpoints: readonly string[];
  /** Ids of steps whose outputs are given. */
  readonly pins: readonly string[];
  readonly dryRun: boolean;
  /** What it runs, unless that is a version of a DAG. */
  readonly definition?: DagContent;
}

/** A debug run and where it stands. */
export interface DebugView extends DebugRun {
  /** The path of the step whose breakpoint stopped it and which has not begun since. */
  readonly pausedAt: string | null;
  /** What the next steps begin, in their order; 100 at most. */
  readonly held: readonly { readonly stepId: string; readonly path: string }[];
}

/** One run of one version of a DAG, as the API shows it. Times are RFC 3339 UTC. */
export interface Instance {
  readonly id: InstanceId;
  readonly domain: DomainId;
  readonly dagId: DagId;
  readonly version: string;
  readonly status: InstanceStatus;
  readonly priority: Priority;
  readonly labels: Readonly<Record<string, string>>;
  readonly trigger: { readonly kind: string; readonly id?: string };
  readonly input: JsonObject;
  readonly result: Json;
  readonly reason: Reason | null;
  readonly progress: { readonly total: number; readonly done: number };
  readonly attempt: number;
  readonly retryOf: InstanceId | null;
  readonly rootId: InstanceId;
  readonly parentId: InstanceId | null;
  /** Of a sub-flow: the step that it runs for, and how many levels are above it. */
  readonly parent?: ParentLink;
  readonly depth?: number;
  /** `Creation.chain` and `Creation.firing`. */
  readonly chain?: number;
  readonly firing?: string;
  /** Where its end is told: not for eyes, `shownUrl` is. */
  readonly callbackUrl?: string;
  readonly debug?: DebugView;
  /** W3C `traceparent` of what started it; `traceId` is what people see of it. */
  readonly traceparent?: string;
  /** Of a DAG that limits how many run at once: with whom it shares the slots (`Creation.slot`), and whether it still waits for one. */
  readonly slot?: { readonly key: string; readonly queued: boolean };
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Large values of input and result, which stand there as null. */
  readonly large?: LargePlaces;
}

/** One step of one run, at one place of the DAG (`path`, see engine.md A1). */
export interface Task {
  /** Ids of one instance's tasks sort in the order in which their turn came. */
  readonly id: string;
  readonly stepId: string;
  readonly path: string;
  readonly title: string | null;
  readonly operator: string;
  readonly status: TaskStatus;
  /** Taken over from the instance that this one retries. */
  readonly adopted?: true;
  readonly attempt: number;
  /** Rendered parameters, secrets masked. */
  readonly input: Json;
  readonly output: Json;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly handled?: boolean;
    readonly output?: Json;
  } | null;
  /** While it waits; `until` is when the wait is over in any case. */
  readonly waitingFor?: TaskWait;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Large values of input, output and error, which stand there as null. */
  readonly large?: LargePlaces;
}

export type TaskWait =
  | { readonly kind: 'timer'; readonly until: string | null }
  | {
      readonly kind: 'callback';
      readonly until: string | null;
      /** Of one with `heartbeat`, or that has told how far it is: when the last sign of life came. */
      readonly seenAt?: string;
      readonly progress?: Progress & { readonly at: string };
    }
  | {
      readonly kind: 'approval';
      readonly until: string | null;
      readonly assignees: readonly string[];
      readonly quorum: number;
      readonly schema: JsonObject | null;
      readonly decisions: readonly Decision[];
    }
  | {
      readonly kind: 'children';
      readonly until: string | null;
      readonly total: number;
      readonly open: number;
      /** Of a sub-flow: its instance, once it stands. */
      readonly first: string | null;
    };

const TASK_DIGITS = 6;

/** The id of the task that was the `order`-th whose turn came, from 0. */
export function taskIdOf(instance: InstanceId, order: number): string {
  return `${instance}${order.toString(36).padStart(TASK_DIGITS, '0').toUpperCase()}`;
}

/** The instance that a task's id belongs to. */
export function instanceOfTask(id: string): string {
  return id.slice(0, -TASK_DIGITS);
}

/** What the engine did in one durable stroke, as `GET /instances/:id/history` shows it. */
export interface HistoryEvent {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly [field: string]: Json;
}
