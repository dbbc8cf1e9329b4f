import type { Json } from '@flow/kernel';
import type { Plan } from './plan';
import {
  isOver,
  type BodyState,
  type Ending,
  type RunOutcome,
  type RunStart,
  type RunState,
  type TaskState,
} from './run';

/** The state of a run before its `started` event has been folded. */
export function newRun(plan: Plan, start: RunStart): RunState {
  const { instanceId, dagId, at, input, trigger, env, variables } = start;
  return {
    start: { instanceId, dagId, at, input, trigger, ...(env && { env }), ...(variables && { variables }) },
    vars: { ...plan.vars },
    tasks: new Map(),
    bodies: new Map(),
    assigned: new Map(),
    latest: new Map(),
    inFlight: new Set(),
    done: 0,
    failing: false,
  };
}

/** Number of the shape below; a build reads its own and every older one. */
export const SNAPSHOT_SCHEMA = 1;

/** The state as text, so that a run can go on elsewhere without its whole history. */
export function snapshot(run: RunState): string {
  return JSON.stringify({
    start: run.start,
    vars: run.vars,
    tasks: [...run.tasks.values()],
    bodies: [...run.bodies.values()],
    assigned: [...run.assigned],
    latest: [...run.latest].map(([id, { path }]) => [id, path]),
    done: run.done,
    failing: run.failing,
    ending: run.ending,
    outcome: run.outcome,
  });
}

interface Snapshot extends Pick<RunState, 'start' | 'vars' | 'done' | 'failing'> {
  readonly tasks: readonly TaskState[];
  readonly bodies: readonly BodyState[];
  readonly assigned: readonly (readonly [string, Json])[];
  readonly latest: readonly (readonly [string, string])[];
  readonly ending?: Ending;
  readonly outcome?: RunOutcome;
}

/** Throws when the snapshot has a newer schema than this build. */
export function restore(text: string, schema: number): RunState {
  if (schema > SNAPSHOT_SCHEMA)
    throw new Error(`The snapshot has schema ${schema}; this build reads up to ${SNAPSHOT_SCHEMA}.`);
  const stored = JSON.parse(text) as Snapshot;
  const tasks = new Map(stored.tasks.map((task) => [task.path, task]));
  return {
    start: stored.start,
    vars: stored.vars,
    tasks,
    bodies: new Map(stored.bodies.map((body) => [body.path, body])),
    assigned: new Map(stored.assigned),
    latest: new Map(
      stored.latest.flatMap(([id, path]) => (tasks.has(path) ? [[id, tasks.get(path) as TaskState] as const] : [])),
    ),
    inFlight: new Set(stored.tasks.filter((task) => !isOver(task.phase) && !task.branches).map(({ path }) => path)),
    done: stored.done,
    failing: stored.failing,
    ...(stored.ending && { ending: stored.ending }),
    ...(stored.outcome && { outcome: stored.outcome }),
  };
}
