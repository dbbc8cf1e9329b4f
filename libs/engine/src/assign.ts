import { AppError, FORBIDDEN_KEYS, LargeValue, LargeValueClosed, type Json } from '@flow/kernel';
import type { AssignTarget, Plan } from './plan';
import type { RunState } from './run';
import type { RunScope } from './run-scope';

const LARGEST_INDEX = 100_000;

export class AssignRefused extends AppError {
  readonly kind = 'invalid';
  readonly code = 'assign.refused';
}

/** Overwrites a variable or a step's output (or a part of one). Values are never changed in place: others may hold them. */
export function assignAt(plan: Plan, run: RunState, target: AssignTarget, value: Json, scope: RunScope): void {
  if (target.name.startsWith('__')) {
    const id = target.name.slice(2);
    const changed = withPath(scope.step(id), target.path, value);
    const step = plan.byId.get(id);
    const task = step && scope.locate(step);
    if (task) task.assigned = { value: changed };
    else run.assigned.set(id, changed);
    return;
  }
  const [name, ...path] = target.name === 'vars' ? target.path : [target.name, ...target.path];
  if (typeof name !== 'string' || !Object.hasOwn(run.vars, name))
    throw new AssignRefused(`There is no variable ${String(name)} to assign to.`);
  run.vars[name] = withPath(run.vars[name], path, value);
}

function withPath(current: Json | undefined, path: readonly (string | number)[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (current instanceof LargeValue)
    throw new LargeValueClosed('A part of a large value cannot be assigned to; assign the whole of it.');
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
