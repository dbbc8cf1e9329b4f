const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first, second ... attempt; about a day in all. */
const PAUSES_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
  10 * HOUR,
] as const;

export const MOST_ATTEMPTS = PAUSES_MS.length + 1;
/** Each pause is spread by so much of itself in both directions. */
export const JITTER = 0.2;
/** A receiver that asks for more waits no longer than this. */
export const LONGEST_RETRY_AFTER_MS = 24 * HOUR;

/** Milliseconds until the next attempt when this one (from 1) failed; undefined when it was the last. `fraction` is chance, in [0, 1). */
export function pauseAfter(attempt: number, fraction: number, retryAfterMs = 0): number | undefined {
  const pauseMs = PAUSES_MS[attempt - 1];
  if (pauseMs === undefined) return undefined;
  const spread = pauseMs * (1 - JITTER + 2 * JITTER * fraction);
  return Math.round(Math.max(spread, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS)));
}

/** What a Retry-After header asks for: seconds or an HTTP date. Nothing that makes sense is no wish. */
export function retryAfterMs(header: string | undefined, now: Date): number {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? 0 : Math.max(0, at - now.getTime());
}
