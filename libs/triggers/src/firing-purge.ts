import type { Clock } from '@flow/kernel';
import type { FiringStore } from './firing.store';

/** How long what triggers decided is kept, and with it what deduplicates; dead letters stay until somebody has decided of them. */
export const FIRINGS_KEPT_MS = 30 * 24 * 3_600_000;
const EVERY_MS = 3_600_000;
const A_STEP = 1_000;

/** Removes firings that ended long ago, a few at a time, every hour. */
export class FiringPurge {
  private cancel: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly store: FiringStore,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    this.cancel = this.clock.after(EVERY_MS, () => {
      this.running = this.purge().finally(() => !this.isStopped && this.start());
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.running;
  }

  /** Never rejects. */
  private async purge(): Promise<void> {
    try {
      const before = new Date(this.clock.now().getTime() - FIRINGS_KEPT_MS);
      while (!this.isStopped && (await this.store.purge(before, A_STEP)) === A_STEP);
    } catch (error) {
      this.onFault(error);
    }
  }
}
