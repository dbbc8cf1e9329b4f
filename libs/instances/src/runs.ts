import type { Clock, IdGenerator, Random, WorkerId } from '@flow/kernel';
import type { DagStore } from '@flow/dags';
import type { Deliveries } from '@flow/deliveries';
import { ApprovalsService } from './approvals.service';
import { CallbackSender } from './callback.sender';
import { CallbacksService, type SealedCallbackAddresses } from './callbacks.service';
import { Family } from './family';
import { HistoryReader } from './history.reader';
import { InstanceActions } from './instance-actions.service';
import { InstanceFinder } from './instance-finder';
import { InstanceStarts, type RunSurroundings } from './instance-starts';
import type { InstanceStore } from './instance.store';
import { InstancesService } from './instances.service';
import type { LargeValues } from './large-values';
import type { LiveEvents } from './live-events';
import type { OperatorCalls } from './operator-calls';
import { OutboxRelay } from './outbox.relay';
import type { PlanCache } from './plan-cache';
import { Recovery, type Recovered } from './recovery';
import { RetriesService } from './retries.service';
import { Runner, type RunnerLimits } from './runner';
import { LiveQuota, type LiveLimitOf } from './live-quota';
import type { SlotStore } from './slot.store';
import { Slots } from './slots';
import { StartLimits } from './start-limits';
import type { WorkerLog } from './worker-log';

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
  readonly deliveries: Deliveries;
  readonly slots: SlotStore;
  readonly liveLimitOf: LiveLimitOf;
}

export interface RunsEvents {
  /** The log has another's record: this worker must stop. */
  onFenced(error: Error): void;
  /** Rows or messages could not be written or delivered; they are tried again. */
  onFault(error: unknown): void;
  onBug(error: unknown): void;
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
  readonly slots: Slots;
  private readonly relay: OutboxRelay;
  private readonly recovery: Recovery;

  constructor(parts: RunParts, events: RunsEvents) {
    const { workerId, dags, store, log, calls, plans, surroundings, live, clock, random, ids, limits, large } = parts;
    const { deliveries } = parts;
    this.runner = new Runner(workerId, log, store, calls, clock, random, large, plans, limits, {
      onFenced: (error) => events.onFenced(error),
      onProjectionFault: (error) => events.onFault(error),
      onBug: (error) => events.onBug(error),
    });
    const { runner } = this;
    this.finder = new InstanceFinder(store, runner.projector);
    this.slots = new Slots(parts.slots, dags, runner.projector, runner, clock, (error) => events.onFault(error));
    const quota = new LiveQuota(parts.liveLimitOf, parts.slots, runner.projector);
    const limited = new StartLimits(this.slots, quota, clock);
    this.starts = new InstanceStarts(dags, this.finder, runner, plans, surroundings, clock, large, limited);
    this.histories = new HistoryReader(store, plans);
    this.instances = new InstancesService(
      dags,
      store,
      runner,
      this.finder,
      this.starts,
      clock,
      ids,
      this.histories,
      large,
      plans,
      deliveries,
      this.slots,
    );
    this.actions = new InstanceActions(dags, store, runner, this.finder);
    this.callbacks = new CallbacksService(parts.addresses, runner);
    this.approvals = new ApprovalsService(store, this.finder, runner);
    this.retries = new RetriesService(store, runner, this.finder, this.starts, plans, ids);
    this.recovery = new Recovery(log, store, plans, runner);

    const family = new Family(runner, this.starts, clock, large, (error) => events.onBug(error));
    const callbacks = new CallbackSender(deliveries, runner.projector, large);
    this.relay = new OutboxRelay(
      store,
      runner.projector,
      clock,
      ({ id, message }) => (message.kind === 'callback' ? callbacks.deliver(id, message) : family.deliver(message)),
      (error) => events.onFault(error),
    );
    runner.wishes = {
      startChild: (parent, child) => void family.startChild(parent, child),
      deliver: (items) => this.relay.send(items),
      committed: (id) => live.published(id),
      ended: (id, creation) => limited.ended(id, creation),
    };
  }

  /** Takes over what earlier workers left: their runs, and what those had to tell others. */
  async recover(): Promise<Recovered> {
    const { adopted, ...recovered } = await this.recovery.run();
    const overdue = await this.runner.wakeParked();
    await this.slots.resume();
    await this.relay.resume();
    return { ...recovered, adopted: adopted + overdue };
  }

  /** See `Runner.drain`; messages that are on their way stay in the rows. */
  async drain(withinMs: number): Promise<void> {
    this.relay.stop();
    this.slots.stop();
    await this.runner.drain(withinMs);
  }
}
