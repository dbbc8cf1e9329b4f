import type { Clock } from '@flow/kernel';
import { Repeated } from '@flow/platform';
import type { Purge, PurgeReport } from './purge';

/** How often it is looked for instances that are past their retention. */
export const PURGE_SWEEP_MS = 10 * 60 * 1_000;
/** The first look waits until the start and what it took over have settled. */
export const FIRST_PURGE_MS = 60_000;

/** Has everything purged that is past its retention, again and again. */
export class PurgeSweep extends Repeated {
  constructor(purge: Purge, clock: Clock, onPass: (report: PurgeReport) => void, onFault: (error: unknown) => void) {
    const delays = { firstMs: FIRST_PURGE_MS, everyMs: PURGE_SWEEP_MS };
    const work = async () => onPass(await purge.run());
    super(clock, delays, work, onFault, () => purge.stop());
  }
}
