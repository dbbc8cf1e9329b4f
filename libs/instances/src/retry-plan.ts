import { withLarge, type Fault, type Json } from '@flow/kernel';
import type { Adopted, Plan, PlanStep } from '@flow/engine';
import { childPath } from '@flow/engine';
import type { Effect } from '@flow/operators';
import type { Instance, Task } from './instance';

/** Where a retry goes on: at what failed, or at a step (of its first task, where it ran often) or a task. */
export type RetryFrom = 'failed' | { readonly stepId: string } | { readonly path: string };

/** What a retry keeps of the instance before it, and what it will do again. */
export interface RetryPlan {
  readonly adopted: Readonly<Record<string, Adopted>>;
  /** What was done before and will be done again, as long as the run comes to it again. */
  readonly again: readonly RepeatedTask[];
  /** Of those, the calls that may change the world. */
  readonly repeats: readonly Omit<RepeatedTask, 'effect'>[];
}

export interface RepeatedTask {
  readonly stepId: string;
  readonly path: string;
  readonly operator: string;
  /** Of a call; null of what waits and of sub-flows, whose calls are their own. */
  readonly effect: Effect | null;
}

/** Steps that carry nothing over: they are worked out again from what is kept. */
const WORKED_OUT: ReadonlySet<PlanStep['kind']> = new Set([
  'trigger',
  'return',
  'assign',
  'break',
  'continue',
  'branches',
  'parallel',
  'loop',
  'try',
]);

/**
 * What is kept: every task that succeeded (or failed and was handled), unless it comes after the step that the retry begins with, was
 * undone, or belonged to the handling of a failure that will be met again. `tasks` are all of the ended instance's.
 */
export function planRetry(
  plan: Plan,
  { reason }: Pick<Instance, 'reason'>,
  tasks: readonly Task[],
  from: RetryFrom,
  outputs: Readonly<Record<string, Json>>,
): RetryPlan | { readonly fault: Fault } {
  const target = from === 'failed' ? undefined : targetOf(tasks, from);
  if (from !== 'failed' && !target) return { fault: unknownFrom(from) };
  const isBehind = target ? behind(plan, target, tasks) : () => false;
  const undone = new Set(reason?.compensation?.map(({ path }) => ownerOf(path)));
  const ended = new Map(tasks.map((task) => [task.path, task]));
  const kept = tasks.filter((task) => isKept(plan, task, ended) && !isBehind(task.path) && !undone.has(task.path));
  const adopted: Record<string, Adopted> = Object.fromEntries(kept.map((task) => [task.path, adoptedOf(task)]));
  for (const [name, output] of Object.entries(outputs)) {
    const paths = pathsOf(plan, tasks, name);
    if (paths.length === 0) return { fault: unknownOutput(name) };
    for (const path of paths) adopted[path] = { output };
  }
  const again = tasks.flatMap((task) => (Object.hasOwn(adopted, task.path) ? [] : repeatedOf(plan, task)));
  const repeats = again.filter(({ effect }) => effect === 'write');
  return { adopted, again, repeats: repeats.map(({ effect: _effect, ...task }) => task) };
}

/** The task again; nothing where it was never begun, or is worked out without doing anything. */
function repeatedOf(plan: Plan, { stepId, path, operator, attempt }: Task): readonly RepeatedTask[] {
  const step = plan.byId.get(stepId);
  if (!step || attempt === 0 || WORKED_OUT.has(step.kind)) return [];
  return [{ stepId, path, operator, effect: step.kind === 'action' ? step.effect : null }];
}

/** Faults where steps whose results are kept are gone from another version, or call something else there. */
export function versionFaults(
  before: Plan,
  after: Plan,
  adopted: Readonly<Record<string, Adopted>>,
  tasks: readonly Task[],
): Fault[] {
  const faults = new Map<string, Fault>();
  for (const { stepId, path } of tasks) {
    if (!Object.hasOwn(adopted, path)) continue;
    const [old, now] = [before.byId.get(stepId), after.byId.get(stepId)];
    const change = !now
      ? 'is gone'
      : now.operator.id !== old?.operator.id
        ? `calls ${now.operator.id} now`
        : placeOf(now) !== placeOf(old)
          ? 'stands elsewhere'
          : undefined;
    if (change)
      faults.set(stepId, { pointer: '/version', code: 'step.differs', message: `The step "${stepId}" ${change}.` });
  }
  return [...faults.values()];
}

function isKept(plan: Plan, { stepId, path, status, error }: Task, ended: ReadonlyMap<string, Task>): boolean {
  const step = plan.byId.get(stepId);
  if (!step || WORKED_OUT.has(step.kind)) return false;
  if (status !== 'succeeded' && !(status === 'failed' && error?.handled === true)) return false;
  if (path.includes('/@undo/')) return false;
  // What a catch, finally or onError did belongs to a failure, unless its step came to a good end.
  return [...path.matchAll(/\/@/g)].every(({ index }) => {
    const owner = ended.get(path.slice(0, index));
    return owner?.status === 'succeeded' || (owner?.status === 'failed' && owner.error?.handled === true);
  });
}

function adoptedOf(task: Task): Adopted {
  const { status, output, error, input } = withLarge(task);
  const parameters = typeof input === 'object' && input !== null && !Array.isArray(input) ? { parameters: input } : {};
  if (status === 'succeeded' || !error) return { output, ...parameters } as Adopted;
  const { code, message, output: came } = error;
  return {
    error: { code, message, retryable: false, ...(came !== undefined && { output: came }) },
    ...parameters,
  } as Adopted;
}

function targetOf(
  tasks: readonly Task[],
  from: { readonly stepId: string } | { readonly path: string },
): Task | undefined {
  return tasks.find((task) => ('path' in from ? task.path === from.path : task.stepId === from.stepId));
}

/** Whether a path is the target's, lies within it, or comes after it: after a step come those that need it, and what comes after the construct around it. */
function behind(plan: Plan, target: Task, tasks: readonly Task[]): (path: string) => boolean {
  const roots = [target.path];
  const iterations: { readonly loop: string; readonly from: number }[] = [];
  for (let step = plan.byId.get(target.stepId), path = target.path; step;) {
    const body = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    for (const position of closure(step)) {
      const later = step.body.steps[position];
      if (later) roots.push(childPath(body, later.id));
    }
    const owner: PlanStep | undefined = step.body.owner;
    if (!owner) break;
    const around = tasks.find((task) => task.stepId === owner.id && isWithin(body, task.path));
    if (!around) break;
    const index = /^\[(\d+)\]/.exec(body.slice(around.path.length))?.[1];
    // Iterations side by side do not follow one another.
    if (index !== undefined && !(Number(sizeOf(around.input)) > 1))
      iterations.push({ loop: around.path, from: Number(index) + 1 });
    [step, path] = [owner, around.path];
  }
  return (path) =>
    roots.some((root) => isWithin(path, root)) ||
    iterations.some(({ loop, from }) => {
      const index = path.startsWith(`${loop}[`) ? Number.parseInt(path.slice(loop.length + 1), 10) : -1;
      return index >= from;
    });
}

/** Positions of the siblings that wait for a step, and for those. */
function closure(step: PlanStep): ReadonlySet<number> {
  const found = new Set<number>();
  const visit = (positions: readonly number[]): void => {
    for (const position of positions) {
      if (found.has(position)) continue;
      found.add(position);
      visit(step.body.steps[position]?.dependents ?? []);
    }
  };
  visit(step.dependents);
  return found;
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`) || path.startsWith(`${root}[`);
}

function sizeOf(input: Json): Json {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
    ? ((input as { concurrency?: Json }).concurrency ?? 1)
    : 1;
}

function ownerOf(undoPath: string): string {
  return undoPath.slice(0, undoPath.lastIndexOf('/@undo/'));
}

/** Ids of a step around, outermost first: where it stands. */
function placeOf(step: PlanStep | undefined): string {
  const ids: string[] = [];
  for (let at = step; at; at = at.body.owner) ids.unshift(`${at.body.suffix}/${at.id}`);
  return ids.join(' ');
}

/** An output can be given by path, by the id of a step (for all its tasks), or for a step that never ran and has one place only. */
function pathsOf(plan: Plan, tasks: readonly Task[], name: string): readonly string[] {
  const ran = tasks.filter(({ path, stepId }) => path === name || stepId === name).map(({ path }) => path);
  if (ran.length > 0) return ran;
  const step = plan.byId.get(name);
  const path = step && onlyPathOf(step);
  return path === undefined ? [] : [path];
}

function onlyPathOf(step: PlanStep): string | undefined {
  const { owner, suffix } = step.body;
  if (!owner) return childPath('', step.id);
  const around = owner.kind === 'loop' ? undefined : onlyPathOf(owner);
  return around === undefined ? undefined : childPath(around + suffix, step.id);
}

function unknownFrom(from: { readonly stepId: string } | { readonly path: string }): Fault {
  const [field, name] = 'path' in from ? ['path', from.path] : ['stepId', from.stepId];
  return {
    pointer: `/from/${field}`,
    code: 'retry.from_unknown',
    message: `The instance has no task "${name}" to go on from.`,
  };
}

function unknownOutput(name: string): Fault {
  const pointer = `/outputs/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return {
    pointer,
    code: 'retry.output_unknown',
    message: `There is no step or task "${name}" to give an output for.`,
  };
}
