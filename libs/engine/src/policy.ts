import type { Step, StepSettings } from '@flow/operators';

/** How often and how long a step is tried. */
export interface AttemptPolicy {
  /** Retries after the first attempt. */
  readonly maxRetries: number;
  readonly delayMs: number;
  readonly exponential: boolean;
  readonly maxDelayMs: number;
  readonly jitter: boolean;
  readonly on: ReadonlySet<string> | undefined;
  /** Infinity when nothing bounds it. */
  readonly attemptTimeoutMs: number;
  readonly totalTimeoutMs: number | undefined;
  /** How long an answer is waited for that comes by a callback. */
  readonly answerTimeoutMs: number;
}

const ANSWER_TIMEOUT_MS = 24 * 60 * 60 * 1000;

type Retry = NonNullable<StepSettings['retry']>;
const DEFAULT_RETRIES: Retry = { max: 2, delay: 1, backoff: 'exponential', jitter: true };
const NO_RETRIES: Retry = { max: 0 };
const DEFAULT_MAX_DELAY_S = 60;

/** A step's own settings, else the house's: what can be repeated safely gets two retries, a write none. */
export function policyOf({ settings }: Step, repeatable: boolean, timeoutMs = Infinity): AttemptPolicy {
  const retry = settings?.retry ?? (repeatable ? DEFAULT_RETRIES : NO_RETRIES);
  const delayMs = (retry.delay ?? 1) * 1000;
  return {
    maxRetries: retry.max,
    delayMs,
    exponential: retry.backoff === 'exponential',
    maxDelayMs: Math.max(delayMs, (retry.maxDelay ?? DEFAULT_MAX_DELAY_S) * 1000),
    jitter: retry.jitter ?? retry.backoff === 'exponential',
    on: retry.on && new Set(retry.on),
    attemptTimeoutMs: settings?.timeout?.delay === undefined ? timeoutMs : settings.timeout.delay * 1000,
    answerTimeoutMs: settings?.timeout?.delay === undefined ? ANSWER_TIMEOUT_MS : settings.timeout.delay * 1000,
    totalTimeoutMs: settings?.timeout?.total === undefined ? undefined : settings.timeout.total * 1000,
  };
}

/**
 * Milliseconds until the next attempt, or undefined when there is none: the error may not pass by itself, or the retries are used up.
 * `chance` in [0, 1) spreads the pause over its upper half.
 */
export function retryDelayMs(
  policy: AttemptPolicy,
  attempt: number,
  error: { readonly code: string; readonly retryable: boolean; readonly retryAfterMs?: number },
  chance: number,
): number | undefined {
  if (!error.retryable || attempt > policy.maxRetries || (policy.on && !policy.on.has(error.code))) return undefined;
  const grown = policy.exponential ? policy.delayMs * 2 ** Math.min(attempt - 1, 30) : policy.delayMs;
  const capped = Math.min(grown, policy.maxDelayMs);
  const spread = policy.jitter ? capped * (0.5 + chance / 2) : capped;
  return Math.max(Math.round(spread), error.retryAfterMs ?? 0);
}
