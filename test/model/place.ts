import type { Json, JsonObject } from '@flow/kernel';
import { bodiesOf, type Step } from '@flow/operators';

/** Why a step or an instance failed, as the page tells it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stepId: string | null;
  readonly path: string | null;
  readonly attempt: number | null;
  readonly output?: Json;
  readonly cause?: Failure;
}

/** A failure that came after another: at the end of its own causes the earlier one stands. */
export function after(failure: Failure, earlier: Failure | undefined): Failure {
  if (!earlier) return failure;
  return { ...failure, cause: failure.cause ? after(failure.cause, earlier) : earlier };
}

/** What a step's run, or a body, came to. `stopped`: not complete, because of something around it. `left`: by return, break or continue from within. */
export type Result =
  | { readonly kind: 'done'; readonly output: Json }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'left' }
  | { readonly kind: 'stopped' };

export type Slot = 'dag' | 'branch' | 'iteration' | 'steps' | 'catch' | 'finally' | 'onError' | 'undo';

/** What a task waits for from outside the run. */
export type Outside =
  | { readonly kind: 'call'; outcome?: CallOutcome }
  | { readonly kind: 'pause'; over: boolean }
  | { readonly kind: 'timer'; over: boolean; readonly until: number }
  | {
      readonly kind: 'callback';
      over: boolean;
      answer?: Answer;
      readonly since: number;
      seenAt: number;
      overAt: number;
    }
  | {
      readonly kind: 'approval';
      over: boolean;
      readonly assignees: readonly string[];
      readonly quorum: number;
      readonly decisions: { by: string; decision: 'approved' | 'rejected'; at: string; data: Json }[];
    }
  | {
      readonly kind: 'children';
      over: boolean;
      readonly children: Child[];
      readonly wait: boolean;
    };

export type CallOutcome =
  | { readonly kind: 'succeeded'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: CallError }
  | { readonly kind: 'abandoned' };

export interface CallError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly output?: Json;
}

export interface Answer {
  readonly body: Json;
  readonly at: number;
}

export interface Child {
  id?: string;
  ended?: {
    readonly status: 'succeeded' | 'failed' | 'cancelled';
    readonly result: Json;
    readonly failure: Failure | null;
  };
}

export interface World {
  /** A cancel or the end of the instance's time, a minute later. */
  readonly forced: boolean;
}

/** A body of steps at one place of a run. Whether anything may start in it is asked anew each time, never noted down. */
export class Place {
  readonly tasks: (Task | undefined)[];
  /** Its own reason not to go on. */
  halt?: { readonly kind: 'failed'; readonly failure: Failure } | { readonly kind: 'exit' | 'stop' };
  /** Halted, and what runs is stopped too. */
  abort = false;
  result?: Result;
  /** Of an iteration. */
  readonly value?: Json;
  /** What `{{error}}` reads. */
  readonly error?: Failure;
  /** What `{{completed}}` reads. */
  readonly completed?: JsonObject;

  constructor(
    readonly world: World,
    readonly slot: Slot,
    readonly path: string,
    readonly steps: readonly Step[],
    readonly owner: Task | undefined,
    /** Of an iteration its number, of a branch its place. */
    readonly index = 0,
    about: { value?: Json; error?: Failure; completed?: JsonObject } = {},
  ) {
    Object.assign(this, about);
    this.tasks = steps.map(() => undefined);
  }

  /** Nothing new starts here: because of itself, or of anything around it up to the next `finally`. */
  isHalted(): boolean {
    return this.halt !== undefined || this.forced || (this.around?.isHalted() ?? false);
  }

  /** What runs here is to stop. */
  isAborted(): boolean {
    return this.abort || this.forced || (this.around?.isAborted() ?? false);
  }

  stop(how: { abort: boolean }): void {
    this.halt ??= { kind: 'stop' };
    if (how.abort) this.abort = true;
  }

  exit(): void {
    if (this.halt?.kind !== 'failed') this.halt = { kind: 'exit' };
    this.abort = true;
  }

  /** The bodies around it whose halts reach it: a `finally` and an `undo` are shielded. */
  private get around(): Place | undefined {
    return this.slot === 'finally' || this.slot === 'undo' ? undefined : this.owner?.body;
  }

  private get forced(): boolean {
    return this.world.forced && !this.undoing;
  }

  private get undoing(): boolean {
    return this.slot === 'undo' || (this.owner?.body.undoing ?? false);
  }
}

/** A step at one place of a run, from its turn on. */
export class Task {
  phase: 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled' = 'running';
  attempt = 1;
  parameters: JsonObject = {};
  output: Json = null;
  failure?: Failure;
  handled = false;
  outside?: Outside;
  /** How often a worker died with this task's call under way. */
  recoveries = 0;
  /** The bodies that were begun in it, in order. */
  readonly places: Place[] = [];
  /** Of a loop: a `break` was met. */
  broken = false;
  /** Left from within, by a `return`, `break` or `continue`. */
  left = false;
  readonly path: string;

  constructor(
    readonly step: Step,
    readonly body: Place,
  ) {
    this.path = pathIn(body, step.id);
  }

  get isOver(): boolean {
    return !['running', 'retrying', 'waiting'].includes(this.phase);
  }

  /** What needs it can have its turn. */
  get isDone(): boolean {
    return this.phase === 'succeeded' || this.phase === 'skipped' || (this.phase === 'failed' && this.handled);
  }
}

export function pathIn(body: Place, stepId: string): string {
  const id = encodeURIComponent(stepId);
  return body.path === '' ? id : `${body.path}/${id}`;
}

/** Whether the step with this id stands somewhere within this one (an undo is outside: nothing reads it). */
export function holds(step: Step, id: string): boolean {
  return bodiesOf(step).some(
    (body) => body.kind !== 'undo' && body.steps.some((inner) => inner.id === id || holds(inner, id)),
  );
}
