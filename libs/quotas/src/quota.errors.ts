import { AppError } from '@flow/kernel';

/** A token or a business domain uses as much as it may (requests in a minute, instances that have not ended). */
export class QuotaExceeded extends AppError {
  readonly kind = 'limited';
  readonly code = 'quota.exceeded';
  /** `what` in words: `instances that have not ended in this business domain`. */
  constructor(
    what: string,
    limit: number,
    override readonly retryAfterMs: number,
  ) {
    super(`The quota of ${limit} ${what} is used up; try again later.`, { limit });
  }
}
