import {
  isJsonObject,
  type Clock,
  type DagId,
  type DomainId,
  type Fault,
  type InstanceId,
  type Json,
  type JsonObject,
  type Priority,
} from '@flow/kernel';
import { DagNotFound, VersionNotFound, atVersion, type Dag, type DagStore } from '@flow/dags';
import { mayRead, type StartLimits, type Starting } from './start-limits';
import type { GivenFiles, Uploader } from '@flow/files';
import type { Adopted, DebugOptions, Plan, RunStart } from '@flow/engine';
import { childIdOf, type Creation } from './creation';
import { debugRunOfChild } from './debug-run';
import type { Instance, ParentLink } from './instance';
import { DagStopped, InputInvalid, SubflowTooDeep } from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { LargeValues } from './large-values';
import type { PlanCache } from './plan-cache';
import type { Runner } from './runner';
import type { OwnLimit } from './slot';
import { taskKeyOf, traceBelow } from './tracing';

export interface StartRequest {
  /** What the trigger's fields take. */
  readonly data?: JsonObject;
  readonly version?: string;
  readonly priority?: Priority;
  readonly labels?: Readonly<Record<string, string>>;
  /** Where the end of the run is told. */
  readonly callbackUrl?: string;
  /** W3C `traceparent` that the request came with, valid. */
  readonly traceparent?: string;
}

/** What a run may read besides its input; taken once at the start. */
export abstract class RunSurroundings {
  /** The environment variables that the operator of this service allows (EXPRESSION_ENV). */
  abstract env(): JsonObject;
  /** The domain's variables. */
  abstract variables(domain: DomainId): Promise<JsonObject>;
}

/** A definition that can run: a version of a DAG, or what a debugger was given. */
export interface Runnable {
  readonly dag: Pick<Dag, 'id' | 'version' | 'steps' | 'priority'>;
  readonly plan: Plan;
  /** Of the DAG's newest version. */
  readonly limits: Starting['limits'];
}

/** What a new run is made of besides its definition and its input. */
export type NewRun = Pick<Creation, 'domain' | 'createdBy'> &
  Partial<Creation> & {
    readonly id: InstanceId;
    readonly debugging?: DebugOptions;
    readonly adopted?: Record<string, Adopted>;
    readonly ownLimit?: OwnLimit;
    /** The instance that the large values in its input come from, where that is neither its parent nor what it retries. */
    readonly largeFrom?: InstanceId;
    /** Who names files in its input; nobody may where it is left out. */
    readonly uploader?: Uploader;
  };

/** Levels of sub-flows: a definition that calls itself by way of others ends here at the latest. */
const MOST_LEVELS = 10;

/** Makes instances: for callers, for steps that call other DAGs, for retries and for debuggers. Durable when the promise resolves. */
export class InstanceStarts {
  constructor(
    private readonly dags: DagStore,
    private readonly finder: InstanceFinder,
    private readonly runner: Runner,
    private readonly plans: PlanCache,
    private readonly surroundings: RunSurroundings,
    private readonly clock: Clock,
    private readonly large: LargeValues,
    private readonly limits: StartLimits,
    private readonly files: GivenFiles,
  ) {}

  /** @throws DagNotFound, VersionNotFound, DagStopped unless a stopped one is wanted too */
  async runnable(
    domain: DomainId,
    dagId: DagId,
    version: string | undefined,
    { evenStopped = false }: { readonly evenStopped?: boolean } = {},
  ): Promise<Runnable> {
    const newest = await this.dags.find(domain, dagId);
    if (!newest) throw new DagNotFound(dagId);
    if (newest.status === 'stopped' && !evenStopped) throw new DagStopped(dagId);
    const limits = newest;
    if (version === undefined || version === newest.version)
      return { dag: newest, plan: await this.plans.get(domain, dagId, newest.version, newest), limits };
    const older = await this.dags.version(domain, dagId, version);
    if (!older) throw new VersionNotFound(dagId, version);
    return { dag: atVersion(newest, older), plan: await this.plans.get(domain, dagId, version, older.content), limits };
  }

  /** Input as the run will see it, and what its first step makes of it; nothing is changed. @throws InputInvalid, FilesUnknown */
  async accept(
    { dag, plan }: Pick<Runnable, 'dag' | 'plan'>,
    data: JsonObject,
    { domain, createdBy, uploader }: Pick<NewRun, 'domain' | 'createdBy'> & { readonly uploader: Uploader | undefined },
  ) {
    const parameters = dag.steps[0]?.parameters ?? {};
    const given = await this.files.named(domain, uploader, fileFieldsOf(plan, parameters), data);
    return { given, trigger: acceptInput(plan, parameters, given.data, createdBy) };
  }

  /** @throws InputInvalid, FilesUnknown, TooManyLiveInstances, what `StartLimits` throws and what else keeps the service from taking it */
  async start({ dag, plan, limits }: Runnable, data: JsonObject, run: NewRun): Promise<Instance> {
    const { id, debugging, adopted, ownLimit, largeFrom, uploader, ...made } = run;
    const operator = plan.steps[0]?.operator;
    const { given, trigger } = await this.accept({ dag, plan }, data, { ...made, uploader });
    const creation: Creation = {
      dagId: dag.id,
      version: dag.version,
      priority: dag.priority,
      labels: {},
      trigger: { kind: operator?.kind === 'trigger' ? operator.trigger : 'manual' },
      attempt: 1,
      retryOf: null,
      rootId: id,
      parent: null,
      depth: 0,
      ...made,
    };
    this.runner.admit(creation.parent !== null);
    await this.runner.projector.room();
    const reads = (name: string) => plan.names.has(name) || mayRead(limits, name);
    const start: RunStart = {
      instanceId: id,
      dagId: dag.id,
      at: this.clock.now().getTime(),
      input: given.data,
      trigger,
      ...(reads('env') && { env: this.surroundings.env() }),
      ...(reads('variables') && { variables: await this.surroundings.variables(creation.domain) }),
      ...(debugging && { debug: debugging }),
      ...(adopted && { adopted }),
    };
    return this.limits.start({ id, creation, plan, start, limits, ownLimit }, async (limited, queued) => {
      // What came with large values from another instance belongs to this one too, before anything names it here.
      const from = creation.parent?.id ?? creation.retryOf ?? largeFrom;
      if (from !== undefined)
        await this.large.share({ domain: creation.domain, owner: from }, [data, (adopted ?? null) as Json], id);
      await this.files.give(given, id);
      return this.runner.start(id, limited, plan, start, queued);
    });
  }

  /** The instance of a step that calls another DAG; asked twice it gives the same one. @throws SubflowTooDeep and what `start` throws */
  async startChild(
    parent: Pick<
      Creation,
      'domain' | 'createdBy' | 'priority' | 'depth' | 'chain' | 'rootId' | 'debug' | 'traceparent'
    >,
    link: ParentLink,
    request: { readonly dagId: DagId; readonly version: string | undefined; readonly data: JsonObject },
  ): Promise<Instance> {
    const { domain, createdBy, priority, depth, chain, debug, traceparent } = parent;
    const id = childIdOf(link.id, link.path, link.attempt, link.index);
    const standing = await this.finder.standing(domain, id);
    if (standing) return standing;
    if (depth + 1 > MOST_LEVELS) throw new SubflowTooDeep(MOST_LEVELS);
    const runnable = await this.runnable(domain, request.dagId, request.version);
    const trigger = { kind: 'dag', id: link.id };
    return this.start(runnable, request.data, {
      id,
      domain,
      createdBy,
      priority,
      depth: depth + 1,
      ...(chain !== undefined && { chain }),
      parent: link,
      trigger,
      ...(traceparent !== undefined && { traceparent: traceBelow(traceparent, taskKeyOf(link.id, link.path)) }),
      ...(debug && { debug: debugRunOfChild(debug) }),
    });
  }
}

function fileFieldsOf(plan: Plan, parameters: Json): readonly string[] {
  const operator = plan.steps[0]?.operator;
  if (operator?.kind !== 'trigger' || !isJsonObject(parameters)) return [];
  return operator.fileFields?.(parameters) ?? [];
}

/** The first step's output for this input; every fault of the input at once, pointers into the request. */
function acceptInput(plan: Plan, parameters: Json, data: JsonObject, starter: string): JsonObject {
  const operator = plan.steps[0]?.operator;
  if (operator?.kind !== 'trigger') return data;
  const who = { id: starter, name: starter, type: 'user' };
  const accepted = operator.accept(isJsonObject(parameters) ? parameters : {}, data, who);
  if ('output' in accepted) return accepted.output;
  throw new InputInvalid(accepted.faults.map((fault): Fault => ({ ...fault, pointer: `/data${fault.pointer}` })));
}
