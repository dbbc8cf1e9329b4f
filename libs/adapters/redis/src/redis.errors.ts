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

/** REDIS_URL names a user, a password or a database that this Redis does not take: no waiting mends that. */
export class RedisMisconfigured extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'redis.misconfigured';
  constructor(server: string, why: unknown) {
    super(`Redis at ${server} (REDIS_URL) ${saying(why)}`);
  }
}

/** Keys of another installation stand under REDIS_PREFIX: its hints and queues would be taken for ours. */
export class RedisOfAnotherInstallation extends AppError {
  readonly kind = 'conflict';
  readonly code = 'redis.another_installation';
  constructor(server: string, found: string, key: string) {
    super(
      `Redis at ${server} (REDIS_URL) is used by another installation, ${found}, under the same names. Take another database number in REDIS_URL (redis://host:6379/1) or another REDIS_PREFIX; if that installation is gone, DEL ${key}.`,
      { found },
    );
  }
}

const REFUSED_LOGIN = /^(WRONGPASS|NOAUTH|ERR AUTH)|invalid password|NOAUTH/i;
const NO_RIGHT = /NOPERM/;
const NO_DATABASE = /DB index is out of range|invalid DB index/i;

export function isMisconfigured(why: unknown): boolean {
  const text = textOf(why);
  return [REFUSED_LOGIN, NO_RIGHT, NO_DATABASE].some((pattern) => pattern.test(text));
}

const textOf = (why: unknown): string => (why instanceof Error ? why.message : String(why));

function saying(why: unknown): string {
  const text = textOf(why);
  if (REFUSED_LOGIN.test(text)) return 'refuses the user or the password: put those that it has into REDIS_URL.';
  if (NO_DATABASE.test(text)) return 'has no such database: correct the number behind the host in REDIS_URL.';
  if (/^OOM/.test(text)) return 'has no memory left: raise its maxmemory, or see what fills it.';
  if (/^READONLY/.test(text)) return 'is a replica, which takes no writes: let REDIS_URL name the master.';
  if (NO_RIGHT.test(text)) return `does not permit its user what is needed: ${text}`;
  if (/timed? ?out|ETIMEDOUT/i.test(text)) return 'does not answer in time. Is it there, and is it hanging?';
  if (
    /isn't writeable|max retries per request|connection is closed|was closed|ECONNREFUSED|ECONNRESET|ENOTFOUND/i.test(
      text,
    )
  )
    return `cannot be reached (${text}). Is it running, and are host and port right?`;
  return `cannot be used: ${text}.`;
}
