import type { Json, JsonObject } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import type { SecretText } from './parameters';
import type { RunStart, TaskState } from './run';
import type { PlanStep } from './plan';

/** What happens to a run. These are what the log keeps: folded again in order they give the same state. `at` is milliseconds since 1970. */
export type RunEvent =
  | ({ readonly type: 'started' } & RunStart)
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
  /** `chance` in [0, 1) spreads the pause before the next attempt. */
  | {
      readonly type: 'failed';
      readonly path: string;
      readonly attempt: number;
      readonly at: number;
      readonly error: TaskError;
      readonly chance: number;
    }
  /** The pause before the next attempt is over. */
  | { readonly type: 'woken'; readonly path: string; readonly at: number }
  /** A running call was given up: it did not end after its abort. */
  | { readonly type: 'abandoned'; readonly path: string; readonly at: number }
  | { readonly type: 'cancelled'; readonly at: number; readonly by: string; readonly reason: string | null }
  /** The instance's own time is over. */
  | { readonly type: 'expired'; readonly at: number }
  /** A worker died while it held this run, and another took over. */
  | { readonly type: 'recovered'; readonly at: number };

/** What the runner has to do next. Commands can be asked for again from a state alone (`outstanding`). */
export type Command =
  | { readonly kind: 'invoke'; readonly task: TaskState; readonly step: PlanStep & { readonly kind: 'action' } }
  | { readonly kind: 'wake'; readonly path: string; readonly at: number }
  | { readonly kind: 'abort'; readonly path: string };
