import type { Clock, InstanceId, WorkerId } from '@flow/kernel';
import type { Holding, InstanceStore } from './instance.store';
import type { OutboxRelay } from './outbox.relay';
import type { RunInbox } from './run-inbox';
import type { Runner } from './runner';
import type { WorkerLog } from './worker-log';

/** Where one process has the store nothing of this is expected to be found. */
export const RECONCILE_ALONE_MS = 60_000;
/** Among other workers claims and wishes may get lost: this sweep is part of how they are found. */
export const RECONCILE_SHARED_MS = 5_000;
const INBOXES_A_READ = 200;

/** What a sweep can find, and what it does about it. */
export const FINDINGS = [
  'unheld', // a live instance whose header names this worker, which does not hold it: claimed again
  'orphaned', // a live instance whose header names a worker that is closed or unknown: claimed
  'overdue', // a parked instance whose time was over seconds ago: taken up
  'unsettled', // an instance in whose inbox something stood at the sweep before too: acted on, or its holder is rung
  'undelivered', // a message that stood at the sweep before too and is not on its way: sent
  'owned_end', // an ended instance whose header still names a worker: names nobody any more
] as const;
export type Finding = (typeof FINDINGS)[number];
export type Findings = Readonly<Record<Finding, number>>;

/**
 * Nothing is ever stuck: a sweep looks at what the store says of live instances and compares it with what this process does. What nobody has
 * to do with is repaired by the ordinary claim, so that it is safe to run anywhere at any time.
 */
export class Reconciler {
  private cancelTimer: (() => void) | undefined;
  private isOver = false;
  private waitedBefore = new Set<InstanceId>();

  constructor(
    private readonly store: InstanceStore,
    private readonly log: WorkerLog,
    private readonly runner: Runner,
    private readonly relay: OutboxRelay,
    private readonly inbox: RunInbox | undefined,
    private readonly clock: Clock,
    private readonly everyMs: number,
    private readonly onFound: (findings: Findings) => void,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.isOver) return;
    this.cancelTimer = this.clock.after(this.everyMs, () => {
      this.sweep()
        .then((findings) => {
          if (Object.values(findings).some((count) => count > 0)) this.onFound(findings);
        })
        .catch((error: unknown) => this.onFault(error))
        .finally(() => this.start());
    });
  }

  stop(): void {
    this.isOver = true;
    this.cancelTimer?.();
  }

  async sweep(): Promise<Findings> {
    const claimed = await this.claimUnheld();
    const overdue = this.runner.hasRoom ? await this.runner.wakeParked() : 0;
    const unsettled = await this.passInboxes();
    const undelivered = await this.relay.sweep();
    return { ...claimed, overdue, unsettled, undelivered };
  }

  private async claimUnheld(): Promise<Pick<Findings, 'unheld' | 'orphaned' | 'owned_end'>> {
    const ended: InstanceId[] = [];
    const counts = { unheld: 0, orphaned: 0 };
    // In this order: a worker has its row before any header names it.
    const owners = await this.store.owners();
    const unclosed = new Set((await this.log.unclosed()).map(({ id }) => id));
    for (const owner of owners) {
      const isOwn = owner === this.runner.workerId;
      if (!isOwn && unclosed.has(owner)) continue;
      for (const holding of await this.store.heldBy(owner)) {
        if (holding.hasEnded) ended.push(holding.id);
        else if (await this.takeOver(holding, owner)) counts[isOwn ? 'unheld' : 'orphaned'] += 1;
      }
    }
    return { ...counts, owned_end: ended.length > 0 ? await this.store.release(ended) : 0 };
  }

  /** One that cannot be claimed now keeps no other from it. */
  private async takeOver(holding: Holding, owner: WorkerId): Promise<boolean> {
    try {
      return await this.runner.takeOver(holding, owner);
    } catch (error) {
      this.onFault(error);
      return true;
    }
  }

  private async passInboxes(): Promise<number> {
    const waiting = new Set<InstanceId>();
    if (this.inbox)
      for (let after: InstanceId | null = null; ;) {
        const ids: readonly InstanceId[] = await this.inbox.sweep(after, INBOXES_A_READ);
        for (const id of ids) waiting.add(id);
        after = ids.at(-1) ?? null;
        if (after === null) break;
      }
    const unsettled = [...waiting].filter((id) => this.waitedBefore.has(id)).length;
    this.waitedBefore = waiting;
    return unsettled;
  }
}
