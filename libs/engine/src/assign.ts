import { AppError, FORBIDDEN_KEYS, contentOf, type Json } from '@flow/kernel';
import type { AssignTarget, Plan } from './plan';
import type { RunState } from './run';
import type { RunScope } from './run-scope';

const LARGEST_INDEX = 100_000;

export class AssignRefused extends AppError {
  readonly kind = 'invalid';
  readonly code = 'assign.refused';
}

/** What a variable or a step's output comes to when the value is put into it, as the whole or as a part. Values are never changed in place: others may hold them. */
export function changedBy(run: RunState, target: AssignTarget, value: Json, scope: RunScope): Json {
  if (target.name.startsWith('__')) return withPath(scope.step(target.name.slice(2)), target.path, value);
  const { name, path } = variableOf(run, target);
  return withPath(run.vars[name], path, value);
}

/** Puts what `changedBy` gave in the place of the variable or the output. */
export function assign(plan: Plan, run: RunState, target: AssignTarget, changed: Json, scope: RunScope): void {
  if (!target.name.startsWith('__')) {
    run.vars[variableOf(run, target).name] = changed;
    return;
  }
  const id = target.name.slice(2);
  const step = plan.byId.get(id);
  const task = step && scope.locate(step);
  if (task) task.assigned = { value: changed };
  else run.assigned.set(id, changed);
}

function variableOf(
  run: RunState,
  target: AssignTarget,
): { readonly name: string; readonly path: readonly (string | number)[] } {
  const [name, ...path] = target.name === 'vars' ? target.path : [target.name, ...target.path];
  if (typeof name !== 'string' || !Object.hasOwn(run.vars, name))
    throw new AssignRefused(`There is no variable ${String(name)} to assign to.`);
  return { name, path };
}

function withPath(held: Json | undefined, path: readonly (string | number)[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const current = contentOf(held ?? null);
  if (FORBIDDEN_KEYS.has(String(key))) throw new AssignRefused(`The key ${key} cannot be assigned to.`);
  if (typeof key === 'number') {
    if (key < 0 || key > LARGEST_INDEX) throw new AssignRefused(`The index ${key} is out of range.`);
    const list = Array.isArray(current) ? [...(current as readonly Json[])] : [];
    while (list.length < key) list.push(null);
    list[key] = withPath(list[key], rest, value);
    return list;
  }
  const object =
    typeof current === 'object' && current !== null && !Array.isArray(current) ? (current as Record<string, Json>) : {};
  return { ...object, [key]: withPath(object[key], rest, value) };
}
