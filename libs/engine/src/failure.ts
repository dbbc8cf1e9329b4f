import type { TaskError } from '@flow/operators';
import type { Failure } from './run';

/** A failure that followed another one. */
export function withCause(failure: Failure, cause: Failure | undefined): Failure {
  return !cause || failure.cause ? failure : { ...failure, cause };
}

export function errorOf(error: unknown): TaskError {
  const code = (error as { code?: unknown } | null)?.code;
  return {
    code: typeof code === 'string' ? code : 'expression.failed',
    message: error instanceof Error ? error.message : String(error),
    retryable: false,
  };
}
