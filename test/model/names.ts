import { compileExpression, compileValue, type Scope } from '@flow/expressions';
import type { Json, JsonObject } from '@flow/kernel';
import { holds, type Failure, type Place, type Task } from './place';

/** What every expression of a run can read besides steps. */
export interface Globals {
  readonly vars: Record<string, Json>;
  readonly input: JsonObject;
}

/** The names that a reader in this body sees. */
export function scopeAt(place: Place, globals: Globals): Scope {
  return {
    get(name) {
      if (name === 'vars') return globals.vars;
      if (name === 'trigger') return globals.input;
      if (name === 'error') return nearest(place, (at) => at.error && errorValue(at.error));
      if (name === 'completed') return nearest(place, (at) => at.completed);
      return name.startsWith('__') ? readStep(place, name.slice(2)) : undefined;
    },
    step: (id) => readStep(place, id),
  };
}

/** From the reader outward; the first body that holds the step decides, also when it has not run. */
function readStep(from: Place, id: string): Json {
  for (let place: Place | undefined = from; place; place = place.owner?.body) {
    const found = within(place, id);
    if (found) return found.value;
    if (place.slot === 'iteration' && place.owner?.step.id === id)
      return { index: place.index, value: place.value ?? null };
  }
  return null;
}

function within(place: Place, id: string): { value: Json } | undefined {
  for (const [position, step] of place.steps.entries()) {
    const task = place.tasks[position];
    if (step.id === id) return { value: valueOf(task) };
    if (holds(step, id)) return { value: task ? through(task, id) : null };
  }
  return undefined;
}

function through(task: Task, id: string): Json {
  for (const place of visible(task)) {
    const found = within(place, id);
    if (found) return found.value;
  }
  return null;
}

/** The bodies that others read: of a loop only the ended iteration with the highest index. */
function visible(task: Task): Place[] {
  const iterations = task.places.filter((place) => place.slot === 'iteration' && place.result);
  const last = iterations.reduce<Place | undefined>((a, b) => (a && a.index > b.index ? a : b), undefined);
  const others = task.places.filter((place) => place.slot !== 'iteration' && place.slot !== 'undo');
  return last ? [last, ...others] : others;
}

function valueOf(task: Task | undefined): Json {
  if (task?.phase === 'succeeded') return task.output;
  if (task?.phase === 'failed' && task.failure)
    return { error: { code: task.failure.code, message: task.failure.message, output: task.failure.output ?? null } };
  return null;
}

export function errorValue(failure: Failure): JsonObject {
  const { code, message, stepId, path, attempt, output = null } = failure;
  return { code, message, stepId, path, attempt, output };
}

function nearest(from: Place, read: (place: Place) => Json | undefined): Json {
  for (let place: Place | undefined = from; place; place = place.owner?.body) {
    const value = read(place);
    if (value !== undefined) return value;
  }
  return null;
}

/** A fault that an expression met in a run, as a code. */
export class Fault extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Values are copied: an output never changes after its step's end. */
export function render<T extends Json>(value: T, scope: Scope): T {
  return faulting(() => structuredClone(compileValue(value).evaluate(scope)) as T);
}

/** `when`, `while` and the expression of a branch: true alone holds. */
export function isTrue(expression: string, scope: Scope): boolean {
  return faulting(() => compileExpression(expression).evaluate(scope) === true);
}

function faulting<T>(evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new Fault(String(error.code), error.message);
    throw error;
  }
}
