import type { Clock } from '@flow/kernel';
import type { Purge, PurgeReport } from './purge';

/** How often it is looked for instances that are past their retention. */
export const PURGE_SWEEP_MS = 10 * 60 * 1_000;
/** The first look waits until the start and what it took over have settled. */
export const FIRST_PURGE_MS = 60_000;
const STOP_WITHIN_MS = 2_000;

/** Has everything purged that is past its retention, again and again. */
export class PurgeSweep {
  private cancelTimer: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly purge: Purge,
    private readonly clock: Clock,
    private readonly onPass: (report: PurgeReport) => void,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** To be called once, behind the recovery. */
  start(): void {
    this.arm(FIRST_PURGE_MS);
  }

  /** Resolves when nothing of it is under way, or a little later when a store does not answer. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await new Promise<void>((resolve) => {
      const cancelWait = this.clock.after(STOP_WITHIN_MS, resolve);
      void this.purge.stop().then(() => {
        cancelWait();
        resolve();
      });
    });
  }

  private arm(delayMs: number): void {
    if (!this.stopped) this.cancelTimer = this.clock.after(delayMs, () => void this.work());
  }

  private async work(): Promise<void> {
    try {
      this.onPass(await this.purge.run());
    } catch (error) {
      this.onFault(error);
    }
    this.arm(PURGE_SWEEP_MS);
  }
}
