import type { Command, RunEvent } from './event';
import { Fold } from './fold';
import type { Folding } from './folding';
import { evaluated } from './evaluated';
import { keyOf } from './evaluation';
import { outstanding } from './outstanding';
import { settleOutcome } from './outcome';
import { attempt } from './perform';
import type { Plan } from './plan';
import type { Ending, Failure, RunState, TaskState } from './run';
import { childPath } from './task-path';
import { answered, childEnded, childStarted, decided, deferred, progressed, timeIsOver } from './waits';

/** A task whose worker died this often while it was in flight is held to be the cause. */
const MAX_RECOVERIES = 3;
/** What a cancel leaves running for `finally` is given up after this long. */
const FORCE_AFTER_MS = 60_000;

/**
 * Folds one event into the run and says what is to be done. The state is changed in place; the same events in the same
 * order always give the same state and the same commands, on any machine: no clock, no chance, no I/O in here.
 * An event that no longer fits (a late outcome, a second cancel) changes nothing. `seen` is told each change of a task.
 */
export function advance(
  plan: Plan,
  run: RunState,
  event: RunEvent,
  seen?: (task: TaskState) => void,
): readonly Command[] {
  if (run.outcome) return [];
  const inFlight = event.type === 'recovered' ? new Set(run.inFlight) : undefined;
  const fold = new Fold(plan, run, event.at, seen);
  apply(fold, event);
  fold.finish();
  if (!inFlight) return fold.commands;
  // What was asked for before died with the worker that it was asked of.
  const again = outstanding(plan, run).filter((command) => {
    const path = pathOf(command);
    return path === undefined || inFlight.has(path);
  });
  const isNew = (command: Command) => !inFlight.has(pathOf(command) ?? '') || command.kind === 'cancelChild';
  return [...again, ...fold.commands.filter(isNew)];
}

/** The task that a command is about. */
function pathOf(command: Command): string | undefined {
  if (command.kind === 'force' || command.kind === 'evaluate') return undefined;
  return 'path' in command ? command.path : command.task.path;
}

function apply(fold: Folding, event: RunEvent): void {
  const { run } = fold;
  switch (event.type) {
    case 'started':
      if (event.queued) run.queued = true;
      else fold.enter(undefined, 'dag', fold.plan.root);
      break;
    case 'begun':
      begin(fold);
      break;
    case 'invoked': {
      const task = fold.task(event.path, 'running');
      if (task) Object.assign(task, { parameters: event.parameters }, event.secrets && { secrets: event.secrets });
      break;
    }
    case 'succeeded': {
      const task = fold.task(event.path, 'running', event.attempt);
      if (task) fold.succeed(task, event.output);
      break;
    }
    case 'failed': {
      const task = fold.task(event.path, 'running', event.attempt);
      if (task) fold.attemptFailed(task, event.error, event.chance);
      break;
    }
    case 'deferred': {
      const task = fold.task(event.path, 'running', event.attempt);
      if (task) deferred(fold, task);
      break;
    }
    case 'woken':
      woken(fold, event.path);
      break;
    case 'abandoned': {
      const task = fold.task(event.path, 'running');
      if (task?.aborting) fold.end(task, 'cancelled');
      break;
    }
    case 'answered':
      answered(fold, event);
      break;
    case 'progressed': {
      const task = fold.task(event.path, 'waiting', event.attempt);
      if (task) progressed(fold, task, event);
      break;
    }
    case 'decided': {
      const task = fold.task(event.path, 'waiting', event.attempt);
      if (task) decided(fold, task, event);
      break;
    }
    case 'childStarted': {
      const task = fold.task(event.path, 'waiting', event.attempt);
      if (task) childStarted(fold, task, event);
      break;
    }
    case 'childEnded': {
      const task = fold.task(event.path, 'waiting', event.attempt);
      if (task) childEnded(fold, task, event);
      break;
    }
    case 'evaluated':
      if (run.evaluating.delete(keyOf(event.of))) evaluated(fold, event);
      break;
    case 'cancelled': {
      const failure = failureOfRun('instance.cancelled', event.reason ?? `Cancelled by ${event.by}.`);
      stop(fold, { kind: 'cancelled', failure, compensate: event.compensate === true });
      break;
    }
    case 'expired': {
      if (run.queued) {
        endQueued(fold, { kind: 'failed', failure: lateStart(fold) });
        break;
      }
      const failure = failureOfRun(
        'instance.timeout',
        `The instance did not end within ${fold.plan.timeoutMs ?? 0} ms.`,
      );
      stop(fold, { kind: 'failed', failure });
      break;
    }
    case 'forced':
      force(fold);
      break;
    case 'paused':
      if (!run.paused && run.forceAt === undefined) run.paused = { since: fold.at, by: event.by };
      break;
    case 'resumed':
      resume(fold);
      break;
    case 'stepped':
      stepOnce(fold);
      break;
    case 'recovered':
      recover(fold);
      break;
  }
}

function woken(fold: Folding, path: string): void {
  const task = fold.run.tasks.get(path);
  // What rings early belongs to an attempt that is over.
  if (task?.wakeAt === undefined || task.wakeAt > fold.at) return;
  if (task.phase === 'waiting') timeIsOver(fold, task);
  else if (fold.run.paused) task.due = true;
  else if (task.phase === 'retrying') attempt(fold, task);
}

/** The time of the run begins now, also when it is paused: then its first steps are held. */
function begin(fold: Folding): void {
  const { run, at } = fold;
  if (!run.queued) return;
  delete run.queued;
  run.begunAt = at;
  run.pausedMs = 0;
  if (run.paused) run.paused = { ...run.paused, since: at };
  fold.enter(undefined, 'dag', fold.plan.root);
}

/** Nothing of it has begun: it is over at once. */
function endQueued(fold: Folding, ending: Ending): void {
  unpause(fold);
  fold.run.ending = ending;
  settleOutcome(fold);
}

function lateStart({ plan }: Folding): Failure {
  return failureOfRun(
    'instance.start_expired',
    `The instance could not begin within ${plan.startByMs ?? 0} ms (startBy).`,
  );
}

/** Nothing new starts from now on; what runs is told to stop. How the run ends is what was known first. */
function stop(fold: Folding, ending: Ending): void {
  const { run } = fold;
  if (run.queued) {
    endQueued(fold, ending);
    return;
  }
  const root = run.bodies.get('');
  if (!root || root.ended || run.forceAt !== undefined) return;
  run.ending ??= root.halt?.kind === 'failed' ? { kind: 'failed', failure: root.halt.failure } : ending;
  const held = unpause(fold);
  run.forceAt = fold.at + FORCE_AFTER_MS;
  fold.halt(root, { kind: 'stop' }, true);
  fold.release(held);
  attemptDue(fold);
  fold.commands.push({ kind: 'force', at: run.forceAt });
}

/** `finally` had its time. */
function force(fold: Folding): void {
  const { run } = fold;
  const root = run.bodies.get('');
  if (run.forceAt === undefined || !root || root.ended) return;
  run.forced = true;
  fold.halt(root, { kind: 'stop' }, true);
  for (const path of [...run.inFlight]) {
    const task = fold.task(path, 'running');
    if (task) fold.end(task, 'cancelled');
  }
}

function resume(fold: Folding): void {
  const { run } = fold;
  if (!run.paused) return;
  const { at } = run.paused;
  const held = unpause(fold);
  const stoppedAt = held.findIndex(({ body, position }) => {
    const step = body.plan.steps[position];
    return step !== undefined && childPath(body.path, step.id) === at;
  });
  // A debugger that went on by steps stands before the oldest that is held.
  const passing = at === undefined ? -1 : Math.max(0, stoppedAt);
  fold.release(held.map((step, i) => ({ ...step, ...(i === passing && { passes: true as const }) })));
  attemptDue(fold);
}

/** Pauses before attempts that were over while the run was paused. */
function attemptDue(fold: Folding): void {
  for (const path of [...fold.run.inFlight]) {
    const task = fold.task(path, 'retrying');
    if (task?.due) attempt(fold, task);
  }
}

/** The debugger lets an attempt that is due begin, or else the oldest held step; what follows from it is held again. */
function stepOnce(fold: Folding): void {
  const { run } = fold;
  if (!run.paused) return;
  for (const path of run.inFlight) {
    const task = run.tasks.get(path);
    if (!task?.due || task.phase !== 'retrying') continue;
    attempt(fold, task);
    return;
  }
  const next = run.held.shift();
  if (next) fold.release([{ ...next, passes: true }]);
}

function unpause({ run, at }: Folding): RunState['held'] {
  if (!run.paused) return [];
  run.pausedMs += at - run.paused.since;
  delete run.paused;
  return run.held.splice(0);
}

function recover(fold: Folding): void {
  const { run } = fold;
  for (const [key, of] of [...run.evaluating]) {
    const task = of.kind === 'when' || of.kind === 'begin' ? run.tasks.get(of.path) : undefined;
    if (!task) continue;
    task.recoveries = (task.recoveries ?? 0) + 1;
    if (task.recoveries >= MAX_RECOVERIES && run.evaluating.delete(key)) workerLost(fold, task, task.recoveries);
  }
  for (const path of [...run.inFlight]) {
    const task = fold.task(path, 'running');
    if (!task) continue;
    task.recoveries = (task.recoveries ?? 0) + 1;
    if (task.aborting) fold.end(task, 'cancelled');
    else if (task.recoveries >= MAX_RECOVERIES) workerLost(fold, task, task.recoveries);
  }
}

function workerLost(fold: Folding, task: TaskState, times: number): void {
  const message = `The worker died ${times} times while this task ran.`;
  fold.fail(task, { code: 'task.worker_lost', message, retryable: false });
}

function failureOfRun(code: string, message: string): Failure {
  return { code, message, stepId: null, path: null, attempt: null };
}
