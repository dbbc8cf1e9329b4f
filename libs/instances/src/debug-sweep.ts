import type { Clock } from '@flow/kernel';
import type { BlobStore } from '@flow/platform';
import type { InstanceStore } from './instance.store';
import type { Runner } from './runner';
import type { TaskLog } from './task-log.store';
import type { TaskLogWriter } from './task-log.writer';

/** How often it is looked for debug runs whose time is over, while there are any. */
export const DEBUG_SWEEP_MS = 10_000;
/** An expired run stands for this long after its time: its cancel may take a while, and its last lines come late. */
export const DEBUG_GRACE_MS = 60_000;
const PURGED_AT_ONCE = 20;
const STOP_WITHIN_MS = 2_000;

/** Ends debug runs whose time is over, and removes all that they left. */
export class DebugSweep {
  private cancelTimer: (() => void) | undefined;
  private stopped = false;
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly runner: Runner,
    private readonly store: InstanceStore,
    private readonly taskLog: TaskLog,
    private readonly lines: TaskLogWriter,
    private readonly blobs: BlobStore,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** To be called when a debug run may stand: sweeps until there is none. */
  readonly arm = (): void => {
    if (this.stopped) return;
    this.cancelTimer ??= this.clock.after(DEBUG_SWEEP_MS, () => {
      this.underWay = this.work();
    });
  };

  /** Resolves when nothing of it is under way, or a little later when a store does not answer. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await new Promise<void>((resolve) => {
      const cancelWait = this.clock.after(STOP_WITHIN_MS, resolve);
      void this.underWay.then(() => {
        cancelWait();
        resolve();
      });
    });
  }

  /** The end of the sweep that is under way, if one is. */
  get over(): Promise<void> {
    return this.underWay;
  }

  private async work(): Promise<void> {
    this.cancelTimer = undefined;
    let more = true;
    try {
      await this.sweep();
      // Where processes share the store, another may start one at any time.
      more = this.runner.mail !== undefined || (await this.store.hasDebugRuns());
    } catch (error) {
      this.onFault(error);
    }
    if (more) this.arm();
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now();
    const reason = 'The time of this debug run is over.';
    for (const { id, debug } of [...this.runner.heldDebugRuns()])
      if (Date.parse(debug.expiresAt) <= now.getTime() && this.runner.peek(id)?.state.forceAt === undefined)
        await this.runner.tell(id, (at) => ({ type: 'cancelled', at, by: 'system', reason }));
    const before = new Date(now.getTime() - DEBUG_GRACE_MS);
    for (;;) {
      // A run of which rows are still to be written would come again.
      await this.runner.projector.caughtUp();
      const ended = await this.store.endedDebugRuns(before, PURGED_AT_ONCE);
      if (ended.length === 0) return;
      for (const { id, domain } of ended) await this.blobs.release({ domain, owner: id });
      const ids = ended.map(({ id }) => id);
      await this.lines.caughtUp();
      while (!(await this.taskLog.purge(ids))) await new Promise<void>((resolve) => setImmediate(resolve));
      this.lines.forget(ids);
      await this.store.purgeDebugRuns(ids);
      if (this.stopped) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
