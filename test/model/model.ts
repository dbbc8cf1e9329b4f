import type { Json, JsonObject } from '@flow/kernel';
import type { Step } from '@flow/operators';
import type { Answered, Happening, Progressed, TaskHappening } from './happening';
import { runConstruct } from './constructs';
import { Fault, isTrue, render, scopeAt, type Globals } from './names';
import { Place, Task, after, type Failure, type Outside, type Result, type Slot, type World } from './place';
import { DAY_MS, HEARTBEAT_MS, runWait } from './waits';
import { Threads, type Routine } from './threads';

export interface Definition {
  readonly steps: readonly Step[];
  readonly vars?: Readonly<Record<string, { readonly default: Json }>>;
  readonly outputs?: JsonObject;
}

/** A part of a routine that comes to something. */
export type Part<T> = Generator<() => boolean, T, void>;

export interface Compensation {
  readonly stepId: string;
  readonly path: string;
  readonly status: 'succeeded' | 'failed';
  readonly code?: string;
}

export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly result: Json;
  readonly failure: Failure | null;
  readonly compensation: readonly Compensation[];
}

type Ending =
  | { readonly kind: 'returned'; readonly result: Json; readonly failure?: Failure }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled'; readonly failure: Failure; readonly compensate: boolean };

/**
 * What docs/flow-language.md says, as plainly as it can be run: each body, step and construct is a thread that says what it waits for.
 * It shares nothing with the engine but the shape of steps and the compiler of expressions, and is in no hurry.
 */
export class Model implements World {
  readonly globals: Globals;
  readonly root: Place;
  readonly tasks: Task[] = [];
  readonly threads = new Threads();
  /** Answers that came before their step's turn, by path. */
  readonly early = new Map<string, { body: Json; at: number }>();
  /** Children that were told to stop, as `path#index`. */
  readonly childrenCancelled: string[] = [];
  now = 0;
  paused = false;
  forced = false;
  compensating = false;
  outcome?: Outcome;
  private ending?: Ending;
  private mayForce = false;
  private readonly turns: { granted: boolean }[] = [];
  private readonly successes: Task[] = [];

  constructor(
    private readonly dag: Definition,
    input: JsonObject,
    at: number,
  ) {
    const vars = Object.entries(dag.vars ?? {}).map(([name, { default: value }]) => [name, value]);
    this.globals = { vars: structuredClone(Object.fromEntries(vars)) as Record<string, Json>, input };
    this.root = new Place(this, 'dag', '', dag.steps, undefined);
    this.now = at;
    this.threads.spawn(this.instance());
    this.settle();
  }

  /** A cancel or the end of the time was heard: `forced` may come. */
  get forceable(): boolean {
    return this.mayForce && !this.compensating && !this.forced;
  }

  task(path: string): Task | undefined {
    return this.tasks.find((task) => task.path === path);
  }

  /** Every body that was begun. */
  places(): readonly Place[] {
    return [this.root, ...this.tasks.flatMap((task) => task.places)];
  }

  happen(event: Happening): void {
    if (this.outcome) return;
    this.now = event.at;
    this.take(event);
    this.settle();
  }

  private take(event: Happening): void {
    switch (event.type) {
      case 'cancelled': {
        const failure = ofInstance('instance.cancelled');
        this.stop({ kind: 'cancelled', failure, compensate: event.compensate === true });
        break;
      }
      case 'expired':
        this.stop({ kind: 'failed', failure: ofInstance('instance.timeout') });
        break;
      case 'forced':
        if (this.mayForce && !this.compensating) this.forced = true;
        break;
      case 'paused':
        if (!this.mayForce) this.paused = true;
        break;
      case 'resumed':
        this.paused = false;
        break;
      case 'recovered':
        this.recover();
        break;
      case 'answered':
        this.answer(event);
        break;
      case 'progressed':
        this.progress(event);
        break;
      default:
        this.toTask(event);
    }
  }

  /** A cancel, or the end of the instance's time. */
  private stop(ending: Ending): void {
    if (this.compensating) return;
    if (!this.endingNow) this.ending = ending;
    this.mayForce = true;
    this.paused = false;
    this.root.stop({ abort: true });
  }

  private get endingNow(): Ending | undefined {
    const { halt } = this.root;
    return this.ending ?? (halt?.kind === 'failed' ? { kind: 'failed', failure: halt.failure } : undefined);
  }

  /** What was called is called again, three times at most; what was to stop has stopped with its worker. */
  private recover(): void {
    for (const task of this.tasks.filter((each) => each.outside?.kind === 'call')) {
      if (task.outside?.kind !== 'call') continue;
      task.recoveries += 1;
      const error = { code: 'task.worker_lost', message: '', retryable: false };
      if (task.body.isAborted()) task.outside.outcome = { kind: 'abandoned' };
      else if (task.recoveries >= 3) task.outside.outcome = { kind: 'failed', error };
      this.settle();
    }
  }

  /** A sign of life: with `heartbeat` so much time begins anew. */
  private progress({ path, attempt, at }: Progressed): void {
    const outside = this.task(path)?.outside;
    if (outside?.kind === 'callback' && this.task(path)?.attempt === attempt) outside.seenAt = at;
  }

  private answer({ path, attempt, body, at }: Answered): void {
    const task = this.task(path);
    if (attempt !== 1 || task?.isOver) return;
    if (task?.outside?.kind === 'callback') task.outside.answer ??= { body, at };
    else if (!this.early.has(path)) this.early.set(path, { body, at });
  }

  /** What is not for the task's present attempt and wait is stale, and nothing. */
  private toTask(event: TaskHappening): void {
    const outside = this.task(event.path)?.outside;
    if (!outside || ('attempt' in event && event.attempt !== this.task(event.path)?.attempt)) return;
    if (event.type === 'woken') {
      // Early is not over: nothing has been missed yet.
      if (outside.kind === 'callback') {
        const beatMs = this.task(event.path)?.parameters.heartbeat === undefined ? Infinity : HEARTBEAT_MS;
        if (event.at < Math.min(outside.since + DAY_MS, outside.seenAt + beatMs)) return;
        outside.overAt = event.at;
      }
      if (outside.kind !== 'call') outside.over = true;
    } else if (outside.kind === 'call') {
      if (event.type === 'succeeded') outside.outcome = { kind: 'succeeded', output: event.output };
      if (event.type === 'failed') outside.outcome = { kind: 'failed', error: event.error };
      if (event.type === 'abandoned') outside.outcome = { kind: 'abandoned' };
    } else if (outside.kind === 'approval' && event.type === 'decided') {
      const { by, decision, data } = event;
      if (!outside.assignees.includes(by) || outside.decisions.some((each) => each.by === by)) return;
      outside.decisions.push({ by, decision, at: new Date(event.at).toISOString(), data });
    } else if (outside.kind === 'children') {
      this.toChildren(event, outside);
    }
  }

  /** A child that could not be started ends as failed without having stood. */
  private toChildren(event: TaskHappening, outside: Outside & { kind: 'children' }): void {
    if (event.type !== 'childStarted' && event.type !== 'childEnded') return;
    const child = outside.children[event.index];
    if (!child || child.ended) return;
    if (event.type === 'childStarted') child.id ??= event.child;
    else child.ended = { status: event.status, result: event.result, failure: event.failure };
  }

  /** Whatever follows from an end follows at once; then turns are taken, first come, first served. */
  private settle(): void {
    this.threads.settle();
    while (!this.paused && this.turns.length > 0) {
      this.turns.shift()!.granted = true;
      this.threads.settle();
    }
  }

  private *instance(): Routine {
    const result = yield* this.runBody(this.root);
    if (result.kind === 'failed') this.ending ??= { kind: 'failed', failure: result.failure };
    let value: Json = null;
    if (this.ending?.kind === 'returned') value = this.ending.result;
    else if (!this.ending && this.dag.outputs) {
      try {
        value = render(this.dag.outputs, scopeAt(this.root, this.globals));
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.ending = { kind: 'failed', failure: ofInstance('dag.outputs_failed') };
      }
    }
    const failure = this.ending?.failure ?? null;
    const cancelled = this.ending?.kind === 'cancelled' ? this.ending : undefined;
    const compensation = (cancelled ? cancelled.compensate : failure) ? yield* this.compensate() : [];
    const status = cancelled ? 'cancelled' : failure ? 'failed' : 'succeeded';
    this.outcome = { status, result: value, failure, compensation };
  }

  private *compensate(): Part<Compensation[]> {
    this.compensating = true;
    const entries: Compensation[] = [];
    for (const task of [...this.successes].reverse()) {
      if (!task.step.undo) continue;
      const completed = { parameters: task.parameters, output: task.output };
      const place = this.placeIn(task, 'undo', '/@undo', [task.step.undo], 0, { completed });
      const result = yield* this.runBody(place);
      const about = { stepId: task.step.undo.id, path: `${place.path}/${encodeURIComponent(task.step.undo.id)}` };
      entries.push(
        result.kind === 'failed'
          ? { ...about, status: 'failed', code: result.failure.code }
          : { ...about, status: 'succeeded' },
      );
    }
    return entries;
  }

  placeIn(
    task: Task,
    slot: Slot,
    part: string,
    steps: readonly Step[],
    index = 0,
    about: { value?: Json; error?: Failure; completed?: JsonObject } = {},
  ): Place {
    const place = new Place(this, slot, task.path + part, steps, task, index, about);
    task.places.push(place);
    return place;
  }

  /** A body is over when each of its steps is over or can have no turn any more. */
  *runBody(place: Place): Part<Result> {
    const ends = place.steps.map((_, position) => this.threads.spawn(this.runStep(place, position)));
    yield () => ends.every((over) => over());
    if (place.halt?.kind === 'failed') place.result = { kind: 'failed', failure: place.halt.failure };
    else if (place.halt?.kind === 'exit') place.result = { kind: 'left' };
    else
      place.result = place.tasks.every((task) => task?.isDone) ? { kind: 'done', output: null } : { kind: 'stopped' };
    return place.result;
  }

  private *runStep(body: Place, position: number): Routine {
    const step = body.steps[position]!;
    const needed = step.dependsOn?.map((id) => body.steps.findIndex((each) => each.id === id)) ?? [position - 1];
    yield () => body.isHalted() || needed.every((at) => at < 0 || body.tasks[at]?.isDone);
    if (body.isHalted()) return;
    const turn = { granted: false };
    this.turns.push(turn);
    yield () => body.isHalted() || turn.granted;
    if (body.isHalted()) return;
    const task = new Task(step, body);
    body.tasks[position] = task;
    this.tasks.push(task);
    yield* this.end(task, yield* this.attempted(task));
  }

  private *attempted(task: Task): Part<Result | 'skipped'> {
    const { step, body } = task;
    const scope = scopeAt(body, this.globals);
    try {
      if (step.when !== undefined && !isTrue(step.when, scope)) return 'skipped';
      if (body.owner === undefined && step === this.dag.steps[0]) return { kind: 'done', output: this.globals.input };
      task.parameters = render(withoutVerbatim(step), scope);
      return yield* this.run(task);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { kind: 'failed', failure: failureAt(task, error) };
    }
  }

  private *run(task: Task): Part<Result> {
    const { operator } = task.step;
    if (operator === '@internal/return') return this.return(task);
    if (operator === '@internal/assign') return this.assign(task);
    if (operator.startsWith('@test/')) return yield* this.call(task);
    const result = (yield* runConstruct(this, task)) ?? (yield* runWait(this, task));
    return task.left && result.kind !== 'failed' ? { kind: 'left' } : result;
  }

  private *call(task: Task): Part<Result> {
    const { body } = task;
    for (;;) {
      const call: Outside & { kind: 'call' } = { kind: 'call' };
      task.phase = 'running';
      task.outside = call;
      yield () => call.outcome !== undefined || (this.forced && body.isAborted());
      delete task.outside;
      if (call.outcome?.kind === 'succeeded') return { kind: 'done', output: call.outcome.output };
      if (call.outcome?.kind !== 'failed' || body.isAborted()) return { kind: 'stopped' };
      const failure = failureAt(task, call.outcome.error);
      if (body.isHalted() || !call.outcome.error.retryable || task.attempt > retriesOf(task.step))
        return { kind: 'failed', failure };
      const pause: Outside & { kind: 'pause' } = { kind: 'pause', over: false };
      task.phase = 'retrying';
      task.outside = pause;
      yield () => body.isHalted() || (pause.over && !this.paused);
      delete task.outside;
      if (body.isAborted()) return { kind: 'stopped' };
      if (body.isHalted()) return { kind: 'failed', failure };
      task.attempt += 1;
    }
  }

  private assign(task: Task): Result {
    const name = /^\{\{vars\.(\w+)\}\}$/.exec(task.step.parameters?.target as string)?.[1] ?? '';
    if (!(name in this.globals.vars)) throw new Fault('assign.refused', '');
    this.globals.vars[name] = task.parameters.value ?? null;
    return { kind: 'done', output: null };
  }

  private return(task: Task): Result {
    const { result, ...value } = task.parameters;
    const failure = failureAt(task, { code: 'returned', message: '' });
    this.ending = { kind: 'returned', result: value, ...(result === 'failed' && { failure }) };
    this.leave(task.body, this.root);
    return { kind: 'done', output: task.parameters };
  }

  /** Leaves every body from this one out to that one. */
  leave(from: Place, to: Place): void {
    for (let place: Place | undefined = from; place; place = place === to ? undefined : place.owner?.body) {
      place.exit();
      if (place !== to && place.owner) place.owner.left = true;
    }
  }

  private *end(task: Task, result: Result | 'skipped'): Part<void> {
    delete task.outside;
    if (result === 'skipped') Object.assign(task, { phase: 'skipped', attempt: 0 });
    else if (result.kind === 'stopped') task.phase = 'cancelled';
    else if (result.kind === 'failed') yield* this.fail(task, result.failure);
    else {
      task.phase = 'succeeded';
      if (result.kind === 'done') task.output = result.output;
      this.successes.push(task);
    }
  }

  private *fail(task: Task, failure: Failure): Part<void> {
    const { body, step } = task;
    task.phase = 'running';
    task.failure = failure;
    let goesOn: Failure | undefined = failure;
    if (!body.isHalted() && step.onError === 'continue') goesOn = undefined;
    else if (!body.isHalted() && typeof step.onError === 'object') {
      const place = this.placeIn(task, 'onError', '/@onError', step.onError.steps, 0, { error: failure });
      const result = yield* this.runBody(place);
      if (result.kind === 'stopped') {
        task.phase = 'cancelled';
        return;
      }
      goesOn = result.kind === 'failed' ? after(result.failure, failure) : undefined;
    }
    task.phase = 'failed';
    if (!goesOn) task.handled = true;
    else if (!body.isHalted()) body.halt = { kind: 'failed', failure: goesOn };
  }
}

/** A failure that began at this task. */
export function failureAt(task: Task, error: { code: string; message: string; output?: Json }): Failure {
  const { code, message, output } = error;
  const place = { stepId: task.step.id, path: task.path, attempt: task.attempt };
  return { code, message, ...place, ...(output !== undefined && { output }) };
}

function ofInstance(code: string): Failure {
  return { code, message: '', stepId: null, path: null, attempt: null };
}

function retriesOf({ operator, settings }: Step): number {
  return settings?.retry?.max ?? (operator === '@test/write' ? 0 : 2);
}

/** What is read later, or written to, is not rendered at the turn. */
function withoutVerbatim({ operator, parameters = {} }: Step): JsonObject {
  const later =
    operator === '@control/flow/loop' ? ['while', 'outputs'] : operator === '@internal/assign' ? ['target'] : [];
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => !later.includes(key)));
}
