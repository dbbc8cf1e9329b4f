import type { Branch } from '@flow/operators';
import { runLoop } from './loop';
import { failureAt, type Model, type Part } from './model';
import { errorValue, isTrue, render, scopeAt } from './names';
import { after, type Failure, type Place, type Result, type Task } from './place';

/** Runs a step that holds bodies, or leaves one; undefined for any other. */
export function* runConstruct(model: Model, task: Task): Part<Result | undefined> {
  switch (task.step.operator) {
    case '@control/flow/branches':
      return yield* branches(model, task);
    case '@control/flow/parallel':
      return yield* parallel(model, task);
    case '@control/flow/loop':
      return yield* runLoop(model, task);
    case '@control/flow/try':
      return yield* tried(model, task);
    case '@control/flow/break':
    case '@control/flow/continue': {
      const iteration = iterationAround(task.body);
      if (iteration.owner && task.step.operator === '@control/flow/break') iteration.owner.broken = true;
      model.leave(task.body, iteration);
      return { kind: 'done', output: null };
    }
    default:
      return undefined;
  }
}

function iterationAround(from: Place): Place {
  for (let place: Place | undefined = from; place; place = place.owner?.body)
    if (place.slot === 'iteration') return place;
  throw new Error('A break or continue stands outside of every loop.');
}

function* branches(model: Model, task: Task): Part<Result> {
  const chosen = chosenBranches(model, task, task.parameters.exclusive === true);
  for (const branch of chosen) {
    if (task.body.isHalted()) return { kind: 'stopped' };
    const result = yield* model.runBody(branchPlace(model, task, branch));
    if (result.kind !== 'done') return result;
  }
  return { kind: 'done', output: { branches: chosen.map((branch) => branch.id) } };
}

function branchPlace(model: Model, task: Task, branch: Branch): Place {
  const index = task.step.branches?.indexOf(branch) ?? 0;
  return model.placeIn(task, 'branch', `/${encodeURIComponent(branch.id)}`, branch.steps, index);
}

/** All conditions are read on the state of this moment. */
function chosenBranches(model: Model, task: Task, exclusive: boolean): readonly Branch[] {
  const all = task.step.branches ?? [];
  const chosen: Branch[] = [];
  for (const branch of all) {
    if (branch.default === true || !branchHolds(model, task, branch)) continue;
    chosen.push(branch);
    if (exclusive) break;
  }
  return chosen.length > 0 ? chosen : all.filter((branch) => branch.default === true);
}

function branchHolds(model: Model, task: Task, { conditions, expression }: Branch): boolean {
  const scope = scopeAt(task.body, model.globals);
  if (expression !== undefined) return isTrue(expression, scope);
  if (!conditions || conditions.length === 0) return true;
  return conditions.some((all) =>
    all.every(({ operator, parameters }) => {
      const a = render(parameters.a ?? null, scope);
      const b = render(parameters.b ?? null, scope);
      if (operator === '@internal/cmp/string-eq') return typeof a === 'string' && a === b;
      if (typeof a !== 'number' || typeof b !== 'number') return false;
      return operator === '@internal/cmp/number-gt' ? a > b : a === b;
    }),
  );
}

function* parallel(model: Model, task: Task): Part<Result> {
  const { join = 'all', failFast } = task.parameters as { join?: 'all' | 'any' | { n: number }; failFast?: boolean };
  const wanted = join === 'all' ? undefined : join === 'any' ? 1 : join.n;
  const chosen = chosenBranches(model, task, false);
  if (wanted !== undefined && chosen.length < wanted) return { kind: 'failed', failure: unreachable(task) };
  let running = chosen.map((branch) => ({ id: branch.id, place: branchPlace(model, task, branch) }));
  for (const { place } of running) model.threads.spawn(bodyOf(model, place));

  const winners: string[] = [];
  const failures: Failure[] = [];
  let fate: Result | undefined;
  for (let ended; running.length > 0;) {
    yield () => running.some(({ place }) => place.result);
    ended = running.find(({ place }) => place.result);
    running = running.filter((branch) => branch !== ended);
    if (!ended?.place.result || fate) continue;
    if (ended.place.result.kind === 'done') {
      winners.push(ended.id);
      if (winners.length !== wanted) continue;
      fate = { kind: 'done', output: { winners } };
      for (const { place } of running) place.stop({ abort: true });
    } else if (ended.place.result.kind === 'failed') {
      failures.push(ended.place.result.failure);
      if (wanted !== undefined && chosen.length - failures.length >= wanted) continue;
      fate = { kind: 'failed', failure: wanted === undefined ? failures[0]! : unreachable(task, failures[0]) };
      const abort = failFast === true && !task.body.isHalted();
      for (const { place } of running) place.stop({ abort });
    }
  }
  if (fate) return fate;
  return winners.length === chosen.length ? { kind: 'done', output: { winners } } : { kind: 'stopped' };
}

/** A body that runs beside others. */
export function* bodyOf(model: Model, place: Place): Generator<() => boolean, void, void> {
  yield* model.runBody(place);
}

function unreachable(task: Task, cause?: Failure): Failure {
  return { ...failureAt(task, { code: 'parallel.join_unreachable', message: '' }), ...(cause && { cause }) };
}

function* tried(model: Model, task: Task): Part<Result> {
  const { steps = [], catch: caught, finally: last } = task.step;
  let taken: Failure | undefined;
  let result = yield* model.runBody(model.placeIn(task, 'steps', '', steps));
  if (result.kind === 'failed' && caught && !task.body.isHalted()) {
    const { failure } = result;
    result = yield* model.runBody(model.placeIn(task, 'catch', '/@catch', caught, 0, { error: failure }));
    if (result.kind === 'failed') result = { kind: 'failed', failure: after(result.failure, failure) };
    else taken = failure;
  }
  if (last) {
    const end = yield* model.runBody(model.placeIn(task, 'finally', '/@finally', last));
    const earlier = result.kind === 'failed' ? result.failure : undefined;
    if (end.kind === 'failed') result = { kind: 'failed', failure: after(end.failure, earlier) };
    else if (end.kind === 'stopped' && result.kind === 'done') result = end;
  }
  if (result.kind !== 'done') return result;
  return { kind: 'done', output: { caught: taken !== undefined, error: taken ? errorValue(taken) : null } };
}
