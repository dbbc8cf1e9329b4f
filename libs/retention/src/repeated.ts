import type { Clock } from '@flow/kernel';

const STOP_WITHIN_MS = 2_000;

/** Work that is done again and again, each time when the one before is over. What it throws is told, and does not end it. */
export class Repeated {
  private cancelTimer: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly delays: { readonly firstMs: number; readonly everyMs: number },
    private readonly work: () => Promise<void>,
    /** Ends what is under way behind the step that it is at; resolves when it has ended. */
    private readonly halt: () => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** To be called once, behind the recovery. */
  start(): void {
    this.arm(this.delays.firstMs);
  }

  /** Resolves when nothing of it is under way, or a little later when a store does not answer. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await new Promise<void>((resolve) => {
      const cancelWait = this.clock.after(STOP_WITHIN_MS, resolve);
      void this.halt().then(() => {
        cancelWait();
        resolve();
      });
    });
  }

  private arm(delayMs: number): void {
    if (!this.stopped) this.cancelTimer = this.clock.after(delayMs, () => void this.once());
  }

  private async once(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.onFault(error);
    }
    this.arm(this.delays.everyMs);
  }
}
