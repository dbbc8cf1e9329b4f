import { isJsonObject, type Json } from '@flow/kernel';
import type { Model, Outcome } from './model';
import type { Failure, Task } from './place';

/** What can be seen of a run: the same for the model and for the engine. */
export interface View {
  /** Open calls as `path#attempt`, with their parameters. */
  readonly calls: Readonly<Record<string, Json>>;
  readonly waits: Readonly<Record<string, Json>>;
  readonly pauses: readonly string[];
  readonly aborts: readonly string[];
  readonly tasks: Readonly<Record<string, TaskView>>;
  readonly outcome: Json;
}

export interface TaskView {
  readonly phase: string;
  readonly attempt: number;
  readonly handled: boolean;
  readonly output: Json;
}

export function viewOf(model: Model): View {
  const open = model.tasks.filter((task) => task.outside);
  const calls = open.filter((task) => task.outside?.kind === 'call');
  return {
    calls: Object.fromEntries(calls.map((task) => [`${task.path}#${task.attempt}`, task.parameters])),
    waits: Object.fromEntries(open.filter((task) => task.phase === 'waiting').map((task) => [task.path, waitOf(task)])),
    pauses: open.filter((task) => task.phase === 'retrying').map((task) => `${task.path}#${task.attempt}`),
    aborts: calls.filter((task) => task.body.isAborted()).map((task) => task.path),
    tasks: Object.fromEntries(model.tasks.map((task) => [task.path, taskView(task)])),
    outcome: model.outcome ? outcomeView(model.outcome) : null,
  };
}

function taskView({ phase, attempt, handled, output, step }: Task): TaskView {
  return { phase, attempt, handled, output: phase === 'succeeded' ? outputView(step.operator, output) : null };
}

/** Nothing can read what a `return` leaves as its own output. */
export function outputView(operator: string, output: Json): Json {
  return operator === '@internal/return' ? null : plain(output);
}

function waitOf({ outside }: Task): Json {
  switch (outside?.kind) {
    case 'timer':
      return { kind: 'timer', until: outside.until };
    case 'approval':
      return { kind: 'approval', decisions: outside.decisions.map((each) => ({ ...each })) };
    case 'children':
      return { kind: 'children', children: outside.children.map((child) => childView(child.id, child.ended?.status)) };
    default:
      return { kind: outside?.kind ?? null };
  }
}

export function childView(id: string | undefined, status: string | undefined): Json {
  return { id: id ?? null, status: status ?? null };
}

function outcomeView({ status, result, failure, compensation }: Outcome): Json {
  const entries = compensation.map(({ stepId, path, status: came, code }) => ({
    stepId,
    path,
    status: came,
    code: code ?? null,
  }));
  return { status, result: plain(result), failure: failure && failureView(failure), compensation: entries };
}

/** Messages are for people: two tellings may differ. */
export function failureView(failure: Failure): Json {
  const { code, stepId, path, attempt, output, cause } = failure;
  return { code, stepId, path, attempt, output: output ?? null, cause: cause ? failureView(cause) : null };
}

/** A value without the messages of errors in it. */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return (value as Json[]).map(plain);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).filter((key) => key !== 'message' || !('code' in value));
  return Object.fromEntries(keys.map((key) => [key, plain(value[key] ?? null)]));
}
