import { durationMs, isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import type { RunEvent } from './event';
import type { SubflowStep } from './plan';
import type { ChildState, Decision, TaskState, WaitingFor } from './run';
import type { Folding } from './folding';

/** Longest wait, and the latest time that a date can hold with room to spare. */
const LONGEST_WAIT_MS = 366 * 24 * 60 * 60 * 1000;
/** Children of one step. */
const MOST_CHILDREN = 10_000;
/** Signs of life are written down: nobody is to send them faster than this. */
const SHORTEST_HEARTBEAT_MS = 5_000;
const APPROVAL_EXPIRES = 'P7D';
/** Pauses before further attempts of a wait are not spread: nothing is stormed by them. */
const CHANCE = 0.5;

// Time

export function waitForTime(fold: Folding, task: TaskState, { duration, until }: JsonObject): void {
  const at =
    until === undefined ? later(task.startedAt, duration) : typeof until === 'string' ? Date.parse(until) : NaN;
  if (at === undefined || Number.isNaN(at) || at > fold.at + LONGEST_WAIT_MS) {
    const message = `A wait takes "duration" (ISO 8601, such as PT5M) or "until" (RFC 3339), at most 366 days ahead; this one got ${JSON.stringify(duration ?? until ?? null)}.`;
    fold.fail(task, { code: 'wait.invalid', message, retryable: false });
  } else if (at <= fold.at || fold.run.start.debug?.dryRun) fold.succeed(task, { until: iso(at) });
  else wait(fold, task, { kind: 'timer', until: at }, at);
}

// Answers

export function waitForAnswer(fold: Folding, task: TaskState, { heartbeat }: JsonObject): void {
  const key = `${task.path}#${task.attempt}`;
  const early = fold.run.early.get(key);
  fold.run.early.delete(key);
  if (early) fold.succeed(task, { body: early.body, receivedAt: iso(early.at) });
  else if (!dryRun(fold, task)) awaitAnswer(fold, task, heartbeat);
}

/** A call was taken by the other side; its answer comes to the task's own address. */
export function deferred(fold: Folding, task: TaskState): void {
  const key = `${task.path}#${task.attempt}`;
  const early = fold.run.early.get(key);
  fold.run.early.delete(key);
  if (early) fold.succeed(task, answerOf(early.body, early.at));
  else if (task.aborting) fold.end(task, 'cancelled');
  else awaitAnswer(fold, task, task.parameters?.heartbeat);
}

/** With a `heartbeat` it is not waited longer than that without a sign of life. */
function awaitAnswer(fold: Folding, task: TaskState, heartbeat: Json | undefined): void {
  if (heartbeat === undefined || heartbeat === null) {
    wait(fold, task, { kind: 'callback' }, expiry(fold, task));
    return;
  }
  const heartbeatMs = typeof heartbeat === 'string' ? durationMs(heartbeat) : undefined;
  if (heartbeatMs === undefined || heartbeatMs < SHORTEST_HEARTBEAT_MS || heartbeatMs > LONGEST_WAIT_MS) {
    const message = `"heartbeat" is an ISO 8601 duration from PT5S to P366D; this one is ${JSON.stringify(heartbeat)}.`;
    fold.fail(task, { code: 'callback.heartbeat_invalid', message, retryable: false });
    return;
  }
  const until = Math.min(expiry(fold, task) ?? Infinity, fold.at + heartbeatMs);
  wait(fold, task, { kind: 'callback', heartbeatMs }, until);
}

/** The side that is to answer is alive; what it tells is shown. */
export function progressed(fold: Folding, task: TaskState, { progress, at }: RunEvent & { type: 'progressed' }): void {
  const { waitingFor } = task;
  if (waitingFor?.kind !== 'callback') return;
  if (Object.keys(progress).length > 0) waitingFor.progress = { ...progress, at };
  waitingFor.seenAt = at;
  const { heartbeatMs } = waitingFor;
  if (heartbeatMs !== undefined) wakeAgain(fold, task, Math.min(expiry(fold, task) ?? Infinity, at + heartbeatMs));
  fold.changed(task);
}

/** Accepted once; before its step's turn it is kept for it. */
export function answered(fold: Folding, { path, attempt, body, at, failure }: RunEvent & { type: 'answered' }): void {
  const task = fold.run.tasks.get(path);
  if (task?.phase === 'waiting' && task.waitingFor?.kind === 'callback' && task.attempt === attempt) {
    if (failure) fold.fail(task, { ...failure, retryable: false, ...(body !== null && { output: body }) });
    else fold.succeed(task, answerOf(body, at));
  } else if (failure) return;
  else if (!task || (task.phase === 'running' && task.attempt === attempt && !task.aborting))
    if (!fold.run.early.has(`${path}#${attempt}`)) fold.run.early.set(`${path}#${attempt}`, { body, at });
}

function answerOf(body: Json, at: number): JsonObject {
  return { body, receivedAt: iso(at) };
}

// People

export function askForApproval(fold: Folding, task: TaskState, parameters: JsonObject): void {
  const { assignees, quorum = 1, schema, expiresIn = APPROVAL_EXPIRES } = parameters;
  const people = Array.isArray(assignees) ? assignees.map(String) : [];
  const until = later(fold.at, expiresIn);
  if (people.length === 0 || until === undefined || !(Number(quorum) >= 1 && Number(quorum) <= people.length)) {
    const message = `An approval needs assignees, a quorum of at most as many, and an ISO 8601 duration in expiresIn.`;
    fold.fail(task, { code: 'approval.invalid', message, retryable: false });
  } else if (!dryRun(fold, task)) {
    const decisions: Decision[] = [];
    wait(
      fold,
      task,
      {
        kind: 'approval',
        assignees: [...new Set(people)],
        quorum: Number(quorum),
        schema: isJsonObject(schema) ? schema : null,
        decisions,
      },
      until,
    );
  }
}

/** One word a person; the first rejection or the last approval that was wanted ends the wait. */
export function decided(
  fold: Folding,
  task: TaskState,
  { by, decision, data, at }: RunEvent & { type: 'decided' },
): void {
  const { waitingFor } = task;
  if (waitingFor?.kind !== 'approval' || !waitingFor.assignees.includes(by)) return;
  if (waitingFor.decisions.some((other) => other.by === by)) return;
  waitingFor.decisions.push({ by, decision, at: iso(at), data });
  const { decisions, quorum } = waitingFor;
  const output = approvalOutput(decision, decisions);
  if (decision === 'approved') {
    if (decisions.length >= quorum) fold.succeed(task, output);
    else fold.changed(task);
  } else if (task.parameters?.onReject === 'continue') fold.succeed(task, output);
  else fold.fail(task, { code: 'approval.rejected', message: `${by} rejected it.`, retryable: false, output });
}

function approvalOutput(decision: string, decisions: readonly Decision[]): JsonObject {
  return { decision, decisions: decisions.map((one) => ({ ...one })) };
}

// Children

export function startChildren(fold: Folding, task: TaskState, step: SubflowStep, parameters: JsonObject): void {
  const { data = step.batch ? [] : {} } = parameters;
  const requests = step.batch ? data : [data];
  if (!Array.isArray(requests) || !requests.every(isJsonObject) || requests.length > MOST_CHILDREN) {
    const message = step.batch ? `data must be a list of at most ${MOST_CHILDREN} objects.` : 'data must be an object.';
    fold.fail(task, { code: 'subflow.data_invalid', message, retryable: false });
    return;
  }
  if (dryRun(fold, task)) return;
  if (requests.length === 0) {
    childrenEnded(fold, task, step, []);
    return;
  }
  const children: ChildState[] = requests.map(() => ({}));
  wait(fold, task, { kind: 'children', children, open: children.length }, expiry(fold, task));
  children.forEach((_, index) => fold.commands.push({ kind: 'startChild', task, step, index }));
}

export function childStarted(
  fold: Folding,
  task: TaskState,
  { index, child }: RunEvent & { type: 'childStarted' },
): void {
  if (task.waitingFor?.kind !== 'children') return;
  const state = task.waitingFor.children[index];
  if (!state || state.id !== undefined) return;
  state.id = child;
  if (task.parameters?.wait === false) fold.succeed(task, { id: child });
  else fold.changed(task);
}

export function childEnded(fold: Folding, task: TaskState, event: RunEvent & { type: 'childEnded' }): void {
  const { waitingFor } = task;
  if (waitingFor?.kind !== 'children') return;
  const state = waitingFor.children[event.index];
  if (!state || state.status) return;
  state.status = event.status;
  state.result = event.result;
  if (event.failure) state.failure = event.failure;
  waitingFor.open -= 1;
  const step = fold.stepOf(task);
  if (waitingFor.open === 0 && step.kind === 'subflow') childrenEnded(fold, task, step, waitingFor.children);
  else fold.changed(task);
}

function childrenEnded(fold: Folding, task: TaskState, { batch }: SubflowStep, children: readonly ChildState[]): void {
  const failed = children.filter(({ status }) => status !== 'succeeded');
  const items = children.map(({ id = null, status = null, result = null }) => ({ id, status, result }));
  const output: Json = batch
    ? { total: children.length, succeeded: children.length - failed.length, failed: failed.length, items }
    : (items[0]?.result ?? null);
  const [first] = failed;
  if (!first) fold.succeed(task, output);
  else {
    const what = batch ? `${failed.length} of ${children.length} children` : `The child ${first.id ?? ''}`.trim();
    const error = {
      code: 'subflow.failed',
      message: `${what} did not succeed.`,
      retryable: true,
      ...(batch && { output }),
    };
    fold.attemptFailed(task, error, CHANCE, first.failure);
  }
}

// The end of the time

/** What a wait comes to when its time is over. */
export function timeIsOver(fold: Folding, task: TaskState): void {
  const { waitingFor } = task;
  switch (waitingFor?.kind) {
    case 'timer':
      fold.succeed(task, { until: iso(waitingFor.until) });
      break;
    case 'approval':
      if (task.parameters?.onExpiry === 'continue') fold.succeed(task, approvalOutput('expired', waitingFor.decisions));
      else timedOut(fold, task);
      break;
    case 'children':
      fold.cancelChildren(task);
      timedOut(fold, task);
      break;
    case 'callback':
      if (fold.at < (expiry(fold, task) ?? Infinity)) heartbeatMissed(fold, task, waitingFor);
      else timedOut(fold, task);
      break;
    case undefined:
      break;
  }
}

function timedOut(fold: Folding, task: TaskState): void {
  const message = `What the step waited for did not come in ${fold.at - task.attemptStartedAt} ms.`;
  fold.attemptFailed(task, { code: 'task.timeout', message, retryable: true }, CHANCE);
}

function heartbeatMissed(fold: Folding, task: TaskState, { heartbeatMs = 0 }: WaitingFor & { kind: 'callback' }): void {
  const message = `No sign of life came in ${heartbeatMs} ms (heartbeat).`;
  fold.attemptFailed(task, { code: 'callback.heartbeat_missed', message, retryable: true }, CHANCE);
}

// Helpers

function wait(fold: Folding, task: TaskState, waitingFor: WaitingFor, until: number | undefined): void {
  fold.move(task, 'waiting');
  task.waitingFor = waitingFor;
  fold.run.inFlight.add(task.path);
  if (until !== undefined) wakeAgain(fold, task, until);
  fold.changed(task);
}

function wakeAgain(fold: Folding, task: TaskState, at: number): void {
  task.wakeAt = at;
  fold.commands.push({ kind: 'wake', path: task.path, at });
}

/** When the wait of this attempt is over; undefined when nothing bounds it. */
function expiry(fold: Folding, task: TaskState): number | undefined {
  const { policy, kind } = fold.stepOf(task);
  const boundMs = kind === 'subflow' ? policy.attemptTimeoutMs : policy.answerTimeoutMs;
  const until = Math.min(task.attemptStartedAt + boundMs, task.startedAt + (policy.totalTimeoutMs ?? Infinity));
  return Number.isFinite(until) ? until : undefined;
}

function dryRun(fold: Folding, task: TaskState): boolean {
  if (!fold.run.start.debug?.dryRun) return false;
  fold.succeed(task, { dryRun: true, operator: fold.stepOf(task).operator.id, parameters: task.parameters ?? {} });
  return true;
}

function later(from: number, duration: Json | undefined): number | undefined {
  const ms = typeof duration === 'string' ? durationMs(duration) : undefined;
  return ms === undefined ? undefined : from + ms;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
