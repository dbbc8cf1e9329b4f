import type { Clock, IdGenerator, WorkerId } from '@flow/kernel';
import type { DispatchQueue } from './dispatch-queue';
import { Heartbeat } from './heartbeat';
import type { Inbox } from './inbox.store';
import type { InstanceBirths } from './instance-births.store';
import type { InstanceStore } from './instance.store';
import type { LiveEvents } from './live-events';
import type { LogTakeover } from './log-takeover';
import { RunInbox } from './run-inbox';
import type { Runner } from './runner';
import { Watcher } from './watcher';
import type { SlotTickets } from './slot-tickets';
import type { WorkerBell } from './worker-bell';
import type { WorkerLog } from './worker-log';
import type { Workers } from './workers.store';

/** What stores have besides when several processes share them. */
export interface SharedParts {
  readonly workers: Workers;
  readonly inbox: Inbox;
  readonly births: InstanceBirths;
  readonly tickets: SlotTickets;
  readonly bell: WorkerBell;
  /** Brings runs that one worker has no room for to one that has; without it they wait, or are found by others' sweeps. */
  readonly dispatch?: DispatchQueue;
}

/** A worker among others: gives signs of life, watches theirs, takes over what the dead have left, and hears what others want from its runs. */
export class AmongOthers {
  readonly inbox: RunInbox;
  private readonly watcher: Watcher;
  private deafen: (() => void) | undefined;
  private takeNoMore: (() => Promise<void>) | undefined;

  constructor(
    private readonly shared: SharedParts,
    private readonly log: WorkerLog,
    private readonly store: InstanceStore,
    private readonly runner: Runner,
    private readonly heartbeat: Heartbeat,
    private readonly takeover: LogTakeover,
    live: LiveEvents,
    clock: Clock,
    ids: IdGenerator,
    onFault: (error: unknown) => void,
  ) {
    const { workers, inbox, bell } = shared;
    this.inbox = new RunInbox(inbox, store, runner, bell, live, clock, ids, onFault);
    runner.mail = this.inbox;
    this.watcher = new Watcher(workers, runner.workerId, clock, (dead) => this.takeOver(dead), onFault);
  }

  start(): void {
    this.heartbeat.start();
    this.watcher.start();
    this.deafen = this.shared.bell.listen(this.runner.workerId, (id) => this.inbox.look(id));
    const { runner } = this;
    this.takeNoMore = this.shared.dispatch?.consume({
      get hasRoom() {
        return runner.hasRoom && !runner.isStopping;
      },
      take: (id) => runner.reach(id),
    });
  }

  stop(): void {
    this.heartbeat.stop();
    this.watcher.stop();
    this.deafen?.();
    void this.takeNoMore?.();
  }

  /** It has let go of what it could: others need not wait until it is held dead. */
  async retire(): Promise<void> {
    this.stop();
    await this.heartbeat.retire();
  }

  /** Only when all that it wrote is in the rows may its runs be claimed, and only when no header names it is it closed. */
  private async takeOver(dead: WorkerId): Promise<void> {
    const { left } = await this.takeover.finish(dead);
    for (const id of left) this.inbox.look(id);
    for (const holding of await this.store.heldBy(dead))
      if (!holding.hasEnded) await this.runner.takeOver(holding, dead);
    if (!(await this.store.names(dead))) await this.log.close(dead);
  }
}
