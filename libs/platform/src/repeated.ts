import type { Clock } from '@flow/kernel';

const STOP_WITHIN_MS = 2_000;

/** Work that is done again and again, each time when the one before is over. What it throws is told, and does not end it. */
export class Repeated {
  private cancelTimer: (() => void) | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly delays: { readonly firstMs: number; readonly everyMs: number },
    /** Ends behind the step that it is at when it is to stop. */
    private readonly work: (isStopped: () => boolean) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
    /** Says so to what is asked by others too; resolves when it has ended. */
    private readonly halt: () => Promise<void> = () => Promise.resolve(),
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
      void Promise.all([this.halt(), this.running]).then(() => {
        cancelWait();
        resolve();
      });
    });
  }

  private arm(delayMs: number): void {
    if (!this.stopped)
      this.cancelTimer = this.clock.after(delayMs, () => {
        this.running = this.once();
      });
  }

  private async once(): Promise<void> {
    try {
      await this.work(() => this.stopped);
    } catch (error) {
      this.onFault(error);
    }
    this.arm(this.delays.everyMs);
  }
}
