import {
  SNAPSHOT_SCHEMA,
  advance,
  isOver,
  newRun,
  outstanding,
  restore,
  snapshot,
  type Command,
  type Failure,
  type Plan,
  type RunEvent,
  type RunState,
  type TaskState,
} from '@flow/engine';
import {
  LargeValue,
  contentsOf,
  isJsonObject,
  withLarge,
  type Json,
  type JsonObject,
  type WithPlaces,
} from '@flow/kernel';
import { planOf } from '@flow/testing/engine';
import type { Happening } from './happening';
import type { LargeSide } from './large-side';
import type { Definition } from './model';
import { childView, failureView, outputView, plain, type TaskView, type View } from './view';

export type Advance = typeof advance;

/** The engine, carried out by nobody: what it asked for is noted, and seen as the model is. */
export class EngineSide {
  readonly plan: Plan;
  readonly events: RunEvent[] = [];
  /** Since the last happening, as `path#index`. */
  childrenCancelled: string[] = [];
  /** What an earlier look has shown: phases of an end never change. */
  private readonly seen = new Map<string, TaskView>();
  private readonly asked = new Map<string, Command>();
  private run: RunState;
  private progress = 0;

  constructor(
    dag: Definition,
    input: JsonObject,
    at: number,
    private readonly step: Advance = advance,
    private readonly large?: LargeSide,
  ) {
    this.plan = planOf(dag.steps.slice(1), {
      ...(dag.vars && { vars: dag.vars }),
      ...(dag.outputs && { outputs: dag.outputs }),
    });
    const start = { instanceId: 'I', dagId: 'D', at, input, trigger: large ? large.entries(input) : input };
    this.run = newRun(this.plan, start);
    this.feed({ type: 'started', ...start });
  }

  happen(happening: Happening): void {
    this.childrenCancelled = [];
    this.feed(this.large ? this.large.arriving(happening) : happening);
  }

  wakeAt(path: string): number | undefined {
    const command = this.asked.get(`wake ${path}`);
    return command?.kind === 'wake' ? command.at : undefined;
  }

  /** Goes on from a snapshot, as another worker would. */
  restore(): void {
    this.run = restore(this.plan, snapshot(this.run), SNAPSHOT_SCHEMA);
  }

  /** With everything opened that is looked into, where large values stand. */
  private opened<T>(work: () => T): T {
    return this.large ? this.large.opened(work) : work();
  }

  /** Promises of the engine beside what the model says; throws with the broken one. */
  check(): void {
    this.checkProgress();
    const text = (command: Command) => this.opened(() => textOf(command));
    const asked = [...this.asked.values()].filter((command) => this.isOutstanding(command)).map(text);
    const again = outstanding(this.plan, this.run).map(text);
    same('commands that are open, as given and as asked for again', unique(asked), unique(again));
    if (this.run.outcome) this.checkReplay();
  }

  view(): View {
    return this.opened(() => this.viewNow());
  }

  private viewNow(): View {
    const tasks = [...this.run.tasks.values()];
    for (const [path, { phase }] of this.seen)
      if (!this.run.tasks.has(path) && !isOver(phase as TaskState['phase'])) this.seen.delete(path);
    for (const task of tasks) this.see(task);
    const open = [...this.asked.values()].filter((command) => this.isOpen(command));
    const calls = open.filter((command) => command.kind === 'invoke');
    return {
      calls: Object.fromEntries(
        calls.map(({ task }) => [`${task.path}#${task.attempt}`, plain(contentsOf(task.parameters ?? null))]),
      ),
      waits: Object.fromEntries(
        tasks.filter(({ phase }) => phase === 'waiting').map((task) => [task.path, waitOf(task)]),
      ),
      pauses: tasks.filter(({ phase }) => phase === 'retrying').map(({ path, attempt }) => `${path}#${attempt}`),
      aborts: open.filter((command) => command.kind === 'abort').map(({ path }) => path),
      tasks: Object.fromEntries(this.seen),
      outcome: this.outcome(),
    };
  }

  private feed(event: RunEvent): void {
    this.events.push(event);
    for (const command of this.step(this.plan, this.run, event)) {
      if (command.kind === 'evaluate') {
        if (!this.large) throw new Error('Nothing is large here.');
        this.feed(this.large.evaluated(this.plan, this.run, command.of, event.at));
        continue;
      }
      this.asked.set(keyOf(command), command);
      if (command.kind === 'cancelChild') this.childrenCancelled.push(`${command.path}#${command.index}`);
    }
    for (const [key, command] of this.asked) if (!this.isOpen(command)) this.asked.delete(key);
  }

  /** Whether the runner still has to do it, or to wait for it. */
  private isOpen(command: Command): boolean {
    if (command.kind === 'force') return !this.run.outcome && !this.run.forced;
    if (command.kind === 'evaluate') return false;
    const path = 'task' in command ? command.task.path : command.path;
    const task = this.run.tasks.get(path);
    if (!task || isOver(task.phase)) return false;
    switch (command.kind) {
      case 'invoke':
      case 'abort':
        return task.phase === 'running' && task.handling === undefined;
      case 'wake':
        return task.wakeAt === command.at && !task.due && (task.phase === 'waiting' || task.phase === 'retrying');
      case 'startChild':
        return task.waitingFor?.kind === 'children' && task.waitingFor.children[command.index]?.id === undefined;
      case 'cancelChild':
        return false;
    }
  }

  /** Who takes a run over repeats no call that is to stop, and a compensation has all the time that it needs. */
  private isOutstanding(command: Command): boolean {
    if (command.kind === 'invoke' && this.run.tasks.get(command.task.path)?.aborting) return false;
    return this.isOpen(command) && !(command.kind === 'force' && this.run.compensation);
  }

  private see(task: TaskState): void {
    const before = this.seen.get(task.path);
    const { phase, attempt, handled = false } = task;
    const operator = this.plan.steps[task.step]?.operator.id ?? '';
    const output = phase === 'succeeded' ? outputView(operator, contentsOf(task.output ?? null)) : null;
    const now = { phase, attempt, handled, output };
    if (before && isOver(before.phase as TaskState['phase']))
      same(`the end of ${task.path}, which had ended`, before, now);
    this.seen.set(task.path, now);
  }

  private checkProgress(): void {
    const { done, outcome } = this.run;
    const total = this.plan.steps.length;
    if (done < this.progress || done > total)
      throw new Error(`The progress went from ${this.progress} to ${done} of ${total}.`);
    if (outcome?.status === 'succeeded' && done !== total)
      throw new Error(`The run succeeded with a progress of ${done} of ${total}.`);
    this.progress = done;
  }

  /** The same events, from the start, give the same state. */
  private checkReplay(): void {
    const [started] = this.events;
    if (started?.type !== 'started') throw new Error('The first event is the start.');
    const { type: _, ...start } = started;
    const again = newRun(this.plan, start);
    for (const event of this.events) this.step(this.plan, again, event);
    same('the state after a replay', shown(this.run), shown(again));
  }

  private outcome(): Json {
    const { outcome } = this.run;
    if (!outcome) return null;
    const { status, result, failure } = outcome;
    const compensation = (failure?.compensation ?? []).map(({ stepId, path, status: came, error }) => ({
      stepId,
      path,
      status: came,
      code: error?.code ?? null,
    }));
    return {
      status,
      result: plain(contentsOf(result)),
      failure: failure && failureView(contentsOf(failure) as unknown as Failure),
      compensation,
    };
  }
}

/** A state with the hash of each large value in its place. */
function shown(run: RunState): Json {
  return byHash(withLarge(JSON.parse(snapshot(run)) as WithPlaces<JsonObject>));
}

function byHash(value: Json): Json {
  if (value instanceof LargeValue) return value.stored.sha256;
  if (Array.isArray(value)) return (value as readonly Json[]).map(byHash);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, byHash(item)]));
}

function waitOf({ waitingFor }: TaskState): Json {
  switch (waitingFor?.kind) {
    case 'timer':
      return { kind: 'timer', until: waitingFor.until };
    case 'approval':
      return { kind: 'approval', decisions: waitingFor.decisions.map((each) => ({ ...each })) };
    case 'children':
      return { kind: 'children', children: waitingFor.children.map(({ id, status }) => childView(id, status)) };
    default:
      return { kind: waitingFor?.kind ?? null };
  }
}

function keyOf(command: Command): string {
  if (command.kind === 'force' || command.kind === 'evaluate') return command.kind;
  const path = 'task' in command ? command.task.path : command.path;
  return `${command.kind} ${path}${'index' in command ? `#${command.index}` : ''}`;
}

function textOf(command: Command): string {
  const more =
    command.kind === 'invoke'
      ? ` attempt ${command.task.attempt} ${JSON.stringify(command.task.parameters)}`
      : 'at' in command
        ? ` at ${command.at}`
        : '';
  return keyOf(command) + more;
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

/** Throws with the first place where two values differ. */
export function same(what: string, expected: unknown, actual: unknown): void {
  const at = difference(expected as Json, actual as Json, '');
  if (at !== undefined) throw new Difference(`${what}: ${at}`);
}

export class Difference extends Error {}

function difference(expected: Json, actual: Json, at: string): string | undefined {
  if (isJsonObject(expected) && isJsonObject(actual)) {
    for (const key of [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()) {
      const found = difference(expected[key] ?? null, actual[key] ?? null, `${at}/${key.replaceAll('/', '›')}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [a, b] = [JSON.stringify(expected), JSON.stringify(actual)];
  return a === b ? undefined : `at "${at}" ${a} is expected, not ${b}`;
}
