import {
  type Clock,
  type DagId,
  type DomainId,
  type IdGenerator,
  type InstanceId,
  type Json,
  type JsonObject,
  type Page,
  type PageRequest,
  type WithPlaces,
  withLarge,
} from '@flow/kernel';
import { demand, type Caller } from '@flow/auth';
import { DagNotFound, type DagStore } from '@flow/dags';
import type { Deliveries, ShownDelivery } from '@flow/deliveries';
import type { HistoryPage, HistoryReader } from './history.reader';
import { hasEnded, type Instance, type Task } from './instance';
import { TaskNotFound } from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { InstanceStarts, NewRun, StartRequest } from './instance-starts';
import type { LargeValues } from './large-values';
import type { InstanceFilter, InstanceStore } from './instance.store';
import type { RunEnds } from './run-ends';
import type { RunViews } from './run-views';
import type { Runner } from './runner';
import type { SlotKeeper } from './slot-keeper';
import { whyOf, type QueuedWhy, type Whereabouts, type Why } from './why';

export interface StartOptions {
  /** An id reserved for this start: when an instance has it already, that one is the answer. */
  readonly id?: InstanceId;
  /** Milliseconds to wait for the end; 0 answers when the start is durable. */
  readonly waitMs?: number;
  /** Nobody can have started one under this id before: it is not looked for. */
  readonly isFresh?: boolean;
}

/** Whoever starts a run of itself, and how. */
export type StartCause = Pick<
  NewRun,
  'domain' | 'createdBy' | 'priority' | 'labels' | 'ownLimit' | 'chain' | 'firing' | 'largeFrom' | 'uploader'
> & {
  readonly trigger: Instance['trigger'];
  readonly version?: string;
};

/** Starting runs and looking at them. */
export class InstancesService {
  constructor(
    private readonly dags: DagStore,
    private readonly store: InstanceStore,
    private readonly runner: Runner,
    private readonly finder: InstanceFinder,
    private readonly starts: InstanceStarts,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly ends: RunEnds,
    private readonly histories: HistoryReader,
    private readonly large: LargeValues,
    private readonly views: RunViews,
    private readonly deliveries: Deliveries,
    private readonly slots: SlotKeeper,
  ) {}

  /** Durable when it resolves. With `waitMs`, the instance as it is at its end, or as it is when the time is over. */
  async start(caller: Caller, dagId: DagId, request: StartRequest, options: StartOptions = {}): Promise<Instance> {
    demand(caller, 'dag.run');
    const { id = this.ids.next<InstanceId>(), waitMs } = options;
    const mayStand = options.id !== undefined && !options.isFresh;
    const standing = mayStand ? await this.finder.standing(caller.domain, id) : undefined;
    const instance = standing ?? (await this.create(caller, dagId, request, id));
    return waitMs === undefined || waitMs <= 0 ? instance : this.ends.wait(instance, waitMs);
  }

  /**
   * A run that no caller asked for but something that came: a time, a message, another run's end. Asked again under the same id it gives the same one.
   * Durable when it resolves. @throws what `start` throws but for permissions, which whoever set it up was asked for
   */
  async startFrom(cause: StartCause, dagId: DagId, data: JsonObject, id: InstanceId): Promise<Instance> {
    const { version, ...run } = cause;
    const { domain } = run;
    const standing = await this.finder.standing(domain, id);
    if (standing) return standing;
    return this.starts.start(await this.starts.runnable(domain, dagId, version), data, { id, ...run });
  }

  /** What `startFrom` has started, at its end, or as it is when the time is over. */
  async endOf(domain: DomainId, id: InstanceId, withinMs: number): Promise<Instance | undefined> {
    const instance = await this.finder.find(domain, id);
    return instance && this.ends.wait(instance, withinMs);
  }

  /** The result of a run with all large values in it read into memory. @throws TooLargeToLoad */
  async resultOf(instance: Instance): Promise<Json> {
    const { domain, id } = instance;
    return this.large.load({ domain, owner: id }, withLarge(instance).result);
  }

  async get(caller: Caller, id: InstanceId): Promise<Instance> {
    return this.finder.visible(caller, id);
  }

  async list(caller: Caller, filter: InstanceFilter, page: PageRequest): Promise<Page<Instance>> {
    demand(caller, 'instance.view');
    if (filter.dagId !== undefined && !(await this.dags.find(caller.domain, filter.dagId)))
      throw new DagNotFound(filter.dagId);
    await this.runner.projector.caughtUp();
    return this.store.list(caller.domain, filter, page);
  }

  async tasks(caller: Caller, id: InstanceId, page: PageRequest): Promise<Page<Task>> {
    await this.finder.visible(caller, id);
    return this.store.tasks(caller.domain, id, page);
  }

  async task(caller: Caller, id: InstanceId, taskId: string): Promise<Task> {
    await this.finder.visible(caller, id);
    const task = await this.store.task(caller.domain, id, taskId);
    if (!task) throw new TaskNotFound(taskId);
    return task;
  }

  /** JSON text of an instance or a task of it as the store gives them, large values written out where they stand. */
  written({ domain, id }: Pick<Instance, 'domain' | 'id'>, row: WithPlaces<object>): AsyncIterable<Uint8Array> {
    return this.large.jsonOfRow({ domain, owner: id }, row);
  }

  /** Every change of the instance and its tasks in order, behind transition `afterSeq`; whole transitions, about `limit` changes. */
  async history(caller: Caller, id: InstanceId, afterSeq: number, limit: number): Promise<HistoryPage> {
    return this.histories.page(await this.finder.visible(caller, id), afterSeq, limit);
  }

  /** What the instance waits for, or why it ended as it did. */
  async why(caller: Caller, id: InstanceId): Promise<Why> {
    const instance = await this.finder.visible(caller, id);
    const callback = await this.callback(instance);
    return {
      ...whyOf(instance, await this.whereabouts(id), this.clock.now(), await this.queued(instance)),
      ...(callback && { callback }),
    };
  }

  /** How the callback of an instance stands, without the query of its address; undefined when none was asked for. */
  async callback({ domain, id, callbackUrl }: Instance): Promise<ShownDelivery | undefined> {
    return callbackUrl === undefined ? undefined : this.deliveries.shown(domain, id, callbackUrl);
  }

  /** How many instances of a DAG have not ended; for the DAG side, which has checked the caller. */
  async countLive(domain: DomainId, dagId: DagId): Promise<number> {
    await this.runner.projector.caughtUp();
    return this.store.countUnfinished(domain, dagId);
  }

  /** What a queued instance waits for; an instance above it with a slot of the same DAG and key waits for it in its turn. */
  private async queued(instance: Instance): Promise<QueuedWhy | undefined> {
    const wait = await this.slots.waitOf(instance);
    if (!wait) return undefined;
    const above: string[] = [];
    for (let { parent } = instance; parent?.waits === true;) {
      const holder = await this.finder.find(instance.domain, parent.id);
      const shares = holder?.dagId === instance.dagId && holder.slot?.key === instance.slot?.key;
      if (holder && shares && !holder.slot?.queued && !hasEnded(holder.status)) above.push(holder.id);
      parent = holder?.parent;
    }
    return { ...wait, above };
  }

  private async whereabouts(id: InstanceId): Promise<Whereabouts> {
    const { runner } = this;
    const held = runner.holding(id);
    if (held) return { view: held.run, calls: held.calls, writeFault: runner.writeFault };
    const stored = await this.views.stored(id);
    if (stored?.unusable) return stored;
    // Alone, what names a worker and is not held here is being taken over; another's is as its rows have it.
    if (!stored || (stored.header.owner !== null && (!runner.mail || stored.header.owner === runner.workerId)))
      return {};
    return stored.header.seq === 0 ? { isNew: true } : { view: stored };
  }

  private async create(caller: Caller, dagId: DagId, request: StartRequest, id: InstanceId): Promise<Instance> {
    const { data = {}, version, priority, labels, traceparent } = request;
    const callbackUrl =
      request.callbackUrl === undefined ? undefined : this.deliveries.checkUrl(request.callbackUrl, '/callbackUrl');
    return this.starts.start(await this.starts.runnable(caller.domain, dagId, version), data, {
      id,
      domain: caller.domain,
      createdBy: caller.principal,
      uploader: { principal: caller.principal, at: this.clock.now() },
      ...(priority && { priority }),
      ...(labels && { labels }),
      ...(callbackUrl !== undefined && { callbackUrl }),
      ...(traceparent !== undefined && { traceparent }),
    });
  }
}
