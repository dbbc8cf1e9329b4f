import { durationMs, type Rate } from '@flow/kernel';

/** What happens to a start when all places are taken (docs/limits.md). */
export type OnFull = 'queue' | 'queueOne' | 'reject' | 'cancelOldest' | 'cancelOthers';
export const ON_FULL = [
  'queue',
  'queueOne',
  'reject',
  'cancelOldest',
  'cancelOthers',
] as const satisfies readonly OnFull[];

/** How many instances of a DAG run at once. */
export interface ConcurrencyLimit {
  readonly max: number;
  /** A text with expressions, read once at the start: instances with the same value share `max` places. All of the DAG when absent. */
  readonly key?: string;
  /** `queue` when absent. */
  readonly onFull?: OnFull;
}

/** How many instances of a DAG are started in a time. */
export interface RateLimit {
  readonly max: number;
  /** ISO 8601, or milliseconds. */
  readonly per: string | number;
  /** As of `ConcurrencyLimit`. */
  readonly key?: string;
  /** How many may start at once; `max` when absent. */
  readonly burst?: number;
}

export function rateOf({ max, per, burst = max }: RateLimit): Rate {
  return { max, perMs: typeof per === 'number' ? per : (durationMs(per) ?? 0), burst };
}
