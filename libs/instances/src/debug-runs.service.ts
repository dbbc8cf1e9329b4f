import { demand, type Caller } from '@flow/auth';
import { DagInvalid, contentOf, type DagDefinition, type DagsService } from '@flow/dags';
import type { Clock, DagId, Fault, IdGenerator, InstanceId, JsonObject } from '@flow/kernel';
import { DRAFT_VERSION, faultsOfStops, lifeMsOf } from './debug-run';
import {
  DebugInvalid,
  DebugNothingHeld,
  DebugTargetMissing,
  InstanceNotDebugged,
  TooManyDebugRuns,
} from './debug.errors';
import { hasEnded, type Instance } from './instance';
import { InstanceHasEnded, InstanceNotPaused } from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { InstanceStarts, Runnable } from './instance-starts';
import type { InstanceStore } from './instance.store';
import type { PlanCache } from './plan-cache';
import type { RunViews } from './run-views';
import type { Runner } from './runner';

/** Live debug runs of one caller in one business domain. */
export const MOST_DEBUG_RUNS = 20;
const LIFE = 'PT1H';

/** What to debug, and how. What comes as a definition is `unknown`: it is checked here. */
export interface DebugRequest {
  /** A definition that is not saved. */
  readonly dag?: unknown;
  /** Or a DAG that is, stopped ones too. */
  readonly dagId?: DagId;
  readonly version?: string;
  readonly data?: JsonObject;
  readonly breakpoints?: readonly string[];
  /** Outputs by step id. */
  readonly pins?: JsonObject;
  readonly dryRun?: boolean;
  /** ISO 8601. */
  readonly expiresIn?: string;
  /** W3C `traceparent` that the request came with, valid. */
  readonly traceparent?: string;
}

/** What is started once it has been checked. */
export interface DebugStart {
  readonly runnable: Runnable;
  readonly definition?: ReturnType<typeof contentOf>;
  readonly data: JsonObject;
  readonly breakpoints: readonly string[];
  readonly pins: JsonObject;
  readonly dryRun: boolean;
  readonly lifeMs: number;
  readonly traceparent?: string;
}

/** Runs that stop where they are told to, on the engine that production uses. They are their caller's alone, and go away. */
export class DebugRuns {
  /** Starts that are under way, by caller. */
  private readonly starting = new Map<string, number>();

  constructor(
    private readonly definitions: DagsService,
    private readonly plans: PlanCache,
    private readonly runner: Runner,
    private readonly store: InstanceStore,
    private readonly views: RunViews,
    private readonly finder: InstanceFinder,
    private readonly starts: InstanceStarts,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly onStarted: () => void,
  ) {}

  /**
   * Durable when it resolves. A repeat with the same `id` gives the run that the first one made.
   * @throws DebugTargetMissing, DebugInvalid, DagInvalid, DagNotFound, VersionNotFound, InputInvalid, TooManyDebugRuns
   */
  async start(caller: Caller, request: DebugRequest, options: { readonly id?: InstanceId } = {}): Promise<Instance> {
    demand(caller, 'dag.debug');
    const standing = options.id && (await this.finder.find(caller.domain, options.id));
    if (standing) return standing;
    const id = options.id ?? this.ids.next<InstanceId>();
    const { data = {}, breakpoints = [], pins = {}, dryRun = false, expiresIn = LIFE, traceparent } = request;
    const lifeMs = lifeMsOf(expiresIn);
    const faults: Fault[] = typeof lifeMs === 'number' ? [] : [lifeMs];
    if ((request.dag === undefined) === (request.dagId === undefined)) throw new DebugTargetMissing();
    if (request.dag !== undefined && request.version !== undefined)
      faults.push({
        pointer: '/version',
        code: 'field.invalid',
        message: 'A version belongs to "dagId", not to "dag".',
      });
    if (faults.length > 0 || typeof lifeMs !== 'number') throw new DebugInvalid(faults);
    const what = await this.runnable(caller, id, request);
    const wrong = faultsOfStops(what.runnable.plan, breakpoints, pins);
    if (wrong.length > 0) throw new DebugInvalid(wrong);
    const trace = traceparent === undefined ? {} : { traceparent };
    return this.begin(caller, id, { ...what, data, breakpoints, pins, dryRun, lifeMs, ...trace });
  }

  /** Starts what has been checked. @throws TooManyDebugRuns and what keeps any run from starting */
  async begin(caller: Caller, id: InstanceId, what: DebugStart): Promise<Instance> {
    const { domain, principal } = caller;
    const { runnable, definition, data, breakpoints, pins, dryRun, lifeMs, traceparent } = what;
    const key = `${domain} ${principal}`;
    // Those that came before: who comes after it does not count against it.
    const others = this.starting.get(key) ?? 0;
    this.starting.set(key, others + 1);
    try {
      if (others + (await this.liveOf(caller)) >= MOST_DEBUG_RUNS) throw new TooManyDebugRuns(MOST_DEBUG_RUNS);
      const instance = await this.starts.start(runnable, data, {
        id,
        domain,
        createdBy: principal,
        uploader: { principal, at: this.clock.now() },
        trigger: { kind: 'debug' },
        ...(traceparent !== undefined && { traceparent }),
        debugging: { breakpoints, pins, dryRun },
        debug: {
          expiresAt: new Date(this.clock.now().getTime() + lifeMs).toISOString(),
          breakpoints,
          pins: Object.keys(pins),
          dryRun,
          ...(definition && { definition }),
        },
      });
      this.onStarted();
      return instance;
    } finally {
      const left = (this.starting.get(key) ?? 1) - 1;
      if (left > 0) this.starting.set(key, left);
      else this.starting.delete(key);
    }
  }

  /**
   * The attempt that is due or the oldest step that is held begins; what follows is held again.
   * @throws InstanceNotDebugged, InstanceHasEnded, InstanceNotPaused, DebugNothingHeld
   */
  async step(caller: Caller, id: InstanceId): Promise<Instance> {
    const { debug } = await this.paused(caller, id);
    if (debug?.held.length === 0) throw new DebugNothingHeld(id);
    return this.tell(caller, id, 'stepped');
  }

  /** Goes on to the next breakpoint or the end. @throws InstanceNotDebugged, InstanceHasEnded, InstanceNotPaused */
  async continue(caller: Caller, id: InstanceId): Promise<Instance> {
    await this.paused(caller, id);
    return this.tell(caller, id, 'resumed');
  }

  private async runnable(
    caller: Caller,
    id: InstanceId,
    { dag, dagId, version }: DebugRequest,
  ): Promise<Pick<DebugStart, 'runnable' | 'definition'>> {
    if (dagId !== undefined)
      return { runnable: await this.starts.runnable(caller.domain, dagId, version, { evenStopped: true }) };
    const { errors } = await this.definitions.validate(caller, dag);
    if (errors.length > 0) throw new DagInvalid(errors.map((fault) => ({ ...fault, pointer: `/dag${fault.pointer}` })));
    return this.draft(caller, id, dag as DagDefinition);
  }

  /** A definition without faults, ready to run under this id. */
  async draft(
    { domain }: Caller,
    id: InstanceId,
    sent: DagDefinition,
  ): Promise<Required<Pick<DebugStart, 'runnable' | 'definition'>>> {
    const definition = contentOf(sent);
    // No DAG has it: the run stands for itself.
    const dagId: string = id;
    const dag = { id: dagId as DagId, version: DRAFT_VERSION, steps: definition.steps, priority: definition.priority };
    const plan = await this.plans.get(domain, dag.id, dag.version, definition);
    return { runnable: { dag, plan, limits: {} }, definition };
  }

  private async liveOf({ domain, principal }: Caller): Promise<number> {
    if (this.runner.mail) return this.store.countDebugRuns(domain, principal);
    let live = 0;
    for (const { creation } of this.runner.heldDebugRuns())
      if (creation.domain === domain && creation.createdBy === principal && !creation.parent) live += 1;
    return live;
  }

  private async paused(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'dag.debug');
    const instance = await this.finder.visible(caller, id);
    if (!instance.debug) throw new InstanceNotDebugged(id);
    if (hasEnded(instance.status)) throw new InstanceHasEnded(id, instance.status);
    if (!(await this.views.live(id))?.state.paused) throw new InstanceNotPaused(id, instance.status);
    return instance;
  }

  private async tell(caller: Caller, id: InstanceId, type: 'stepped' | 'resumed'): Promise<Instance> {
    const told = await this.runner.tell(id, (at) => ({ type, at, by: caller.principal }));
    if (told) return told;
    const { status } = await this.finder.visible(caller, id);
    throw new InstanceHasEnded(id, status);
  }
}
