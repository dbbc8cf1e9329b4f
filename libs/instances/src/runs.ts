import {
  MemoryRateMeter,
  withLarge,
  type Clock,
  type IdGenerator,
  type InstanceId,
  type Random,
  type RateMeter,
  type WorkerId,
} from '@flow/kernel';
import type { DagStore } from '@flow/dags';
import type { Deliveries } from '@flow/deliveries';
import { AmongOthers, type SharedParts } from './among-others';
import { ApprovalsService } from './approvals.service';
import { CallbackSender } from './callback.sender';
import {
  CallbacksService,
  type CallbackOutcome,
  type Place as CallbackPlace,
  type SealedCallbackAddresses,
} from './callbacks.service';
import { Family } from './family';
import { Heartbeat } from './heartbeat';
import { HistoryReader } from './history.reader';
import { hasEnded } from './instance';
import { InstanceActions } from './instance-actions.service';
import { InstanceFinder } from './instance-finder';
import { InstanceStarts, type RunSurroundings } from './instance-starts';
import type { InstanceStore } from './instance.store';
import { InstancesService } from './instances.service';
import type { GivenFiles } from '@flow/files';
import type { LargeValues } from './large-values';
import type { LiveEvents } from './live-events';
import { LogTakeover } from './log-takeover';
import type { OperatorCalls } from './operator-calls';
import type { OutboxItem } from './outbox';
import { OutboxRelay } from './outbox.relay';
import type { PlanCache } from './plan-cache';
import { RECONCILE_ALONE_MS, RECONCILE_SHARED_MS, Reconciler, type Findings } from './reconciler';
import { Recovery, type Recovered } from './recovery';
import { RetriesService } from './retries.service';
import { RunEnds } from './run-ends';
import type { RunEnd, RunEndListener } from './run-end';
import { RunViews } from './run-views';
import type { RefusedCall } from './refused-calls';
import { Runner, type RunnerLimits } from './runner';
import { LiveQuota, type LiveLimitOf } from './live-quota';
import type { SlotStore } from './slot.store';
import { SharedSlots } from './shared-slots';
import type { SlotKeeper } from './slot-keeper';
import { Slots } from './slots';
import { StartLimits } from './start-limits';
import type { WorkerLog } from './worker-log';
import { WorkersService } from './workers.service';
import type { WorkerReport } from './workers.store';

/** What running instances takes. */
export interface RunParts {
  readonly workerId: WorkerId;
  readonly dags: DagStore;
  readonly store: InstanceStore;
  readonly log: WorkerLog;
  readonly calls: OperatorCalls;
  readonly plans: PlanCache;
  readonly surroundings: RunSurroundings;
  readonly addresses: SealedCallbackAddresses;
  readonly live: LiveEvents;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdGenerator;
  readonly limits: RunnerLimits;
  readonly large: LargeValues;
  readonly files: GivenFiles;
  readonly deliveries: Deliveries;
  readonly slots: SlotStore;
  readonly liveLimitOf: LiveLimitOf;
  /** Of DAGs; this process's own when left out. */
  readonly rates?: RateMeter;
  /** Told when something waits in the `EventOutbox`; without it nothing is written there. */
  readonly onEvents?: () => void;
  /** Left out where the data folder's lock proves that there is no other process. */
  readonly shared?: SharedParts;
  /** What this process is, for whoever looks at its workers. */
  readonly about?: Pick<WorkerReport, 'app' | 'version' | 'host' | 'pid'>;
  /** False: this process leaves running to others that share its stores; it is not to `recover`. */
  readonly works?: boolean;
}

export interface RunsEvents {
  /** The log has another's record: this worker must stop. */
  onFenced(error: Error): void;
  /** Rows or messages could not be written or delivered; they are tried again. */
  onFault(error: unknown): void;
  onBug(error: unknown): void;
  /** Somebody asks this process to let go of what it holds; it goes on to answer. */
  onDrain?(): void;
  /** A call came to a callback's address; without a place it was none of this service's. */
  onCallback?(outcome: CallbackOutcome, place: CallbackPlace | undefined): void;
  /** A call that came to an address of this service was not taken: what those who look at its instance may see of it. */
  onRefusedCall?(call: RefusedCall): void;
  /** A sweep has found what should not have been, and has repaired it. */
  onReconciled?(findings: Findings): void;
}

/** The runner of a process with everything around it, wired. */
export class Runs {
  readonly runner: Runner;
  readonly finder: InstanceFinder;
  readonly starts: InstanceStarts;
  readonly histories: HistoryReader;
  readonly instances: InstancesService;
  readonly actions: InstanceActions;
  readonly callbacks: CallbacksService;
  readonly approvals: ApprovalsService;
  readonly retries: RetriesService;
  readonly slots: SlotKeeper;
  readonly views: RunViews;
  readonly ends: RunEnds;
  readonly workers: WorkersService;
  /** Among other workers it is begun by `recover`; alone it is begun by whoever wants it. */
  readonly reconciler: Reconciler;
  private readonly relay: OutboxRelay;
  private readonly store: InstanceStore;
  private readonly recovery: Recovery;
  private readonly others: AmongOthers | undefined;

  constructor(parts: RunParts, events: RunsEvents) {
    const { workerId, dags, store, log, calls, plans, surroundings, live, clock, random, ids, limits, large } = parts;
    const { deliveries, shared, works = true } = parts;
    this.store = store;
    const onFault = (error: unknown) => events.onFault(error);
    const startedAt = clock.now().toISOString();
    const report = (): WorkerReport | null =>
      parts.about
        ? {
            ...parts.about,
            startedAt,
            at: clock.now().toISOString(),
            instances: this.runner.liveCount,
            calls: this.runner.callCount,
            hasRoom: this.runner.hasRoom && !this.runner.isStopping,
          }
        : null;
    const heartbeat =
      shared &&
      new Heartbeat(
        shared.workers,
        workerId,
        clock,
        (error) => this.runner.fence(error),
        report,
        () => events.onDrain?.(),
      );
    this.workers = new WorkersService(shared?.workers, { id: workerId, report }, clock);
    this.runner = new Runner(
      workerId,
      log,
      store,
      calls,
      clock,
      random,
      large,
      plans,
      limits,
      {
        onFenced: (error) => {
          this.stop();
          events.onFenced(error);
        },
        onProjectionFault: onFault,
        onBug: (error) => events.onBug(error),
      },
      shared &&
        heartbeat && { births: shared.births, inbox: shared.inbox, heartbeat, works, dispatch: shared.dispatch },
      parts.onEvents !== undefined,
    );
    const { runner } = this;
    this.views = new RunViews(runner, store, plans);
    this.finder = new InstanceFinder(store, runner.projector);
    this.ends = new RunEnds(runner, this.finder, live, clock);
    this.slots = shared
      ? new SharedSlots(shared.tickets, parts.slots, store, dags, runner.projector, runner, clock, onFault)
      : new Slots(parts.slots, dags, runner.projector, runner, clock, onFault);
    const quota = new LiveQuota(parts.liveLimitOf, parts.slots, runner.projector, clock, shared !== undefined);
    const rates = parts.rates ?? new MemoryRateMeter(clock);
    const limited = new StartLimits(this.slots, quota, rates);
    this.starts = new InstanceStarts(
      dags,
      this.finder,
      runner,
      plans,
      surroundings,
      clock,
      large,
      limited,
      parts.files,
    );
    this.histories = new HistoryReader(store, plans);
    this.instances = new InstancesService(
      dags,
      store,
      runner,
      this.finder,
      this.starts,
      clock,
      ids,
      this.ends,
      this.histories,
      large,
      this.views,
      deliveries,
      this.slots,
    );
    this.actions = new InstanceActions(dags, store, runner, this.finder, this.views);
    this.callbacks = new CallbacksService(
      parts.addresses,
      runner,
      this.views,
      this.finder,
      store,
      clock,
      (outcome, place) => events.onCallback?.(outcome, place),
      (call) => events.onRefusedCall?.(call),
    );
    this.approvals = new ApprovalsService(store, this.finder, runner, this.views);
    this.retries = new RetriesService(store, runner, this.finder, this.starts, plans, ids, clock);
    const takeover = new LogTakeover(log, store, plans, shared?.inbox);
    this.recovery = new Recovery(log, store, plans, runner, takeover);
    this.others =
      shared &&
      heartbeat &&
      new AmongOthers(shared, log, store, runner, heartbeat, takeover, live, clock, ids, onFault);

    const family = new Family(runner, this.starts, clock, large, (error) => events.onBug(error));
    const callbacks = new CallbackSender(deliveries, runner.projector, large);
    const deliver = async ({ id, message }: OutboxItem): Promise<void> => {
      // Other processes see what leads to a message before it is told.
      if (shared) await runner.projector.caughtUp();
      switch (message.kind) {
        case 'callback':
          await this.endStands(message.instance);
          return callbacks.deliver(id, message);
        case 'ended':
          await this.endStands(message.instance);
          return this.tellEnd(withLarge(message));
        default:
          return family.deliver(id, message);
      }
    };
    this.relay = new OutboxRelay(store, runner.projector, clock, deliver, onFault);
    this.reconciler = new Reconciler(
      store,
      log,
      runner,
      this.relay,
      this.others?.inbox,
      clock,
      shared ? RECONCILE_SHARED_MS : RECONCILE_ALONE_MS,
      (findings) => events.onReconciled?.(findings),
      onFault,
    );
    runner.wishes = {
      startChild: (parent, child) => void family.startChild(parent, child),
      deliver: (items) => this.relay.send(items),
      committed: (id) => live.published(id),
      written: (id) => {
        live.stored(id);
        parts.onEvents?.();
      },
      ended: (id, creation) => limited.ended(id, creation),
    };
  }

  /**
   * Takes over what earlier workers left: their runs, and what those had to tell others. Among other workers it joins those: what the dead have
   * left is found by watching.
   */
  async recover(): Promise<Recovered> {
    this.others?.start();
    const { adopted, ...recovered } = this.others ? NOTHING_RECOVERED : await this.recovery.run();
    const overdue = await this.runner.wakeParked();
    await this.slots.resume();
    await this.relay.resume();
    if (this.others) this.reconciler.start();
    return { ...recovered, adopted: adopted + overdue };
  }

  /** Before the first run; see `RunEndListener`. */
  listenWith(listener: RunEndListener): void {
    this.runner.listener = listener;
  }

  /** Who hears of an end and looks at once finds it: messages stand in rows before what they tell of, and any process may find them there. */
  private async endStands(id: InstanceId): Promise<void> {
    const { projector } = this.runner;
    if (projector.isBehind(id)) await projector.caughtUp();
    if (!this.others) return;
    const header = await this.store.header(id);
    if (header && !hasEnded(header.instance.status)) throw new Error(`The end of ${id} is not in its row yet.`);
  }

  private async tellEnd(end: RunEnd): Promise<void> {
    const { listener } = this.runner;
    if (!listener) throw new Error(`Nobody in this process listens to the end of ${end.instance}.`);
    await listener.ended(end);
  }

  /** See `Runner.drain`; messages that are on their way stay in the rows. */
  async drain(withinMs: number): Promise<void> {
    this.relay.stop();
    this.slots.stop();
    this.reconciler.stop();
    await this.runner.drain(withinMs);
    await this.others?.retire();
  }

  private stop(): void {
    this.relay.stop();
    this.reconciler.stop();
    this.others?.stop();
  }
}

const NOTHING_RECOVERED: Recovered = { logs: 0, replayed: 0, adopted: 0, left: [] };
