import type { Json } from '@flow/kernel';
import { failureAt, type Model, type Part } from './model';
import { Fault } from './names';
import type { Child, Outside, Result, Task } from './place';

/** How long an answer is waited for, and what `heartbeat` is here. */
export const DAY_MS = 86_400_000;
export const HEARTBEAT_MS = 20_000;

/** Runs a step that waits for something outside: a time, an answer, people, children. */
export function* runWait(model: Model, task: Task): Part<Result> {
  switch (task.step.operator) {
    case '@control/wait':
      return yield* timer(model, task);
    case '@control/callback':
      return yield* callback(model, task);
    case '@control/approval':
      return yield* approval(model, task);
    case '@subflow/call/workflow':
    case '@subflow/call/dataflow':
      return yield* children(model, task);
    default:
      throw new Error(`The model knows no ${task.step.operator}.`);
  }
}

/** Waits, unless it is over already; false when the place was halted first. */
function* waitFor(task: Task, outside: Outside, isOver: () => boolean, isStopped: () => boolean): Part<boolean> {
  if (isOver()) return true;
  task.phase = 'waiting';
  task.outside = outside;
  yield () => isOver() || isStopped();
  delete task.outside;
  return isOver();
}

function* timer(model: Model, task: Task): Part<Result> {
  const until = untilOf(model, task);
  const outside = { kind: 'timer' as const, over: until <= model.now, until };
  const over = yield* waitFor(
    task,
    outside,
    () => outside.over,
    () => task.body.isHalted(),
  );
  return over ? { kind: 'done', output: { until: new Date(outside.until).toISOString() } } : { kind: 'stopped' };
}

function untilOf(model: Model, task: Task): number {
  const { duration, until } = task.parameters;
  const units: Record<string, number> = { S: 1000, M: 60_000, H: 3_600_000 };
  const [, amount, unit = ''] = /^PT(\d+)([SMH])$/.exec(typeof duration === 'string' ? duration : '') ?? [];
  const at =
    amount === undefined
      ? Date.parse(typeof until === 'string' ? until : '')
      : model.now + Number(amount) * units[unit]!;
  if (Number.isNaN(at)) throw new Fault('wait.invalid', '');
  return at;
}

function* callback(model: Model, task: Task): Part<Result> {
  const early = model.early.get(task.path);
  const { now } = model;
  const outside: Outside & { kind: 'callback' } = {
    ...{ kind: 'callback', over: false, since: now, seenAt: now, overAt: 0 },
    ...(early && { answer: early }),
  };
  const answered = yield* waitFor(
    task,
    outside,
    () => outside.answer !== undefined || outside.over,
    () => task.body.isHalted(),
  );
  if (!answered) return { kind: 'stopped' };
  if (!outside.answer) {
    // Without `heartbeat` nothing is missed but the answer, for which there is a day.
    if (task.parameters.heartbeat === undefined || outside.overAt - outside.since >= DAY_MS) return timedOut(task);
    return { kind: 'failed', failure: failureAt(task, { code: 'callback.heartbeat_missed', message: '' }) };
  }
  const { body, at } = outside.answer;
  return { kind: 'done', output: { body, receivedAt: new Date(at).toISOString() } };
}

function timedOut(task: Task): Result {
  return { kind: 'failed', failure: failureAt(task, { code: 'task.timeout', message: '' }) };
}

function* approval(model: Model, task: Task): Part<Result> {
  const { assignees, quorum = 1, onReject, onExpiry } = task.parameters;
  const outside: Outside & { kind: 'approval' } = {
    kind: 'approval',
    over: false,
    assignees: assignees as string[],
    quorum: Number(quorum),
    decisions: [],
  };
  const rejected = () => outside.decisions.some(({ decision }) => decision === 'rejected');
  const approved = () => outside.decisions.length >= outside.quorum;
  const over = yield* waitFor(
    task,
    outside,
    () => rejected() || approved() || outside.over,
    () => task.body.isHalted(),
  );
  if (!over) return { kind: 'stopped' };
  const decisions = outside.decisions.map((each) => ({ ...each }));
  const decision = rejected() ? 'rejected' : approved() ? 'approved' : 'expired';
  const output = { decision, decisions };
  if (decision === 'rejected' && onReject !== 'continue')
    return { kind: 'failed', failure: failureAt(task, { code: 'approval.rejected', message: '', output }) };
  return decision === 'expired' && onExpiry !== 'continue' ? timedOut(task) : { kind: 'done', output };
}

/** A halt alone waits for children, as for calls; an abort cancels those that are waited for. */
function* children(model: Model, task: Task): Part<Result> {
  const batch = task.step.operator === '@subflow/call/dataflow';
  const { data, wait } = task.parameters;
  const list: Child[] = (batch ? (data as Json[]) : [null]).map(() => ({}));
  const waits = wait !== false;
  const outside: Outside & { kind: 'children' } = { kind: 'children', over: false, children: list, wait: waits };
  const stands = () => list.every((child) => child.ended ?? (!waits && child.id !== undefined));
  const over = yield* waitFor(
    task,
    outside,
    () => stands() || outside.over,
    () => task.body.isAborted(),
  );
  const rest = () => list.flatMap((child, index) => (child.ended ? [] : [`${task.path}#${index}`]));
  if (!over) {
    if (waits) model.childrenCancelled.push(...rest());
    return { kind: 'stopped' };
  }
  if (!stands()) {
    if (waits) model.childrenCancelled.push(...rest());
    return timedOut(task);
  }
  if (!waits && !list[0]?.ended) return { kind: 'done', output: { id: list[0]?.id ?? null } };
  const succeeded = list.filter((child) => child.ended?.status === 'succeeded').length;
  const items = list.map(({ id = null, ended }) => ({
    id,
    status: ended?.status ?? null,
    result: ended?.result ?? null,
  }));
  const all = { total: list.length, succeeded, failed: list.length - succeeded, items };
  if (succeeded === list.length) return { kind: 'done', output: batch ? all : (list[0]?.ended?.result ?? null) };
  const cause = list.find((child) => child.ended?.status !== 'succeeded')?.ended?.failure;
  const error = { code: 'subflow.failed', message: '', ...(batch && { output: all }) };
  return { kind: 'failed', failure: { ...failureAt(task, error), ...(cause && { cause }) } };
}
