/** A step of a definition, as far as its place and its effect go. */
export interface DefinedStep {
  readonly id: string;
  readonly operator: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly dependsOn?: readonly string[];
}

/** Where steps stand side by side. */
interface Body {
  readonly steps: readonly DefinedStep[];
  /** The step whose body it is. */
  readonly owner: Place | undefined;
}

interface Place {
  readonly step: DefinedStep;
  readonly body: Body;
}

export interface EndedTask {
  readonly path: string;
  readonly stepId: string;
  readonly status: string;
  /** 0: it was never called. */
  readonly attempt: number;
  /** A failure that was taken care of. */
  readonly handled: boolean;
  /** Of a loop: how many iterations went on at once. */
  readonly concurrency: number;
}

export type RetryPoint = 'failed' | { readonly path: string };

/** What says how an operator touches the world. */
export type EffectOf = (step: DefinedStep) => 'pure' | 'read' | 'write';

const CONSTRUCTS: ReadonlySet<string> = new Set([
  '@internal/return',
  '@internal/assign',
  '@control/flow/break',
  '@control/flow/continue',
  '@control/flow/branches',
  '@control/flow/parallel',
  '@control/flow/loop',
  '@control/flow/try',
]);
/** They wait, for people, time and others, and call nothing. */
const WAITS: ReadonlySet<string> = new Set([
  '@control/wait',
  '@control/approval',
  '@control/callback',
  '@subflow/call/workflow',
  '@subflow/call/dataflow',
]);
const READING_METHODS: ReadonlySet<unknown> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** By the catalogue; an operator that it does not know may do anything. */
export function effectsOf(catalogue: readonly Readonly<Record<string, unknown>>[]): EffectOf {
  const byId = new Map(catalogue.map((operator) => [operator.id, operator]));
  return ({ operator, parameters = {} }) => {
    if (CONSTRUCTS.has(operator) || WAITS.has(operator)) return 'pure';
    if (operator === '@http/request') return READING_METHODS.has(parameters.method ?? 'GET') ? 'read' : 'write';
    const known = byId.get(operator);
    if (known?.kind === 'trigger') return 'pure';
    return known?.effect === 'pure' || known?.effect === 'read' ? known.effect : 'write';
  };
}

/**
 * Calls with an effect that were made and that a retry from here makes again, as POST /instances/{id}/retry decides; `repeats` of its
 * answer is what came of it. To be asked before, so that nobody pays twice by a click.
 */
export function repeatsOf(
  steps: unknown,
  tasks: readonly EndedTask[],
  undone: readonly string[],
  from: RetryPoint,
  effectOf: EffectOf,
): readonly EndedTask[] {
  const places = placesOf(steps);
  const byPath = new Map(tasks.map((task) => [task.path, task]));
  const again = from === 'failed' ? () => false : behind(places, byPath, tasks, from.path);
  const undoneOwners = new Set(undone.map((path) => path.slice(0, path.lastIndexOf('/@undo/'))));
  return tasks.filter((task) => {
    const step = places.get(task.stepId)?.step;
    if (!step || task.attempt === 0 || effectOf(step) !== 'write') return false;
    return !isKept(task, byPath) || again(task.path) || undoneOwners.has(task.path);
  });
}

function placesOf(steps: unknown): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const visitBody = (list: unknown, owner: Place | undefined) => {
    if (!Array.isArray(list)) return;
    const body: Body = { steps: list as DefinedStep[], owner };
    for (const step of body.steps) {
      const place = { step, body };
      places.set(step.id, place);
      const { branches, steps: inner, catch: caught, finally: last, onError, undo } = step as unknown as Inner;
      if (Array.isArray(branches)) for (const branch of branches as Inner[]) visitBody(branch.steps, place);
      visitBody(inner, place);
      visitBody(caught, place);
      visitBody(last, place);
      if (typeof onError === 'object' && onError !== null) visitBody((onError as Inner).steps, place);
      if (undo !== undefined) visitBody([undo], place);
    }
  };
  visitBody(steps, undefined);
  return places;
}

interface Inner {
  readonly branches?: unknown;
  readonly steps?: unknown;
  readonly catch?: unknown;
  readonly finally?: unknown;
  readonly onError?: unknown;
  readonly undo?: unknown;
}

function isKept({ path, status, handled }: EndedTask, byPath: ReadonlyMap<string, EndedTask>): boolean {
  const isWell = (task: EndedTask | undefined) =>
    task?.status === 'succeeded' || (task?.status === 'failed' && task.handled);
  if (status !== 'succeeded' && !(status === 'failed' && handled)) return false;
  if (path.includes('/@undo/')) return false;
  // What was done about a failure is done again, unless its step came to a good end.
  return [...path.matchAll(/\/@/g)].every(({ index }) => isWell(byPath.get(path.slice(0, index))));
}

/** Whether a path is that of the target, lies within it, or comes after it. */
function behind(
  places: ReadonlyMap<string, Place>,
  byPath: ReadonlyMap<string, EndedTask>,
  tasks: readonly EndedTask[],
  from: string,
): (path: string) => boolean {
  const roots = [from];
  const iterations: { readonly loop: string; readonly from: number }[] = [];
  let path = from;
  for (let place = places.get(byPath.get(from)?.stepId ?? ''); place;) {
    const body = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    // A sibling's path ends as its id does; the ids in paths are escaped, so siblings are found by their tasks.
    const later = laterThan(place);
    for (const task of tasks)
      if (later.has(task.stepId) && task.path.slice(0, Math.max(0, task.path.lastIndexOf('/'))) === body)
        roots.push(task.path);
    const { owner }: Body = place.body;
    if (!owner) break;
    const around = tasks.find((task) => task.stepId === owner.step.id && isWithin(body, task.path));
    if (!around) break;
    const index = /^\[(\d+)\]/.exec(body.slice(around.path.length))?.[1];
    if (index !== undefined && around.concurrency <= 1) iterations.push({ loop: around.path, from: Number(index) + 1 });
    [place, path] = [owner, around.path];
  }
  return (one) =>
    roots.some((root) => isWithin(one, root)) ||
    iterations.some(({ loop, from: first }) => {
      const index = one.startsWith(`${loop}[`) ? Number.parseInt(one.slice(loop.length + 1), 10) : -1;
      return index >= first;
    });
}

/** Siblings that wait for a step, and for those: in sequence unless `dependsOn` says otherwise. */
function laterThan({ step, body }: Place): ReadonlySet<string> {
  const later = new Set<string>();
  const visit = (id: string) => {
    body.steps.forEach((one, i) => {
      const needs = one.dependsOn ?? (i > 0 ? [body.steps[i - 1]?.id] : []);
      if (!needs.includes(id) || later.has(one.id)) return;
      later.add(one.id);
      visit(one.id);
    });
  };
  visit(step.id);
  return later;
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`) || path.startsWith(`${root}[`);
}
