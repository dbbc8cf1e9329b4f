import type { Clock } from '@flow/kernel';
import type { InstanceStore } from './instance.store';
import type { Runner } from './runner';
import type { TaskLog } from './task-log.store';
import type { TaskLogWriter } from './task-log.writer';

/** How often it is looked for debug runs whose time is over, while there are any. */
export const DEBUG_SWEEP_MS = 10_000;
/** An expired run stands for this long after its time: its cancel may take a while, and its last lines come late. */
export const DEBUG_GRACE_MS = 60_000;
const PURGED_AT_ONCE = 20;

/** Ends debug runs whose time is over, and removes all that they left. */
export class DebugSweep {
  private cancelTimer: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly runner: Runner,
    private readonly store: InstanceStore,
    private readonly taskLog: TaskLog,
    private readonly lines: TaskLogWriter,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** To be called when a debug run may stand: sweeps until there is none. */
  readonly arm = (): void => {
    if (!this.stopped) this.cancelTimer ??= this.clock.after(DEBUG_SWEEP_MS, () => void this.work());
  };

  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
  }

  private async work(): Promise<void> {
    this.cancelTimer = undefined;
    let more = true;
    try {
      await this.sweep();
      more = await this.store.hasDebugRuns();
    } catch (error) {
      this.onFault(error);
    }
    if (more) this.arm();
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now();
    const reason = 'The time of this debug run is over.';
    for (const { id, debug } of [...this.runner.heldDebugRuns()])
      if (Date.parse(debug.expiresAt) <= now.getTime())
        await this.runner.tell(id, (at) => ({ type: 'cancelled', at, by: 'system', reason }));
    const before = new Date(now.getTime() - DEBUG_GRACE_MS);
    for (;;) {
      // A run of which rows are still to be written would come again.
      await this.runner.projector.caughtUp();
      const ids = await this.store.endedDebugRuns(before, PURGED_AT_ONCE);
      if (ids.length === 0) return;
      await this.lines.caughtUp();
      await this.taskLog.purge(ids);
      this.lines.forget(ids);
      await this.store.purgeDebugRuns(ids);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
