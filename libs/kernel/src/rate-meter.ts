import type { Clock } from './clock';

/** `max` in a time, and `burst` at once: a bucket of `burst` that fills up with `max` per `perMs`. */
export interface Rate {
  readonly max: number;
  readonly perMs: number;
  readonly burst: number;
}

/** `resetMs`: until the bucket is full again. */
export type Metered =
  | { readonly isWithin: true; readonly remaining: number; readonly resetMs: number }
  | { readonly isWithin: false; readonly remaining: 0; readonly resetMs: number; readonly retryAfterMs: number };

/**
 * Buckets by key (GCRA). What a meter forgets lets more through, never less: rates are protection, not truth. When the rate of a key changes it goes
 * on with at most an empty bucket of the new one.
 */
export abstract class RateMeter {
  /** Takes one out of the bucket of this key, unless it is empty. Never waits for long, and never throws. */
  abstract take(key: string, rate: Rate): Metered | Promise<Metered>;

  /** What was taken came to nothing. */
  abstract giveBack(key: string, rate: Rate): void;
}

const MOST_KEYS = 100_000;
/** Sums of fractions of milliseconds. */
const EPSILON_MS = 1e-6;

/**
 * Of each bucket it remembers one number, the moment at which it is full again. All of it is this process's memory: a new meter begins with full buckets,
 * and when there are too many keys the one used longest ago is forgotten. Time is the monotonic one, that nobody sets.
 */
export class MemoryRateMeter extends RateMeter {
  private readonly fullAt = new Map<string, number>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly mostKeys = MOST_KEYS,
  ) {
    super();
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.fullAt.size;
  }

  override take(key: string, { max, perMs, burst }: Rate): Metered {
    const now = this.clock.monotonicMs();
    const interval = perMs / max;
    const whole = interval * burst;
    const fullAt = Math.min(Math.max(now, this.fullAt.get(key) ?? now), now + whole);
    const next = fullAt + interval;
    const overMs = next - now - whole;
    if (overMs > EPSILON_MS) return { isWithin: false, remaining: 0, resetMs: fullAt - now, retryAfterMs: overMs };
    this.remember(key, next, now);
    const remaining = Math.floor((whole - (next - now) + EPSILON_MS) / interval);
    return { isWithin: true, remaining, resetMs: next - now };
  }

  override giveBack(key: string, { max, perMs }: Rate): void {
    const fullAt = this.fullAt.get(key);
    if (fullAt !== undefined) this.fullAt.set(key, fullAt - perMs / max);
  }

  /** Keys stand in the order in which they were used last. */
  private remember(key: string, fullAt: number, now: number): void {
    this.fullAt.delete(key);
    this.fullAt.set(key, fullAt);
    for (const [oldest, at] of this.fullAt) {
      if (at > now && this.fullAt.size <= this.mostKeys) return;
      this.fullAt.delete(oldest);
    }
  }
}
