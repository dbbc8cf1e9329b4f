import type { Clock } from '@flow/kernel';
import type { DagListener, DagOutbox } from './dag-outbox';

/** What other processes have left is found within it. */
export const LOOK_FOR_FACTS_MS = 5_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const FACTS_A_READ = 200;

/**
 * Brings facts from the outbox to all listeners, and settles them when each has taken them. Any number of processes do so on one outbox: a fact that two of
 * them have found comes twice, and none is lost with a process. A listener that fails holds up the others until it has taken what came to it.
 */
export class DagRelay {
  private isOn = false;
  private running: Promise<void> | undefined;
  private again = false;
  private failures = 0;
  private cancelLook: () => void = () => undefined;

  constructor(
    private readonly outbox: DagOutbox,
    private readonly listeners: readonly DagListener[],
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Begins with what earlier processes have left. */
  start(): void {
    this.isOn = true;
    this.outbox.listen(() => {
      if (this.failures === 0) this.look();
    });
    this.look();
  }

  /** Ends after what is under way: the rest is found by the next start, or by other processes. */
  async stop(): Promise<void> {
    this.isOn = false;
    this.cancelLook();
    await this.running;
  }

  private look(): void {
    if (!this.isOn) return;
    this.cancelLook();
    if (this.running) this.again = true;
    else
      this.running = this.work().finally(() => {
        this.running = undefined;
      });
  }

  private async work(): Promise<void> {
    try {
      do {
        this.again = false;
        while (this.isOn && (await this.bringSome()));
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- `look` sets it meanwhile
      } while (this.again && this.isOn);
      this.failures = 0;
      this.lookIn(LOOK_FOR_FACTS_MS);
    } catch (error) {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
      this.failures += 1;
      this.onFault(error);
      this.lookIn(pauseMs);
    }
  }

  private lookIn(delayMs: number): void {
    if (this.isOn) this.cancelLook = this.clock.after(delayMs, () => this.look());
  }

  /** Whether there may be more. */
  private async bringSome(): Promise<boolean> {
    const facts = await this.outbox.waiting(FACTS_A_READ);
    if (facts.length === 0) return false;
    for (const listener of this.listeners) await listener.hear(facts);
    await this.outbox.settle(facts);
    return true;
  }
}
