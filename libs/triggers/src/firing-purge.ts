import type { Clock } from '@flow/kernel';
import { Repeated } from '@flow/platform';
import type { FiringStore } from './firing.store';

/** How long what triggers decided is kept, and with it what deduplicates; dead letters stay until somebody has decided of them. */
export const FIRINGS_KEPT_MS = 30 * 24 * 3_600_000;
const DELAYS = { firstMs: 10 * 60_000, everyMs: 3_600_000 };
const A_STEP = 1_000;

/** Removes firings that ended long ago, a few at a time, every hour. */
export class FiringPurge extends Repeated {
  constructor(store: FiringStore, clock: Clock, onFault: (error: unknown) => void) {
    const purge = async (isStopped: () => boolean) => {
      const before = new Date(clock.now().getTime() - FIRINGS_KEPT_MS);
      while (!isStopped() && (await store.purge(before, A_STEP)) === A_STEP);
    };
    super(clock, DELAYS, purge, onFault);
  }
}
