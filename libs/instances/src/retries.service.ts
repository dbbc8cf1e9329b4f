import {
  RequestInvalid,
  withLarge,
  type Clock,
  type IdGenerator,
  type InstanceId,
  type Json,
  type JsonObject,
} from '@flow/kernel';
import { demand, type Caller } from '@flow/auth';
import { hasEnded, type Instance, type Task } from './instance';
import { InstanceNotEnded, InstanceNotFound, RetryLives, RetryVersionDiffers } from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { InstanceStarts } from './instance-starts';
import type { InstanceStore } from './instance.store';
import type { PlanCache } from './plan-cache';
import { planRetry, versionFaults, type RetryFrom, type RetryPlan } from './retry-plan';
import type { Runner } from './runner';

export interface RetryRequest {
  readonly from: RetryFrom;
  /** Another input; the old one when left out. */
  readonly data?: JsonObject;
  /** Outputs by step id or path that are taken as given. */
  readonly outputs?: Readonly<Record<string, Json>>;
  readonly version: 'original' | 'latest';
  /** W3C `traceparent` that the request came with, valid. That of the ended run is another request's. */
  readonly traceparent?: string;
}

/** What a retry does, or would do. */
export interface RetryOutline extends Pick<RetryPlan, 'again' | 'repeats'> {
  /** How many tasks are kept. */
  readonly kept: number;
  readonly attempt: number;
}

export interface Retried extends RetryOutline {
  readonly instance: Instance;
}

/** Everything that a retry has to know before it starts. */
interface Prepared {
  readonly ended: Instance;
  readonly tasks: readonly Task[];
  readonly plan: RetryPlan;
}

const TASKS_A_READ = 200;

/** Runs an ended instance again as a new one, which keeps what need not be done twice. */
export class RetriesService {
  /** Chains of attempts that get a new one at this moment. */
  private readonly underWay = new Set<InstanceId>();

  constructor(
    private readonly store: InstanceStore,
    private readonly runner: Runner,
    private readonly finder: InstanceFinder,
    private readonly starts: InstanceStarts,
    private readonly plans: PlanCache,
    private readonly ids: IdGenerator,
    private readonly clock: Clock,
  ) {}

  /**
   * Durable when it resolves. `reserved` is an id kept for this retry: when an instance has it already, that one is the answer.
   * @throws InstanceNotEnded, RetryLives, RetryVersionDiffers, RequestInvalid
   */
  async retry(caller: Caller, id: InstanceId, request: RetryRequest, reserved?: InstanceId): Promise<Retried> {
    const prepared = await this.prepare(caller, id, request);
    const { ended, plan } = prepared;
    const standing = reserved && (await this.finder.standing(ended.domain, reserved));
    const instance = standing ?? (await this.alone(ended, () => this.start(caller, request, prepared, reserved)));
    return { instance, ...outlineOf(plan, instance.attempt) };
  }

  /**
   * What `retry` would do with the same request now, by the same rules and with the same refusals but for those of limits, which only a start
   * meets. Nothing is changed. @throws what `retry` throws
   */
  async preview(caller: Caller, id: InstanceId, request: RetryRequest): Promise<RetryOutline> {
    const prepared = await this.prepare(caller, id, request);
    const { ended, plan } = prepared;
    if (this.underWay.has(ended.rootId)) throw new RetryLives(ended.id);
    const { attempt, runnable } = await this.next(request, prepared);
    await this.starts.accept(runnable, dataOf(ended, request), {
      domain: ended.domain,
      createdBy: caller.principal,
      uploader: this.uploader(caller),
    });
    return outlineOf(plan, attempt);
  }

  private async prepare(caller: Caller, id: InstanceId, { from, outputs = {} }: RetryRequest): Promise<Prepared> {
    demand(caller, 'instance.retry');
    const ended = await this.finder.visible(caller, id);
    if (ended.debug) throw new InstanceNotFound(id);
    if (!hasEnded(ended.status)) throw new InstanceNotEnded(id, ended.status);
    await this.runner.projector.caughtUp();
    const tasks = await this.tasksOf(ended);
    const before = await this.plans.get(ended.domain, ended.dagId, ended.version);
    const plan = planRetry(before, ended, tasks, from, outputs);
    if ('fault' in plan) throw new RequestInvalid([plan.fault]);
    return { ended, tasks, plan };
  }

  /** Of two retries at once one is refused: the other's instance lives. */
  private async alone(ended: Instance, work: () => Promise<Instance>): Promise<Instance> {
    if (this.underWay.has(ended.rootId)) throw new RetryLives(ended.id);
    this.underWay.add(ended.rootId);
    try {
      return await work();
    } finally {
      this.underWay.delete(ended.rootId);
    }
  }

  /** Which attempt comes next, and the definition that it runs. */
  private async next({ version }: RetryRequest, { ended, tasks, plan: { adopted } }: Prepared) {
    const { domain, dagId, rootId } = ended;
    const newest = await this.store.newestAttempt(domain, rootId);
    if (newest && !hasEnded(newest.status)) throw new RetryLives(newest.id);
    const runnable = await this.starts.runnable(domain, dagId, version === 'latest' ? undefined : ended.version);
    const faults = versionFaults(await this.plans.get(domain, dagId, ended.version), runnable.plan, adopted, tasks);
    if (faults.length > 0) throw new RetryVersionDiffers(faults);
    return { attempt: (newest ?? ended).attempt + 1, runnable };
  }

  private async start(
    caller: Caller,
    request: RetryRequest,
    prepared: Prepared,
    id = this.ids.next<InstanceId>(),
  ): Promise<Instance> {
    const { ended, plan } = prepared;
    const { domain, rootId, priority, labels, trigger, chain, callbackUrl } = ended;
    const { traceparent } = request;
    const { attempt, runnable } = await this.next(request, prepared);
    return this.starts.start(runnable, dataOf(ended, request), {
      id,
      domain,
      createdBy: caller.principal,
      uploader: this.uploader(caller),
      priority,
      labels,
      trigger,
      attempt,
      retryOf: ended.id,
      rootId,
      ...(chain !== undefined && { chain }),
      ...(callbackUrl !== undefined && { callbackUrl }),
      ...(traceparent !== undefined && { traceparent }),
      adopted: plan.adopted,
    });
  }

  private uploader({ principal }: Caller) {
    return { principal, at: this.clock.now() };
  }

  private async tasksOf({ domain, id }: Instance): Promise<readonly Task[]> {
    const tasks: Task[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await this.store.tasks(domain, id, { limit: TASKS_A_READ, ...(cursor !== undefined && { cursor }) });
      tasks.push(...page.items);
      cursor = page.nextCursor;
    }
    return tasks;
  }
}

const dataOf = (ended: Instance, { data = withLarge(ended).input }: RetryRequest): JsonObject => data;

const outlineOf = ({ adopted, again, repeats }: RetryPlan, attempt: number): RetryOutline => ({
  attempt,
  kept: Object.keys(adopted).length,
  again,
  repeats,
});
