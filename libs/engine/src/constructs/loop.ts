import { LargeValue, LargeValueClosed, contentOf, type Json, type JsonObject } from '@flow/kernel';
import type { TaskError } from '@flow/operators';
import { isTrue } from '../conditions';
import { iterationOutputs, rendered } from '../evaluate';
import type { LoopEvaluation } from '../evaluation';
import { errorOf } from '../failure';
import type { LoopStep } from '../plan';
import type { BodyState, ConstructState, TaskState } from '../run';
import type { BodyEnd, Construct, Folding } from '../folding';

type State = ConstructState & { kind: 'loop' };

const MOST_ITERATIONS = 1_000;
/** No setting reaches beyond. */
const HARD_LIMIT = 10_000;
const MOST_AT_ONCE = 100;

/** Iterations over a number, a list or a condition, up to `concurrency` side by side. */
export const loop: Construct = {
  begin(fold, task, given) {
    const step = fold.stepOf(task) as LoopStep;
    const { parameters } = rendered(step, fold.scope, given);
    const range = rangeOf(step, parameters, given);
    task.parameters = parameters;
    if ('message' in range) {
      fold.fail(task, { ...range, retryable: false });
      return;
    }
    task.construct = {
      kind: 'loop',
      ...range,
      outputs: Object.fromEntries(step.outputs.map(({ key }) => [key, []])),
      begun: 0,
      running: 0,
      failed: 0,
      lastEnded: -1,
    };
    fold.changed(task);
    goOn(fold, task, task.construct);
  },

  bodyEnded(fold, task, body, end) {
    const { construct: state } = task;
    if (state?.kind !== 'loop') return;
    if (end.kind === 'done') collect(fold, task, state, body);
    else ended(fold, task, state, body, end);
  },
};

/** What was waited for is known: whether an iteration follows, the next elements, or the outputs of an iteration. */
export function loopGoesOn(
  fold: Folding,
  task: TaskState,
  of: LoopEvaluation,
  come: { readonly values: readonly Json[] } | { readonly error: TaskError },
): void {
  const { construct: state } = task;
  if (state?.kind !== 'loop') return;
  if (of.kind === 'collect') {
    const body = fold.run.bodies.get(`${task.path}[${of.index}]`);
    if (!body) return;
    if ('error' in come) ended(fold, task, state, body, { kind: 'failed', failure: fold.failureOf(task, come.error) });
    else keep(fold, task, state, body, come.values);
  } else if ('error' in come) {
    // Iterations may be under way: the loop fails when they have settled.
    state.firstFailure = fold.failureOf(task, come.error);
    stop(fold, task, state, 'failed', false);
    goOn(fold, task, state);
  } else if (of.kind === 'while') goOn(fold, task, state, come.values[0] === true);
  else {
    state.items = come.values;
    state.from = of.from;
    goOn(fold, task, state);
  }
}

/** The loop was halted while something of it was worked out, which nobody waits for any more. */
export function loopLetGo(fold: Folding, task: TaskState, of: LoopEvaluation): void {
  const { construct: state } = task;
  if (state?.kind !== 'loop') return;
  const body = of.kind === 'collect' ? fold.run.bodies.get(`${task.path}[${of.index}]`) : undefined;
  if (body) ended(fold, task, state, body, { kind: 'stop' });
  else goOn(fold, task, state);
}

function ended(fold: Folding, task: TaskState, state: State, body: BodyState, end: BodyEnd): void {
  const step = fold.stepOf(task) as LoopStep;
  state.running -= 1;
  if (end.kind === 'failed') {
    state.failed += 1;
    state.firstFailure ??= end.failure;
    if (step.tolerance === undefined) stop(fold, task, state, 'failed', false);
  } else if (end.kind === 'stop') state.stopped = true;
  keepNewest(fold, task, step, state, body);
  goOn(fold, task, state);
}

/** `break`: no iteration begins any more, and those under way are stopped. */
export function breakLoop(fold: Folding, task: TaskState): void {
  if (task.construct?.kind === 'loop') stop(fold, task, task.construct, 'broken', true);
}

/** `holds`: what the condition came to, where that is known already. */
function goOn(fold: Folding, task: TaskState, state: State, holds?: boolean): void {
  const step = fold.stepOf(task) as LoopStep;
  while (state.running < state.concurrency && !state.decided && !fold.isHalted(task.body)) {
    const more = hasMore(fold, task, step, state, holds);
    holds = undefined;
    if (more === undefined) return;
    if (!more) break;
    const index = state.begun;
    const value = state.items?.[index - state.from];
    if (state.items && value === undefined) {
      fold.ask({ kind: 'items', path: task.path, from: index });
      return;
    }
    state.begun += 1;
    state.running += 1;
    fold.enter(task, 'iteration', step.steps, { index, ...(value !== undefined && { value }) });
  }
  if (state.running === 0) conclude(fold, task, step, state);
}

/** undefined: the step has failed by asking, or waits for the answer. */
function hasMore(
  fold: Folding,
  task: TaskState,
  { condition }: LoopStep,
  state: State,
  holds: boolean | undefined,
): boolean | undefined {
  if (state.total !== undefined) return state.begun < state.total;
  let more = holds;
  if (more === undefined) {
    fold.scope.turnTo(task);
    fold.guarded(task, { kind: 'while', path: task.path }, () => (more = isTrue(condition, fold.scope)));
  }
  if (more !== true || state.begun < state.most) return more;
  fold.fail(task, {
    code: 'loop.limit',
    message: `The condition still held after ${state.most} iterations (maxIterations).`,
    retryable: false,
  });
  return undefined;
}

function conclude(fold: Folding, task: TaskState, { tolerance }: LoopStep, state: State): void {
  const { begun, failed, firstFailure, total, decided } = state;
  for (const list of Object.values(state.outputs)) for (let i = 0; i < begun; i += 1) list[i] ??= null;
  const output: Json = { outputs: state.outputs, iterations: begun, failed };
  const isCut = fold.isHalted(task.body) && (state.stopped === true || begun !== total);
  if (task.left) fold.succeed(task, null);
  else if (decided === 'failed' && firstFailure) fold.failWith(task, firstFailure);
  else if (decided === 'broken') fold.succeed(task, output);
  else if (isCut) fold.endHalted(task);
  else if (tolerance !== undefined && failed * 100 > tolerance * begun)
    fold.fail(
      task,
      {
        code: 'loop.too_many_failures',
        message: `${failed} of ${begun} iterations failed; ${tolerance} per cent may.`,
        retryable: false,
      },
      firstFailure,
    );
  else fold.succeed(task, output);
}

function stop(fold: Folding, task: TaskState, state: State, decided: 'failed' | 'broken', abort: boolean): void {
  state.decided ??= decided;
  if (fold.isHalted(task.body)) return;
  for (let index = 0; index < state.begun; index += 1) {
    const body = fold.run.bodies.get(`${task.path}[${index}]`);
    if (body && !body.ended) fold.halt(body, { kind: 'stop' }, abort);
  }
}

/** Renders the outputs of an iteration in itself; a fault there is the iteration's. */
function collect(fold: Folding, task: TaskState, state: State, body: BodyState): void {
  let values: readonly Json[];
  try {
    values = iterationOutputs(fold.stepOf(task) as LoopStep, task, body, fold.scope);
  } catch (error) {
    if (error instanceof LargeValueClosed && error.value)
      fold.ask({ kind: 'collect', path: task.path, index: body.index });
    else ended(fold, task, state, body, { kind: 'failed', failure: fold.failureOf(task, errorOf(error)) });
    return;
  }
  keep(fold, task, state, body, values);
}

function keep(fold: Folding, task: TaskState, state: State, body: BodyState, values: readonly Json[]): void {
  (fold.stepOf(task) as LoopStep).outputs.forEach(({ key }, i) => {
    const list = (state.outputs[key] ??= []);
    while (list.length < body.index) list.push(null);
    list[body.index] = values[i] ?? null;
  });
  ended(fold, task, state, body, { kind: 'done' });
}

/** Of the ended iterations only the one with the highest index is read any more; the others' tasks leave the state. */
function keepNewest(fold: Folding, task: TaskState, { hasUndo }: LoopStep, state: State, body: BodyState): void {
  const gone = Math.min(state.lastEnded, body.index);
  state.lastEnded = Math.max(state.lastEnded, body.index);
  if (gone < 0 || hasUndo) return;
  const root = `${task.path}[${gone}]`;
  const first = gone === body.index ? body : fold.run.bodies.get(root);
  if (first) forget(fold, first);
}

function forget(fold: Folding, body: BodyState): void {
  fold.run.bodies.delete(body.path);
  for (const task of body.tasks) {
    if (!task) continue;
    fold.run.tasks.delete(task.path);
    for (const inner of bodiesOf(fold, task)) forget(fold, inner);
  }
}

function bodiesOf(fold: Folding, task: TaskState): BodyState[] {
  const step = fold.stepOf(task);
  const planned = [
    ...(step.kind === 'branches' || step.kind === 'parallel' ? step.branches.map(({ body }) => body) : []),
    ...(step.kind === 'try' ? [step.steps, step.catch, step.finally] : []),
    ...(typeof step.onError === 'object' ? [step.onError] : []),
  ];
  const paths = planned.flatMap((body) => (body ? [task.path + body.suffix] : []));
  if (task.construct?.kind === 'loop') paths.push(`${task.path}[${task.construct.lastEnded}]`);
  return paths.flatMap((path) => fold.run.bodies.get(path) ?? []);
}

type Range = Pick<State, 'total' | 'items' | 'from' | 'concurrency' | 'most'>;

function rangeOf(
  step: LoopStep,
  parameters: JsonObject,
  given: readonly Json[] | undefined,
): Range | { code: string; message: string } {
  const most = Number(parameters.maxIterations ?? MOST_ITERATIONS);
  const concurrency = Number(parameters.concurrency ?? 1);
  if (!isWhole(most, 1, HARD_LIMIT)) return invalid(`maxIterations must be a whole number from 1 to ${HARD_LIMIT}.`);
  if (!isWhole(concurrency, 1, MOST_AT_ONCE))
    return invalid(`concurrency must be a whole number from 1 to ${MOST_AT_ONCE}.`);
  const bounds = { from: 0, concurrency, most };
  if (step.mode === 'while') return { ...bounds, total: undefined, items: undefined, concurrency: 1 };
  const { array = null, limit } = parameters;
  let items: readonly Json[] | undefined;
  let total: number;
  if (step.mode === 'array') {
    const isHeld = !given || !(array instanceof LargeValue);
    const list = isHeld ? contentOf(array) : given.slice(3);
    const length = isHeld ? Array.isArray(list) && list.length : given[2];
    if (typeof length !== 'number') return invalid('array must be a list.');
    items = list as readonly Json[];
    total = length;
  } else {
    total = Number(limit);
    if (typeof limit !== 'number' || !isWhole(total, 0, Number.MAX_SAFE_INTEGER))
      return invalid('limit must be a whole number, 0 or more.');
  }
  if (total > most)
    return { code: 'loop.limit', message: `${total} iterations are more than ${most} (maxIterations).` };
  return { ...bounds, total, items };
}

function invalid(message: string): { code: string; message: string } {
  return { code: 'loop.invalid', message };
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
