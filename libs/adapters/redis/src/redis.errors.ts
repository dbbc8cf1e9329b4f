import { AppError } from '@flow/kernel';

/**
 * Redis (REDIS_URL) cannot be reached, does not answer in time, or refuses the user or the password. Nothing is lost: what it would have told is found
 * in the stores.
 */
export class RedisUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'redis.unavailable';
  override readonly retryAfterMs = 5_000;
  constructor(
    /** Without user and password. */
    server: string,
    why: unknown,
  ) {
    // Errors of the driver hold the command that failed, and so the password: only what they say is kept.
    super(`Redis at ${server} (REDIS_URL) ${saying(why)}`);
  }
}

/** Redis (REDIS_URL) may throw away keys when its memory is full: set `maxmemory-policy noeviction`. */
export class RedisEvicts extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'redis.evicts';
  constructor(server: string, policy: string) {
    super(
      `Redis at ${server} (REDIS_URL) has the maxmemory-policy ${policy}: when its memory is full it throws away what the queue needs. ` +
        `Set "maxmemory-policy noeviction" in its configuration, and at once by CONFIG SET maxmemory-policy noeviction.`,
    );
  }
}

function saying(why: unknown): string {
  const text = why instanceof Error ? why.message : String(why);
  if (/^(WRONGPASS|NOAUTH|ERR AUTH)|invalid password|NOAUTH/i.test(text))
    return 'refuses the user or the password: put those that it has into REDIS_URL.';
  if (/NOPERM/.test(text)) return `does not permit its user what is needed: ${text}`;
  if (/timed? ?out|ETIMEDOUT/i.test(text)) return 'does not answer in time. Is it there, and is it hanging?';
  return `cannot be used: ${text}.`;
}
