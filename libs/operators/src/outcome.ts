import type { Json } from '@flow/kernel';

/** Why a step failed, as data: shown to people, read by `{{__id.error}}`, decided on by the retry policy. */
export interface TaskError {
  /** Stable, `noun.fact`. */
  readonly code: string;
  readonly message: string;
  /** Whether another attempt may succeed. Faults of the request (validation, permission, most 4xx) never are. */
  readonly retryable: boolean;
  /** The earliest moment that the other side wants to be asked again (Retry-After). */
  readonly retryAfterMs?: number;
  /** What came back all the same, for example the status and body of a refused HTTP request. */
  readonly output?: Json;
}

/** What a call of an operator came to. A value, never an exception: an operator that throws has a bug. */
export type Outcome =
  | { readonly kind: 'done'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: TaskError }
  /** Taken by the other side, whose answer will come to the step's callback address. */
  | { readonly kind: 'deferred' };

export function done(output: Json): Outcome {
  return { kind: 'done', output };
}

/** A failure that another attempt cannot mend. */
export function failed(code: string, message: string, output?: Json): Outcome {
  return { kind: 'failed', error: { code, message, retryable: false, ...(output !== undefined && { output }) } };
}

/** A failure that may pass by itself. */
export function failedForNow(
  code: string,
  message: string,
  extra: { retryAfterMs?: number; output?: Json } = {},
): Outcome {
  return { kind: 'failed', error: { code, message, retryable: true, ...extra } };
}
