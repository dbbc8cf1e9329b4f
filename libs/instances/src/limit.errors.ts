import { AppError, type DagId } from '@flow/kernel';

/** All slots of the DAG are taken, and its `onFull` is `reject`. */
export class ConcurrencyFull extends AppError {
  readonly kind = 'conflict';
  readonly code = 'concurrency.full';
  constructor(id: DagId, max: number, key: string) {
    const shared = key === '' ? '' : ` for the key ${key}`;
    super(`${max} instances of the DAG ${id} run${shared}, which is as many as may at once.`, { id, max, key });
  }
}

/** More starts of a DAG than its `rateLimit` lets through. */
export class RateLimited extends AppError {
  readonly kind = 'limited';
  readonly code = 'rate.limited';
  constructor(
    id: DagId,
    override readonly retryAfterMs: number,
  ) {
    super(`The DAG ${id} is started more often than its rate limit lets through; try again later.`, { id });
  }
}

/** The key of a limit could not be worked out for what a start brings. */
export class LimitKeyFailed extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'limit.key_failed';
  constructor(field: 'concurrency' | 'rateLimit', cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`The key of "${field}" could not be worked out: ${why}`, { field }, { cause });
  }
}
