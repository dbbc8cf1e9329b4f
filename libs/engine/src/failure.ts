import type { TaskError } from '@flow/operators';
import type { Failure } from './run';

/** A failure that followed another one, which stands at the end of its chain of causes. */
export function withCause(failure: Failure, earlier: Failure | undefined): Failure {
  if (!earlier) return failure;
  return { ...failure, cause: failure.cause ? withCause(failure.cause, earlier) : earlier };
}

export function errorOf(error: unknown): TaskError {
  const code = (error as { code?: unknown } | null)?.code;
  return {
    code: typeof code === 'string' ? code : 'expression.failed',
    message: error instanceof Error ? error.message : String(error),
    retryable: false,
  };
}
