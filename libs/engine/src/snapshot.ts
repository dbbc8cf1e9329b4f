import { AppError, textWithLarge, withLarge, type WithPlaces } from '@flow/kernel';
import { keyOf, type Evaluation } from './evaluation';
import type { Plan, PlanBody, PlanStep } from './plan';
import type { BodySlot, BodyState, RunStart, RunState, TaskState } from './run';

/** The state of a run before its `started` event has been folded. */
export function newRun(plan: Plan, start: RunStart): RunState {
  const { instanceId, dagId, at, input, trigger, env, variables, debug, adopted } = start;
  return {
    start: {
      instanceId,
      dagId,
      at,
      input,
      trigger,
      ...(env && { env }),
      ...(variables && { variables }),
      ...(debug && { debug }),
      ...(adopted && { adopted }),
    },
    vars: { ...plan.vars },
    tasks: new Map(),
    bodies: new Map(),
    assigned: new Map(),
    inFlight: new Set(),
    evaluating: new Map(),
    early: new Map(),
    pausedMs: 0,
    held: [],
    undoable: [],
    tasksMade: 0,
    done: 0,
  };
}

/** Number of the shape below. Older ones stay readable: 2 knew nothing of large values that are read, 3 of signs of life that are waited for. */
export const SNAPSHOT_SCHEMA = 4;
const OLDEST_SCHEMA = 2;

/** Another build has written the state of this run, and that one alone goes on with it. */
export class SnapshotUnreadable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'instance.state_unreadable';
  constructor(schema: number) {
    super(
      `Its state has schema ${schema}; this build reads ${OLDEST_SCHEMA} to ${SNAPSHOT_SCHEMA}. ${schema > SNAPSHOT_SCHEMA ? 'A newer version of the service has written it, and goes on with it.' : 'Start the version that has written it, and let it end there.'}`,
      { schema },
    );
  }
}

/** Whether this build goes on with a state of this schema. */
export function readsSnapshot(schema: number): boolean {
  return schema >= OLDEST_SCHEMA && schema <= SNAPSHOT_SCHEMA;
}

/** Fields that are kept as they are. */
type Plain = Omit<
  RunState,
  'tasks' | 'bodies' | 'assigned' | 'inFlight' | 'evaluating' | 'early' | 'held' | 'undoable'
>;
type StoredTask = Omit<TaskState, 'body'> & { readonly body: string };
type StoredBody = Omit<BodyState, 'plan' | 'owner' | 'tasks'> & { readonly owner: string | null };
interface Snapshot extends Plain {
  readonly tasks: readonly StoredTask[];
  readonly bodies: readonly StoredBody[];
  readonly assigned: readonly (readonly [string, RunState['vars'][string]])[];
  readonly inFlight: readonly string[];
  readonly evaluating?: readonly Evaluation[];
  readonly early: readonly (readonly [string, { readonly body: RunState['vars'][string]; readonly at: number }])[];
  readonly held: readonly (readonly [string, number])[];
  readonly undoable: readonly string[];
}

/** The state as text, so that a run can go on elsewhere without its whole history. */
export function snapshot(run: RunState): string {
  const stored: Snapshot = {
    ...run,
    tasks: [...run.tasks.values()].sort((a, b) => a.order - b.order).map((task) => ({ ...task, body: task.body.path })),
    bodies: [...run.bodies.values()].map(({ plan: _plan, tasks: _tasks, owner, ...body }) => ({
      ...body,
      owner: owner?.path ?? null,
    })),
    assigned: [...run.assigned],
    inFlight: [...run.inFlight],
    evaluating: [...run.evaluating.values()],
    early: [...run.early],
    held: run.held.map(({ body, position }) => [body.path, position]),
    undoable: run.undoable.map(({ path }) => path),
  };
  return textWithLarge(stored);
}

/** @throws SnapshotUnreadable */
export function restore(plan: Plan, text: string, schema: number): RunState {
  if (!readsSnapshot(schema)) throw new SnapshotUnreadable(schema);
  const {
    tasks,
    bodies,
    assigned,
    inFlight,
    evaluating = [],
    early,
    held,
    undoable,
    ...plain
  } = withLarge(JSON.parse(text) as WithPlaces<Snapshot>);
  const run: RunState = {
    ...plain,
    tasks: new Map(),
    bodies: new Map(),
    assigned: new Map(assigned),
    inFlight: new Set(inFlight),
    evaluating: new Map(evaluating.map((of) => [keyOf(of), of])),
    early: new Map(early),
    held: [],
    undoable: [],
  };
  link(plan, run, tasks, bodies);
  for (const [path, position] of held) run.held.push({ body: bodyAt(run, path), position });
  for (const path of undoable) run.undoable.push(taskAt(run, path));
  return run;
}

/** Bodies name their tasks and tasks their bodies; a body is listed after the body that its owner stands in. */
function link(plan: Plan, run: RunState, tasks: readonly StoredTask[], bodies: readonly StoredBody[]): void {
  const within = new Map<string, StoredTask[]>();
  for (const task of tasks) {
    const siblings = within.get(task.body);
    if (siblings) siblings.push(task);
    else within.set(task.body, [task]);
  }
  for (const { owner, ...stored } of bodies) {
    const task = owner === null ? undefined : taskAt(run, owner);
    const body: BodyState = { ...stored, plan: planOf(plan, task, stored), owner: task, tasks: [] };
    run.bodies.set(body.path, body);
    for (const inside of within.get(body.path) ?? []) {
      const made: TaskState = { ...inside, body };
      if (made.construct?.kind === 'loop') made.construct.from = (made.construct as { from?: number }).from ?? 0;
      run.tasks.set(made.path, made);
      const position = plan.steps[made.step]?.position;
      if (position !== undefined) body.tasks[position] = made;
    }
  }
}

function planOf(plan: Plan, owner: TaskState | undefined, { path, slot }: Pick<BodyState, 'path' | 'slot'>): PlanBody {
  if (!owner) return plan.root;
  const step = plan.steps[owner.step];
  const planned = step && bodyOf(step, slot, path.slice(owner.path.length));
  if (!planned) throw new Error(`The plan has no body ${path}.`);
  return planned;
}

function bodyOf(step: PlanStep, slot: BodySlot, suffix: string): PlanBody | undefined {
  switch (slot) {
    case 'branch':
      if (step.kind !== 'branches' && step.kind !== 'parallel') return undefined;
      return step.branches.find(({ body }) => body.suffix === suffix)?.body;
    case 'iteration':
      return step.kind === 'loop' ? step.steps : undefined;
    case 'onError':
      return typeof step.onError === 'object' ? step.onError : undefined;
    case 'undo':
      return step.undo;
    case 'steps':
    case 'catch':
    case 'finally':
      return step.kind === 'try' ? step[slot] : undefined;
    case 'dag':
      return undefined;
  }
}

function bodyAt(run: RunState, path: string): BodyState {
  const body = run.bodies.get(path);
  if (!body) throw new Error(`The snapshot has no body ${path}.`);
  return body;
}

function taskAt(run: RunState, path: string): TaskState {
  const task = run.tasks.get(path);
  if (!task) throw new Error(`The snapshot has no task ${path}.`);
  return task;
}
