import type { Clock, InstanceId, Json, Random, WorkerId } from '@flow/kernel';
import { advance, newRun, outstanding, type Command, type Plan, type RunEvent, type RunStart } from '@flow/engine';
import type { Outcome } from '@flow/operators';
import { CallQueue } from './call-queue';
import type { Instance } from './instance';
import { LogUnavailable, RunnerStopping, TooManyLiveInstances } from './instance.errors';
import type { InstanceStore } from './instance.store';
import { LiveRun } from './live-run';
import { LogWriter } from './log-writer';
import { CallHandle, GIVE_UP_AFTER_MS, type CallSite, type OperatorCalls } from './operator-calls';
import { Projector } from './projector';
import { roughBytes } from './rough-bytes';
import type { Creation } from './transition';
import { TURN_MS, Turns } from './turns';
import type { WorkerLog } from './worker-log';

export interface RunnerLimits {
  /** Runs held at once; past it a start is refused. */
  readonly liveInstances: number;
  /** Calls of operators with an effect under way at once. */
  readonly operatorCalls: number;
  /** Bytes of all inputs and outputs of the tasks of one run. */
  readonly instanceBytes: number;
  /** Bytes of all live runs together: past it starts are refused, and runs that hold more than their share of it fail. */
  readonly liveBytes: number;
}

export interface RunnerEvents {
  /** The log has another's record: this worker must stop. */
  onFenced(error: Error): void;
  onProjectionFault(error: unknown): void;
}

interface Held extends CallBook {
  readonly run: LiveRun;
  /** Commands that wait for the transition that is on its way to the log. */
  readonly invokes: (Command & { kind: 'invoke' })[];
  /** Resolved with what is durable: at the first transition, and at the end. */
  readonly ended: ((instance: Instance | undefined) => void)[];
  expiry: (() => void) | undefined;
  /** Events that are waiting for their turn while one is being folded. */
  readonly events: RunEvent[];
  folding: boolean;
}

interface CallBook {
  readonly calls: Map<string, CallHandle>;
  readonly timers: Map<string, () => void>;
}

/** Longest delay that a timer takes (2^31 - 1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;
/** Pure calls in one turn before others get theirs. */
const PURE_CALLS_A_TURN = 200;

/**
 * Runs instances: folds events, hands each stroke to the log, and carries out what the engine asks for. A call with an effect
 * begins only after the transition that made it due is durable; chains of pure calls go into one transition.
 */
export class Runner {
  private readonly held = new Map<InstanceId, Held>();
  private readonly queue: CallQueue;
  private readonly turns: Turns;
  private readonly writer: LogWriter;
  private stopping = false;
  private liveBytes = 0;
  readonly projector: Projector;

  constructor(
    readonly workerId: WorkerId,
    log: WorkerLog,
    store: InstanceStore,
    private readonly calls: OperatorCalls,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limits: RunnerLimits,
    events: RunnerEvents,
  ) {
    this.queue = new CallQueue(limits.operatorCalls);
    this.turns = new Turns(clock);
    this.projector = new Projector(store, log, workerId, clock, (error) => events.onProjectionFault(error));
    this.writer = new LogWriter(
      log,
      workerId,
      clock,
      random,
      (n) => this.projector.mark(n),
      (error) => {
        this.dropEverything();
        events.onFenced(error);
      },
    );
  }

  get liveCount(): number {
    return this.held.size;
  }

  get callCount(): number {
    return this.queue.underWay;
  }

  get writeFault(): Error | undefined {
    return this.writer.fault;
  }

  /** Throws when a new run cannot be taken now; nothing of it is kept then. */
  admit(): void {
    if (this.stopping) throw new RunnerStopping();
    if (this.writer.fault) throw new LogUnavailable(this.writer.fault);
    const { liveInstances, liveBytes } = this.limits;
    if (this.held.size >= liveInstances)
      throw new TooManyLiveInstances(`${liveInstances} instances (MAX_LIVE_INSTANCES)`);
    if (this.liveBytes >= liveBytes) throw new TooManyLiveInstances(`${liveBytes} bytes of data`);
  }

  holds(id: InstanceId): boolean {
    return this.held.has(id);
  }

  /** Starts a run; resolves with it as it stands in the log. */
  start(id: InstanceId, creation: Creation, plan: Plan, start: RunStart): Promise<Instance> {
    this.admit();
    const run = new LiveRun(id, creation, plan, newRun(plan, start), this.workerId, 0, 0);
    const held = this.hold(run);
    return new Promise((resolve) => {
      this.fold(held, { type: 'started', ...start });
      this.commit(held, resolve);
    });
  }

  /** Goes on with a run that another worker left; with `died`, the tasks in flight then count a lost worker. Resolves when that is durable. */
  adopt(run: LiveRun, died: boolean): Promise<void> {
    const held = this.hold(run);
    if (died) this.fold(held, { type: 'recovered', at: this.nowMs() });
    else for (const command of outstanding(run.plan, run.state)) this.carryOut(held, command);
    return new Promise((resolve) => this.commit(held, () => resolve()));
  }

  /** Resolves when the request is durable; false when this process does not hold the run. */
  cancel(id: InstanceId, by: string, reason: string | null): Promise<boolean> {
    const held = this.held.get(id);
    if (!held) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.fold(held, { type: 'cancelled', at: this.nowMs(), by, reason });
      this.commit(held, () => resolve(true));
    });
  }

  /** Resolves with the ended run once its end is durable, or with undefined when the time is over first or the run is not here. */
  ended(id: InstanceId, withinMs: number): Promise<Instance | undefined> {
    const held = this.held.get(id);
    if (!held) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const cancelTimer = this.clock.after(withinMs, () => resolve(undefined));
      held.ended.push((instance) => {
        cancelTimer();
        resolve(instance);
      });
    });
  }

  /** Live runs of a DAG that this process holds. */
  *heldOf(dagId: string, domain: string): Generator<InstanceId> {
    for (const [id, { run }] of this.held) if (run.creation.dagId === dagId && run.creation.domain === domain) yield id;
  }

  /**
   * Takes no new work, lets calls under way end for up to `withinMs`, and lets go of every run whose calls have ended, so
   * that the next start goes on with it as if nothing had happened. Resolves when all of that is in the rows.
   */
  async drain(withinMs: number): Promise<void> {
    this.stopping = true;
    this.queue.stop();
    const until = this.clock.monotonicMs() + withinMs;
    while (this.queue.underWay > 0 && this.clock.monotonicMs() < until)
      await new Promise<void>((resolve) => this.clock.after(20, resolve));
    await Promise.all([...this.held.values()].map((held) => this.letGo(held)));
    await this.projector.caughtUp();
  }

  private letGo(held: Held): Promise<void> {
    this.forget(held);
    for (const resolve of held.ended) resolve(undefined);
    if (held.calls.size > 0) {
      for (const handle of held.calls.values()) handle.abort(new Error('The service is stopping.'));
      held.calls.clear();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const { text, rows } = held.run.takeTransition({ park: true });
      this.writer.append(text, () => {
        this.projector.add(rows);
        resolve();
      });
    });
  }

  // Folding

  private hold(run: LiveRun): Held {
    const held: Held = {
      run,
      calls: new Map(),
      timers: new Map(),
      invokes: [],
      ended: [],
      expiry: undefined,
      events: [],
      folding: false,
    };
    this.held.set(run.id, held);
    this.liveBytes += run.bytes;
    const { timeoutMs } = run.plan;
    if (timeoutMs !== undefined) {
      const left = run.state.start.at + timeoutMs - this.nowMs();
      held.expiry = this.after(left, () => this.news(held, { type: 'expired', at: this.nowMs() }));
    }
    return held;
  }

  /** What comes for a run that was let go of is for whoever goes on with it to find out anew. */
  private news(held: Held, event: RunEvent): void {
    if (this.held.get(held.run.id) !== held) return;
    this.fold(held, event);
    this.commit(held);
  }

  private fold(held: Held, event: RunEvent): void {
    held.events.push(event);
    if (held.folding) return;
    held.folding = true;
    const { run } = held;
    let pureCalls = 0;
    const turnEnds = this.clock.monotonicMs() + TURN_MS;
    for (let next = held.events.shift(); next; next = held.events.shift()) {
      if (run.state.outcome) continue;
      run.note(next);
      for (const command of advance(run.plan, run.state, next, run.touch)) {
        if (command.kind === 'invoke' && command.step.effect === 'pure') {
          pureCalls += 1;
          this.callPure(held, command, pureCalls > PURE_CALLS_A_TURN || this.clock.monotonicMs() > turnEnds);
        } else this.carryOut(held, command);
      }
    }
    held.folding = false;
  }

  private carryOut(held: Held, command: Command): void {
    switch (command.kind) {
      case 'invoke':
        held.invokes.push(command);
        break;
      case 'wake':
        held.timers.set(
          command.path,
          this.after(command.at - this.nowMs(), () => {
            held.timers.delete(command.path);
            this.news(held, { type: 'woken', path: command.path, at: this.nowMs() });
          }),
        );
        break;
      case 'abort':
        this.abort(held, command.path);
        break;
    }
  }

  private abort(held: Held, path: string): void {
    const handle = held.calls.get(path);
    if (!handle) {
      held.events.push({ type: 'abandoned', path, at: this.nowMs() });
      return;
    }
    handle.abort(new Error('The instance is ending.'));
    const key = `${path} abandon`;
    held.timers.set(
      key,
      this.after(GIVE_UP_AFTER_MS, () => {
        held.timers.delete(key);
        held.calls.delete(path);
        this.news(held, { type: 'abandoned', path, at: this.nowMs() });
      }),
    );
  }

  // Committing

  /** Hands what has happened to the log; what the engine asked for begins when it is durable. */
  private commit(held: Held, committed?: (instance: Instance) => void): void {
    const { run } = held;
    const invokes = held.invokes.splice(0);
    for (const { task, step } of invokes) {
      if (step.effect !== 'write' || task.phase !== 'running') continue;
      const mark: RunEvent = {
        type: 'invoked',
        path: task.path,
        at: this.nowMs(),
        parameters: task.parameters ?? {},
        ...(task.secrets && { secrets: task.secrets }),
      };
      run.note(mark);
      advance(run.plan, run.state, mark);
    }
    if (!run.hasNews) {
      committed?.(run.view);
      for (const invoke of invokes) this.enqueueCall(held, invoke);
      return;
    }
    const { text, rows } = run.takeTransition();
    const ends = run.state.outcome !== undefined;
    if (ends) this.forget(held);
    this.writer.append(text, () => {
      this.projector.add(rows);
      committed?.(rows.header.instance);
      if (ends) for (const resolve of held.ended) resolve(rows.header.instance);
      else for (const invoke of invokes) this.enqueueCall(held, invoke);
    });
  }

  private forget(held: Held): void {
    if (this.held.delete(held.run.id)) this.liveBytes -= held.run.bytes;
    held.expiry?.();
    for (const cancelTimer of held.timers.values()) cancelTimer();
    held.timers.clear();
  }

  private dropEverything(): void {
    this.stopping = true;
    for (const held of [...this.held.values()]) {
      this.forget(held);
      for (const handle of held.calls.values()) handle.abort(new Error('Another worker took over.'));
    }
  }

  // Calling

  private callPure(held: Held, command: Command & { kind: 'invoke' }, later: boolean): void {
    if (later) {
      this.turns.later(() => {
        if (this.held.get(held.run.id) === held) this.callPure(held, command, false);
      });
      return;
    }
    const outcome = this.calls.callPure(this.site(held, command));
    if (outcome instanceof Promise) void outcome.then((late) => this.news(held, this.eventOf(held, command, late)));
    else if (held.folding) held.events.push(this.eventOf(held, command, outcome));
    else this.news(held, this.eventOf(held, command, outcome));
  }

  private enqueueCall(held: Held, command: Command & { kind: 'invoke' }): void {
    if (command.step.effect === 'pure') {
      this.callPure(held, command, false);
      return;
    }
    this.queue.push(held.run.creation.priority, () => this.call(held, command));
  }

  private async call(held: Held, command: Command & { kind: 'invoke' }): Promise<void> {
    const { task } = command;
    const { attempt } = task;
    if (task.phase !== 'running' || held.run.state.outcome || held.calls.has(task.path)) return;
    const handle = new CallHandle();
    held.calls.set(task.path, handle);
    const outcome = await this.calls.call(this.site(held, command), handle);
    if (held.calls.get(task.path) === handle) {
      held.calls.delete(task.path);
      held.timers.get(`${task.path} abandon`)?.();
      held.timers.delete(`${task.path} abandon`);
      if (task.attempt === attempt) this.news(held, this.eventOf(held, command, outcome));
    }
  }

  private site(held: Held, { task, step }: Command & { kind: 'invoke' }): CallSite {
    const { run } = held;
    return { instance: run.id, creation: run.creation, startedAt: run.state.start.at, task, step };
  }

  private eventOf(held: Held, { task }: Command & { kind: 'invoke' }, outcome: Outcome): RunEvent {
    const { path, attempt } = task;
    const at = this.nowMs();
    // Rendered parameters are kept and written like outputs, so they count like outputs.
    if (attempt === 1) this.grow(held, task.parameters);
    this.grow(held, outcome.kind === 'done' ? outcome.output : outcome.error.output);
    const tooLarge = this.sizeFault(held.run);
    if (tooLarge !== undefined) {
      const error = { code: 'instance.too_large', message: tooLarge, retryable: false };
      return { type: 'failed', path, attempt, at, error, chance: 0 };
    }
    if (outcome.kind === 'done') return { type: 'succeeded', path, attempt, at, output: outcome.output };
    return { type: 'failed', path, attempt, at, error: outcome.error, chance: this.random.fraction() };
  }

  private grow({ run }: Held, value: Json | undefined): void {
    if (value === undefined) return;
    const bytes = roughBytes(value, this.limits.instanceBytes);
    run.bytes += bytes;
    if (this.held.has(run.id)) this.liveBytes += bytes;
  }

  private sizeFault({ bytes }: LiveRun): string | undefined {
    const { instanceBytes, liveBytes } = this.limits;
    if (bytes > instanceBytes)
      return `The inputs and outputs of this instance's tasks are larger than ${instanceBytes} bytes (INSTANCE_LIMIT).`;
    if (this.liveBytes > liveBytes && bytes > liveBytes / Math.max(1, this.held.size))
      return `All live instances together hold more than ${liveBytes} bytes, and this one more than its share.`;
    return undefined;
  }

  private after(delayMs: number, callback: () => void): () => void {
    if (delayMs <= LONGEST_TIMER_MS) return this.clock.after(Math.max(0, delayMs), callback);
    let cancelTimer = this.clock.after(LONGEST_TIMER_MS, () => {
      cancelTimer = this.after(delayMs - LONGEST_TIMER_MS, callback);
    });
    return () => cancelTimer();
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
