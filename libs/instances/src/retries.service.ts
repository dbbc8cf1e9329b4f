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

export interface Retried {
  readonly instance: Instance;
  readonly repeats: RetryPlan['repeats'];
  /** How many tasks were kept. */
  readonly kept: number;
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
    demand(caller, 'instance.retry');
    const ended = await this.finder.visible(caller, id);
    if (ended.debug) throw new InstanceNotFound(id);
    if (!hasEnded(ended.status)) throw new InstanceNotEnded(id, ended.status);
    await this.runner.projector.caughtUp();
    const tasks = await this.tasksOf(ended);
    const before = await this.plans.get(ended.domain, ended.dagId, ended.version);
    const plan = planRetry(before, ended, tasks, request.from, request.outputs ?? {});
    if ('fault' in plan) throw new RequestInvalid([plan.fault]);
    const standing = reserved && (await this.finder.standing(ended.domain, reserved));
    const instance =
      standing ?? (await this.alone(ended, () => this.start(caller, ended, request, plan, tasks, reserved)));
    return { instance, repeats: plan.repeats, kept: Object.keys(plan.adopted).length };
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

  private async start(
    caller: Caller,
    ended: Instance,
    { data = withLarge(ended).input, version, traceparent }: RetryRequest,
    { adopted }: RetryPlan,
    tasks: readonly Task[],
    id = this.ids.next<InstanceId>(),
  ): Promise<Instance> {
    const { domain, dagId, rootId, priority, labels, trigger, chain, callbackUrl } = ended;
    const newest = await this.store.newestAttempt(domain, rootId);
    if (newest && !hasEnded(newest.status)) throw new RetryLives(newest.id);
    const runnable = await this.starts.runnable(domain, dagId, version === 'latest' ? undefined : ended.version);
    const faults = versionFaults(await this.plans.get(domain, dagId, ended.version), runnable.plan, adopted, tasks);
    if (faults.length > 0) throw new RetryVersionDiffers(faults);
    return this.starts.start(runnable, data, {
      id,
      domain,
      createdBy: caller.principal,
      uploader: { principal: caller.principal, at: this.clock.now() },
      priority,
      labels,
      trigger,
      attempt: (newest ?? ended).attempt + 1,
      retryOf: ended.id,
      rootId,
      ...(chain !== undefined && { chain }),
      ...(callbackUrl !== undefined && { callbackUrl }),
      ...(traceparent !== undefined && { traceparent }),
      adopted,
    });
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
