import type { Json, JsonObject } from '@flow/kernel';
import { bodyOf } from './constructs';
import { failureAt, type Model, type Part } from './model';
import { Fault, isTrue, render, scopeAt } from './names';
import type { Failure, Place, Result, Task } from './place';

interface Rules {
  readonly mode: 'limit' | 'array' | 'while';
  readonly limit?: Json;
  readonly array?: Json;
  readonly concurrency?: number;
  readonly maxIterations?: number;
  readonly failures?: 'stop' | 'continue' | { readonly maxPercent: number };
}

/** `@control/flow/loop`: begins iterations while it may, takes them as they end, and says what they came to. */
export function* runLoop(model: Model, task: Task): Part<Result> {
  const rules = task.parameters as unknown as Rules;
  const { concurrency = 1, maxIterations = 1000, failures = 'stop' } = rules;
  const total = totalOf(rules);
  if (total !== undefined && total > maxIterations) throw tooMany();

  const begun: Place[] = [];
  const outputs = new Map<Place, JsonObject>();
  const failed: Failure[] = [];
  let running: Place[] = [];
  let fate: Result | undefined;
  let incomplete = false;
  const more = () => {
    if (total !== undefined) return begun.length < total;
    const condition = task.step.parameters?.while as string;
    if (!isTrue(condition, scopeAt(task.body, model.globals))) return false;
    if (begun.length >= maxIterations) throw tooMany();
    return true;
  };
  for (;;) {
    while (!fate && !task.broken && running.length < concurrency) {
      if (task.body.isHalted()) incomplete ||= begun.length !== total;
      if (task.body.isHalted() || !more()) break;
      const value = rules.mode === 'array' ? { value: (rules.array as Json[])[begun.length] ?? null } : {};
      const place = model.placeIn(task, 'iteration', `[${begun.length}]`, task.step.steps ?? [], begun.length, value);
      begun.push(place);
      running.push(place);
      model.threads.spawn(bodyOf(model, place));
    }
    if (running.length === 0) break;
    yield () => running.some((place) => place.result) || (task.broken && !fate);
    if (task.broken && !fate) {
      fate = { kind: 'done', output: null };
      for (const place of running) place.stop({ abort: true });
    }
    const ended = running.find((place) => place.result);
    running = running.filter((place) => place !== ended);
    if (fate && ended?.result?.kind === 'failed') failed.push(ended.result.failure);
    if (!ended || fate) continue;
    const failure = failureOf(model, task, ended, outputs);
    incomplete ||= ended.result?.kind === 'stopped';
    if (!failure) continue;
    failed.push(failure);
    if (failures !== 'stop') continue;
    fate = { kind: 'failed', failure };
    for (const place of running) place.stop({ abort: false });
  }

  if (fate?.kind === 'failed') return fate;
  if (!task.broken) {
    if (incomplete) return { kind: 'stopped' };
    const percent = typeof failures === 'object' ? failures.maxPercent : 100;
    if (failed[0] && (failed.length / begun.length) * 100 > percent) return tooManyFailures(task, failed[0]);
  }
  const keys = outputsOf(task).map(({ key }) => key);
  const lists = keys.map((key) => [key, begun.map((place) => outputs.get(place)?.[key] ?? null)]);
  const output = { outputs: Object.fromEntries(lists) as JsonObject, iterations: begun.length, failed: failed.length };
  return { kind: 'done', output };
}

function totalOf({ mode, array, limit }: Rules): number | undefined {
  if (mode === 'while') return undefined;
  if (mode === 'array' && Array.isArray(array)) return array.length;
  if (mode === 'limit' && typeof limit === 'number' && Number.isInteger(limit) && limit >= 0) return limit;
  throw new Fault('loop.invalid', '');
}

function tooMany(): Fault {
  return new Fault('loop.limit', '');
}

function tooManyFailures(task: Task, cause: Failure): Result {
  return { kind: 'failed', failure: { ...failureAt(task, { code: 'loop.too_many_failures', message: '' }), cause } };
}

function outputsOf(task: Task): readonly { readonly key: string; readonly value: Json }[] {
  return (task.step.parameters?.outputs ?? []) as { key: string; value: Json }[];
}

/** How an iteration that ended had failed; what one that is done gives is kept. */
function failureOf(model: Model, task: Task, place: Place, outputs: Map<Place, JsonObject>): Failure | undefined {
  if (place.result?.kind === 'failed') return place.result.failure;
  if (place.result?.kind !== 'done') return undefined;
  try {
    const scope = scopeAt(place, model.globals);
    outputs.set(place, Object.fromEntries(outputsOf(task).map(({ key, value }) => [key, render(value, scope)])));
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return failureAt(task, error);
    throw error;
  }
}
