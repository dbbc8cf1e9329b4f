import type { Json } from '@flow/kernel';
import type { CallError, Failure } from './place';

interface At {
  readonly at: number;
}

interface AtTask extends At {
  readonly path: string;
}

interface AtAttempt extends AtTask {
  readonly attempt: number;
}

/** What happens to one task; whatever does not fit its present state is stale. */
export type TaskHappening =
  | (AtAttempt & { readonly type: 'succeeded'; readonly output: Json })
  | (AtAttempt & { readonly type: 'failed'; readonly error: CallError; readonly chance: number })
  | (AtTask & { readonly type: 'woken' | 'abandoned' })
  | (AtAttempt & {
      readonly type: 'decided';
      readonly by: string;
      readonly decision: 'approved' | 'rejected';
      readonly data: Json;
    })
  | (AtAttempt & { readonly type: 'childStarted'; readonly index: number; readonly child: string })
  | (AtAttempt & {
      readonly type: 'childEnded';
      readonly index: number;
      readonly status: 'succeeded' | 'failed' | 'cancelled';
      readonly result: Json;
      readonly failure: Failure | null;
    });

export type Progressed = AtAttempt & { readonly type: 'progressed'; readonly progress: { readonly percent?: number } };

export type Answered = AtAttempt & { readonly type: 'answered'; readonly body: Json };

/** What can happen to a run from outside, in the words that the engine takes. */
export type Happening =
  | TaskHappening
  | Answered
  | Progressed
  | (At & {
      readonly type: 'cancelled';
      readonly by: string;
      readonly reason: string | null;
      readonly compensate?: boolean;
    })
  | (At & { readonly type: 'expired' | 'forced' | 'recovered' })
  | (At & { readonly type: 'paused' | 'resumed'; readonly by: string });
