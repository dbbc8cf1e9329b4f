import { LargeValue, type Json, type JsonObject } from '@flow/kernel';
import { isTrue } from '../conditions';
import { errorOf } from '../failure';
import type { LoopStep } from '../plan';
import type { BodyState, ConstructState, Failure, TaskState } from '../run';
import type { BodyEnd, Construct, Folding } from '../folding';

type State = ConstructState & { kind: 'loop' };

const MOST_ITERATIONS = 1_000;
/** No setting reaches beyond. */
const HARD_LIMIT = 10_000;
const MOST_AT_ONCE = 100;

/** Iterations over a number, a list or a condition, up to `concurrency` side by side. */
export const loop: Construct = {
  begin(fold, task) {
    const step = fold.stepOf(task) as LoopStep;
    const { parameters } = step.parameters.render(fold.scope);
    task.parameters = parameters;
    const range = rangeOf(step, parameters);
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
    state.running -= 1;
    const step = fold.stepOf(task) as LoopStep;
    const failure = end.kind === 'done' ? collect(fold, task, step, state, body) : failureIn(end);
    if (failure) {
      state.failed += 1;
      state.firstFailure ??= failure;
      if (step.tolerance === undefined) stop(fold, task, state, 'failed', false);
    } else if (end.kind === 'stop') state.stopped = true;
    keepNewest(fold, task, step, state, body);
    goOn(fold, task, state);
  },
};

/** `break`: no iteration begins any more, and those under way are stopped. */
export function breakLoop(fold: Folding, task: TaskState): void {
  if (task.construct?.kind === 'loop') stop(fold, task, task.construct, 'broken', true);
}

function goOn(fold: Folding, task: TaskState, state: State): void {
  const step = fold.stepOf(task) as LoopStep;
  while (state.running < state.concurrency && !state.decided && !fold.isHalted(task.body)) {
    const more = hasMore(fold, task, step, state);
    if (more === undefined) return;
    if (!more) break;
    const index = state.begun;
    state.begun += 1;
    state.running += 1;
    const value = state.items?.[index];
    fold.enter(task, 'iteration', step.steps, { index, ...(value !== undefined && { value }) });
  }
  if (state.running === 0) conclude(fold, task, step, state);
}

/** undefined: the step has failed by asking. */
function hasMore(fold: Folding, task: TaskState, { condition }: LoopStep, state: State): boolean | undefined {
  if (state.total !== undefined) return state.begun < state.total;
  let more = false;
  fold.scope.turnTo(task);
  fold.guarded(task, () => {
    more = condition !== undefined && isTrue(condition, fold.scope);
    if (more && state.begun >= state.most)
      fold.fail(task, {
        code: 'loop.limit',
        message: `The condition still held after ${state.most} iterations (maxIterations).`,
        retryable: false,
      });
  });
  return task.error && (task.handling || task.endedAt !== undefined) ? undefined : more;
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
function collect(fold: Folding, task: TaskState, step: LoopStep, state: State, body: BodyState): Failure | undefined {
  fold.scope.turnTo(task, body);
  try {
    const values = step.outputs.map(({ key, value }) => [key, value.evaluate(fold.scope)] as const);
    for (const [key, value] of values) {
      const list = (state.outputs[key] ??= []);
      while (list.length < body.index) list.push(null);
      list[body.index] = value;
    }
    return undefined;
  } catch (error) {
    return fold.failureOf(task, errorOf(error));
  }
}

function failureIn(end: BodyEnd): Failure | undefined {
  return end.kind === 'failed' ? end.failure : undefined;
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

type Range = Pick<State, 'total' | 'items' | 'concurrency' | 'most'>;

function rangeOf(step: LoopStep, parameters: JsonObject): Range | { code: string; message: string } {
  const most = Number(parameters.maxIterations ?? MOST_ITERATIONS);
  const concurrency = Number(parameters.concurrency ?? 1);
  if (!isWhole(most, 1, HARD_LIMIT)) return invalid(`maxIterations must be a whole number from 1 to ${HARD_LIMIT}.`);
  if (!isWhole(concurrency, 1, MOST_AT_ONCE))
    return invalid(`concurrency must be a whole number from 1 to ${MOST_AT_ONCE}.`);
  if (step.mode === 'while') return { total: undefined, items: undefined, concurrency: 1, most };
  const { array, limit } = parameters;
  let total: number;
  if (step.mode === 'array') {
    if (array instanceof LargeValue) return invalid('array is too large a list to be held; loop over a part of it.');
    if (!Array.isArray(array)) return invalid('array must be a list.');
    total = array.length;
  } else {
    total = Number(limit);
    if (typeof limit !== 'number' || !isWhole(total, 0, Number.MAX_SAFE_INTEGER))
      return invalid('limit must be a whole number, 0 or more.');
  }
  if (total > most)
    return { code: 'loop.limit', message: `${total} iterations are more than ${most} (maxIterations).` };
  return { total, items: step.mode === 'array' ? (array as readonly Json[]) : undefined, concurrency, most };
}

function invalid(message: string): { code: string; message: string } {
  return { code: 'loop.invalid', message };
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
