import {
  isJsonObject,
  type Clock,
  type DagId,
  type DomainId,
  type Fault,
  type IdGenerator,
  type InstanceId,
  type Json,
  type JsonObject,
  type Page,
  type PageRequest,
} from '@flow/kernel';
import { demand, type Caller } from '@flow/auth';
import { DagNotFound, VersionNotFound, atVersion, type Dag, type DagStore } from '@flow/dags';
import type { Plan, RunStart } from '@flow/engine';
import type { HistoryPage, HistoryReader } from './history.reader';
import { hasEnded, type Instance, type Priority, type Task } from './instance';
import { DagStopped, InputInvalid, InstanceHasEnded, InstanceNotFound, TaskNotFound } from './instance.errors';
import type { InstanceFilter, InstanceStore } from './instance.store';
import type { PlanCache } from './plan-cache';
import type { Runner } from './runner';

export interface StartRequest {
  /** What the trigger's fields take. */
  readonly data?: JsonObject;
  readonly version?: string;
  readonly priority?: Priority;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface StartOptions {
  /** An id reserved for this start: when an instance has it already, that one is the answer. */
  readonly id?: InstanceId;
  /** Milliseconds to wait for the end; 0 answers when the start is durable. */
  readonly waitMs?: number;
}

/** What a run may read besides its input; taken once at the start. */
export abstract class RunSurroundings {
  /** The environment variables that the operator of this service allows (EXPRESSION_ENV). */
  abstract env(): JsonObject;
  /** The domain's variables. */
  abstract variables(domain: DomainId): Promise<JsonObject>;
}

/** Starting, stopping and looking at runs. */
export class InstancesService {
  constructor(
    private readonly dags: DagStore,
    private readonly store: InstanceStore,
    private readonly runner: Runner,
    private readonly plans: PlanCache,
    private readonly surroundings: RunSurroundings,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly histories: HistoryReader,
  ) {}

  /** Durable when it resolves. With `waitMs`, the instance as it is at its end, or as it is when the time is over. */
  async start(caller: Caller, dagId: DagId, request: StartRequest, options: StartOptions = {}): Promise<Instance> {
    demand(caller, 'dag.run');
    const standing = options.id && (await this.find(caller.domain, options.id));
    const instance = standing ?? (await this.create(caller, dagId, request, options.id ?? this.ids.next<InstanceId>()));
    return options.waitMs === undefined || options.waitMs <= 0 || hasEnded(instance.status)
      ? instance
      : this.untilEnd(caller.domain, instance, options.waitMs);
  }

  async get(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'instance.view');
    return this.require(caller.domain, id);
  }

  async list(caller: Caller, filter: InstanceFilter, page: PageRequest): Promise<Page<Instance>> {
    demand(caller, 'instance.view');
    if (filter.dagId !== undefined) await this.requireDag(caller.domain, filter.dagId);
    await this.runner.projector.caughtUp();
    return this.store.list(caller.domain, filter, page);
  }

  async tasks(caller: Caller, id: InstanceId, page: PageRequest): Promise<Page<Task>> {
    await this.get(caller, id);
    return this.store.tasks(caller.domain, id, page);
  }

  async task(caller: Caller, id: InstanceId, taskId: string): Promise<Task> {
    await this.get(caller, id);
    const task = await this.store.task(caller.domain, id, taskId);
    if (!task) throw new TaskNotFound(taskId);
    return task;
  }

  /** Every change of the instance and its tasks in order, behind transition `afterSeq`; whole transitions, about `limit` changes. */
  async history(caller: Caller, id: InstanceId, afterSeq: number, limit: number): Promise<HistoryPage> {
    return this.histories.page(await this.get(caller, id), afterSeq, limit);
  }

  /** Durable when it resolves; running calls are told to stop. Throws InstanceHasEnded with the end state. */
  async cancel(caller: Caller, id: InstanceId, reason: string | null, within?: DagId): Promise<Instance> {
    demand(caller, 'instance.cancel');
    const instance = await this.require(caller.domain, id);
    if (within !== undefined && instance.dagId !== within) throw new InstanceNotFound(id);
    if (hasEnded(instance.status)) throw new InstanceHasEnded(id, instance.status);
    if (await this.runner.cancel(id, caller.principal, reason)) return this.require(caller.domain, id);
    const now = await this.require(caller.domain, id);
    throw new InstanceHasEnded(id, now.status);
  }

  /** Cancels every live instance of a DAG; gives those whose requests are durable. */
  async cancelAll(caller: Caller, dagId: DagId, reason: string | null): Promise<readonly InstanceId[]> {
    demand(caller, 'instance.cancel');
    await this.requireDag(caller.domain, dagId);
    return this.cancelHeld(caller.domain, dagId, caller.principal, reason);
  }

  /** For the DAG side, which has checked the caller. */
  async cancelHeld(domain: DomainId, dagId: DagId, by: string, reason: string | null): Promise<readonly InstanceId[]> {
    const ids = [...this.runner.heldOf(dagId, domain)];
    await Promise.all(ids.map((id) => this.runner.cancel(id, by, reason)));
    return ids;
  }

  async countLive(domain: DomainId, dagId: DagId): Promise<number> {
    await this.runner.projector.caughtUp();
    return this.store.countUnfinished(domain, dagId);
  }

  private async create(caller: Caller, dagId: DagId, request: StartRequest, id: InstanceId): Promise<Instance> {
    const { dag, plan } = await this.runnable(caller.domain, dagId, request.version);
    const operator = plan.steps[0]?.operator;
    const trigger = acceptInput(plan, dag, request.data ?? {}, caller);
    this.runner.admit();
    await this.runner.projector.room();
    const start: RunStart = {
      instanceId: id,
      dagId,
      at: this.clock.now().getTime(),
      input: request.data ?? {},
      trigger,
      ...(plan.names.has('env') && { env: this.surroundings.env() }),
      ...(plan.names.has('variables') && { variables: await this.surroundings.variables(caller.domain) }),
    };
    const creation = {
      domain: caller.domain,
      dagId,
      version: dag.version,
      priority: request.priority ?? dag.priority,
      labels: request.labels ?? {},
      trigger: { kind: operator?.kind === 'trigger' ? operator.trigger : 'manual' },
      createdBy: caller.principal,
      attempt: 1,
      retryOf: null,
      rootId: id,
      parentId: null,
    };
    return this.runner.start(id, creation, plan, start);
  }

  private async runnable(
    domain: DomainId,
    dagId: DagId,
    version: string | undefined,
  ): Promise<{ dag: Dag; plan: Plan }> {
    const newest = await this.requireDag(domain, dagId);
    if (newest.status === 'stopped') throw new DagStopped(dagId);
    if (version === undefined || version === newest.version)
      return { dag: newest, plan: await this.plans.get(domain, dagId, newest.version, newest) };
    const older = await this.dags.version(domain, dagId, version);
    if (!older) throw new VersionNotFound(dagId, version);
    return { dag: atVersion(newest, older), plan: await this.plans.get(domain, dagId, version, older.content) };
  }

  private async untilEnd(domain: DomainId, instance: Instance, waitMs: number): Promise<Instance> {
    const ended = await this.runner.ended(instance.id, waitMs);
    return ended ?? this.require(domain, instance.id);
  }

  private async requireDag(domain: DomainId, id: DagId): Promise<Dag> {
    const dag = await this.dags.find(domain, id);
    if (!dag) throw new DagNotFound(id);
    return dag;
  }

  private async require(domain: DomainId, id: InstanceId): Promise<Instance> {
    const instance = await this.find(domain, id);
    if (!instance) throw new InstanceNotFound(id);
    return instance;
  }

  private async find(domain: DomainId, id: InstanceId): Promise<Instance | undefined> {
    if (this.runner.projector.isBehind(id)) await this.runner.projector.caughtUp();
    return this.store.find(domain, id);
  }
}

/** The first step's output for this input; every fault of the input at once, pointers into the request. */
function acceptInput(plan: Plan, dag: Dag, data: JsonObject, { principal }: Caller): JsonObject {
  const operator = plan.steps[0]?.operator;
  if (operator?.kind !== 'trigger') return data;
  const parameters: Json = dag.steps[0]?.parameters ?? {};
  const starter = { id: principal, name: principal, type: 'user' };
  const accepted = operator.accept(isJsonObject(parameters) ? parameters : {}, data, starter);
  if ('output' in accepted) return accepted.output;
  throw new InputInvalid(accepted.faults.map((fault): Fault => ({ ...fault, pointer: `/data${fault.pointer}` })));
}
