import { demand, type Caller } from '@flow/auth';
import type { DagDefinition, DagsService } from '@flow/dags';
import {
  isJsonObject,
  pointerTo,
  withLarge,
  type Fault,
  type IdGenerator,
  type InstanceId,
  type Json,
  type JsonObject,
} from '@flow/kernel';
import type { DebugRuns } from './debug-runs.service';
import { DebugInvalid } from './debug.errors';
import { hasEnded, type Instance, type Task, type TaskStatus } from './instance';
import type { InstanceStore } from './instance.store';
import type { RunEnds } from './run-ends';
import type { Runner } from './runner';
import type { LogLine } from './task-log';
import type { TaskLog } from './task-log.store';
import type { TaskLogWriter } from './task-log.writer';

/** How long one step may take, all its attempts together. */
const LONGEST_STEP = 'PT60S';
/** When the answer comes though the step has not ended: after its time and what an operator has to stop in. */
export const LONGEST_STEP_WAIT_MS = 75_000;
/** How long what it did can still be read under its instance. */
const LIFE_MS = 5 * 60_000;
const MOST_LINES = 500;
const PLACEHOLDER = { operator: '@control/wait', parameters: { duration: 'PT0S' } };
const BARE_NAME = /^[A-Za-z_]\w*$/;

/** What a step finds around it. */
export interface StepContext {
  /** Outputs by step id, of the trigger too. */
  readonly steps?: JsonObject;
  readonly vars?: JsonObject;
  /** What `trigger` and its bare names read. */
  readonly trigger?: JsonObject;
}

export interface StepRequest {
  readonly step: unknown;
  readonly context?: StepContext;
  readonly dryRun?: boolean;
  /** W3C `traceparent` that the request came with, valid. */
  readonly traceparent?: string;
}

/** What one step came to; large values belong to its instance. */
export interface StepResult {
  /** The debug run that it was carried out by; it can be read for some minutes. */
  readonly instanceId: InstanceId;
  readonly status: TaskStatus;
  readonly attempt: number;
  /** Rendered; secrets stand by name. */
  readonly parameters: Json;
  readonly output: Json;
  readonly error: { readonly code: string; readonly message: string; readonly output?: Json } | null;
  readonly logs: readonly LogLine[];
  readonly durationMs: number;
}

/** Carries out one action by itself: a debug run of steps that are pinned, and of this one. */
export class DebugSteps {
  constructor(
    private readonly definitions: DagsService,
    private readonly debugRuns: DebugRuns,
    private readonly runner: Runner,
    private readonly ends: RunEnds,
    private readonly store: InstanceStore,
    private readonly taskLog: TaskLog,
    private readonly lines: TaskLogWriter,
    private readonly ids: IdGenerator,
  ) {}

  /** Stops the step when the signal fires. @throws DebugInvalid with pointers into the request, TooManyDebugRuns */
  async run(caller: Caller, request: StepRequest, signal: AbortSignal): Promise<StepResult> {
    demand(caller, 'dag.debug');
    const { context = {}, dryRun = false, traceparent } = request;
    const id = this.ids.next<InstanceId>();
    const around = new Surroundings(request.step, context);
    const { errors } = await this.definitions.validate(caller, around.definition('checked'));
    const faults = errors.map((fault) => around.told(fault));
    if (faults.length > 0) throw new DebugInvalid(faults);
    const what = await this.debugRuns.draft(caller, id, around.definition('run') as unknown as DagDefinition);
    const step = what.runnable.plan.root.steps.at(-1);
    if (step?.kind !== 'action') throw new DebugInvalid([notAlone(step?.operator.id ?? '')]);
    const { trigger = {}, steps = {} } = context;
    const started = await this.debugRuns.begin(caller, id, {
      ...what,
      data: trigger,
      breakpoints: [],
      pins: steps,
      dryRun,
      lifeMs: LIFE_MS,
      ...(traceparent !== undefined && { traceparent }),
    });
    const instance = await this.ended(started, signal);
    return this.result(instance, step.id);
  }

  private async ended(started: Instance, signal: AbortSignal): Promise<Instance> {
    const { id } = started;
    if (hasEnded(started.status)) return started;
    const stop = () =>
      void this.runner.tell(id, (at) => ({ type: 'cancelled', at, by: 'system', reason: 'Nobody waits for it.' }));
    const ended = this.ends.wait(started, LONGEST_STEP_WAIT_MS);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const instance = await ended;
    signal.removeEventListener('abort', stop);
    return instance;
  }

  private async result({ id, domain, reason }: Instance, stepId: string): Promise<StepResult> {
    await this.runner.projector.caughtUp();
    const task = await this.taskOf({ id, domain }, stepId);
    if (!task) throw new Error(`The debug run ${id} has no task of the step ${stepId}.`);
    await this.lines.caughtUp();
    const { status, attempt, input, output, error, startedAt, endedAt } = withLarge(task);
    const [startedMs, endedMs] = [Date.parse(startedAt ?? ''), Date.parse(endedAt ?? '')];
    return {
      instanceId: id,
      status,
      attempt,
      parameters: input,
      output,
      error: error ?? (reason && { code: reason.code, message: reason.message }),
      logs: await this.taskLog.read(domain, id, 0, MOST_LINES, task.id),
      durationMs: Number.isNaN(endedMs - startedMs) ? 0 : endedMs - startedMs,
    };
  }

  /** The step's turn comes last, so its task is the last one. */
  private async taskOf({ id, domain }: Pick<Instance, 'id' | 'domain'>, stepId: string): Promise<Task | undefined> {
    for (let cursor: string | undefined; ;) {
      const page = await this.store.tasks(domain, id, { limit: 200, ...(cursor !== undefined && { cursor }) });
      const found = page.items.find((task) => task.stepId === stepId);
      if (found || page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  }
}

/** The definition around one step, and which part of the request each of its parts is. */
class Surroundings {
  private readonly others: readonly string[];
  private readonly triggerId: string;
  private readonly step: Json;

  constructor(
    step: unknown,
    private readonly context: StepContext,
  ) {
    this.others = Object.keys(context.steps ?? {});
    let id = 'trigger of the debugged step';
    while (this.others.includes(id) || (isJsonObject(step) && step.id === id)) id += '_';
    this.triggerId = id;
    this.step = alone(step as Json);
  }

  /** To be checked, values count for nothing and the trigger's fields are names; values come in when it runs, and are never evaluated. */
  definition(wanted: 'checked' | 'run'): JsonObject {
    const { vars = {}, trigger = {} } = this.context;
    const names = [...Object.keys(vars), ...Object.keys(trigger).filter((name) => BARE_NAME.test(name))];
    const declared =
      wanted === 'checked'
        ? names.map((name) => [name, { type: 'any' }] as const)
        : Object.entries(vars).map(([name, value]) => [name, { type: 'any', default: value }] as const);
    return {
      title: 'One step',
      timeout: LONGEST_STEP,
      vars: Object.fromEntries(declared),
      steps: [
        { id: this.triggerId, operator: '@trigger/manual' },
        ...this.others.map((id) => ({ id, ...PLACEHOLDER })),
        this.step,
      ],
    };
  }

  /** The fault with its pointer into the request. */
  told(fault: Fault): Fault {
    const [, index, rest = ''] = /^\/steps\/(\d+)(\/.*)?$/.exec(fault.pointer) ?? [];
    if (index !== undefined) {
      const other = this.others[Number(index) - 1];
      const pointer = other === undefined ? `/step${rest}` : pointerTo('/context/steps', other);
      return { ...fault, pointer };
    }
    if (fault.pointer === '/steps') return { ...fault, pointer: '/context/steps' };
    return { ...fault, pointer: fault.pointer.startsWith('/vars') ? `/context${fault.pointer}` : '/step' };
  }
}

/** Without what ties it to others: it is called as soon as it is there, and fails as it fails. */
function alone(step: Json): Json {
  if (!isJsonObject(step)) return step;
  const { dependsOn: _dependsOn, onError: _onError, undo: _undo, ...rest } = step;
  return rest;
}

function notAlone(operator: string): Fault {
  return {
    pointer: '/step/operator',
    code: 'debug.step_not_action',
    message: `${operator} is carried out by the engine within a run and cannot be called by itself; start a debug run (POST /dags/debug/run) with a breakpoint before it.`,
  };
}
