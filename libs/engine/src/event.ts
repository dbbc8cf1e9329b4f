import type { Json, JsonObject } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import type { Evaluation } from './evaluation';
import type { SecretText } from './parameters';
import type { Failure, Progress, RunStart, TaskState } from './run';
import type { ActionStep, SubflowStep } from './plan';

/** What happens to a run. These are what the log keeps: folded again in order they give the same state. `at` is milliseconds since 1970. */
export type RunEvent =
  /** Accepted. `queued`: it begins when it is its turn (`begun`); otherwise it begins at once. */
  | ({ readonly type: 'started'; readonly queued?: true } & RunStart)
  | { readonly type: 'begun'; readonly at: number }
  /** Written before the first call of an operator that may change the world: the call can be repeated with the same bytes. */
  | {
      readonly type: 'invoked';
      readonly path: string;
      readonly at: number;
      readonly parameters: JsonObject;
      readonly secrets?: readonly SecretText[];
    }
  | {
      readonly type: 'succeeded';
      readonly path: string;
      readonly attempt: number;
      readonly at: number;
      readonly output: Json;
    }
  /** A call failed. `chance` in [0, 1) spreads the pause before the next attempt. */
  | {
      readonly type: 'failed';
      readonly path: string;
      readonly attempt: number;
      readonly at: number;
      readonly error: TaskError;
      readonly chance: number;
    }
  /** A call was taken and its answer comes by the task's callback. */
  | { readonly type: 'deferred'; readonly path: string; readonly attempt: number; readonly at: number }
  /** A pause before an attempt, or the time of a wait, is over. */
  | { readonly type: 'woken'; readonly path: string; readonly at: number }
  /** A running call was given up: it did not end after its abort. */
  | { readonly type: 'abandoned'; readonly path: string; readonly at: number }
  | {
      readonly type: 'answered';
      readonly path: string;
      readonly attempt: number;
      readonly at: number;
      readonly body: Json;
      /** Who answered in the place of the other side, when somebody did. */
      readonly by?: string;
      /** The other side has failed: so does the step, and no attempt follows. */
      readonly failure?: { readonly code: string; readonly message: string };
    }
  /** A sign of life of the side that is to answer, and maybe how far it has come. */
  | {
      readonly type: 'progressed';
      readonly path: string;
      readonly attempt: number;
      readonly at: number;
      readonly progress: Progress;
    }
  | {
      readonly type: 'decided';
      readonly path: string;
      readonly attempt: number;
      readonly at: number;
      readonly by: string;
      readonly decision: 'approved' | 'rejected';
      readonly data: Json;
    }
  | {
      readonly type: 'childStarted';
      readonly path: string;
      readonly attempt: number;
      readonly index: number;
      readonly at: number;
      readonly child: string;
    }
  /** Also of a child that could not be started: then it never stood. */
  | {
      readonly type: 'childEnded';
      readonly path: string;
      readonly attempt: number;
      readonly index: number;
      readonly at: number;
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly result: Json;
      readonly failure: Failure | null;
    }
  /** What expressions came to that looked into large values. */
  | { readonly type: 'evaluated'; readonly of: Evaluation; readonly at: number; readonly values: readonly Json[] }
  | { readonly type: 'evaluated'; readonly of: Evaluation; readonly at: number; readonly error: TaskError }
  | {
      readonly type: 'cancelled';
      readonly at: number;
      readonly by: string;
      readonly reason: string | null;
      readonly compensate?: boolean;
    }
  /** The instance's own time is over: that of its run, or, when it has not begun, that for its start. */
  | { readonly type: 'expired'; readonly at: number }
  /** What a cancel or the end of the instance's time has left running for a minute is given up. */
  | { readonly type: 'forced'; readonly at: number }
  | { readonly type: 'paused'; readonly at: number; readonly by: string }
  | { readonly type: 'resumed'; readonly at: number; readonly by: string }
  /** The debugger lets one held step begin. */
  | { readonly type: 'stepped'; readonly at: number; readonly by: string }
  /** A worker died while it held this run, and another took over. */
  | { readonly type: 'recovered'; readonly at: number };

/** What the runner has to do next. Commands can be asked for again from a state alone (`outstanding`). */
export type Command =
  | { readonly kind: 'invoke'; readonly task: TaskState; readonly step: ActionStep }
  /** Work it out (`evaluate`) with what is large opened, and feed `evaluated`. */
  | { readonly kind: 'evaluate'; readonly of: Evaluation }
  | { readonly kind: 'wake'; readonly path: string; readonly at: number }
  | { readonly kind: 'abort'; readonly path: string }
  | { readonly kind: 'startChild'; readonly task: TaskState; readonly step: SubflowStep; readonly index: number }
  | { readonly kind: 'cancelChild'; readonly path: string; readonly attempt: number; readonly index: number }
  /** Feed `forced` then, unless the run is over. */
  | { readonly kind: 'force'; readonly at: number };

/** What the child of a sub-flow step is started with. */
export interface ChildRequest {
  readonly dagId: string;
  readonly version: string | undefined;
  readonly data: JsonObject;
  readonly wait: boolean;
}
