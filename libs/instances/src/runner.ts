import type { Clock, DomainId, InstanceId, Random, WorkerId } from '@flow/kernel';
import {
  SNAPSHOT_SCHEMA,
  advance,
  expiresAt,
  newRun,
  outstanding,
  type Command,
  type Plan,
  type RunEvent,
  type RunStart,
  type RunState,
} from '@flow/engine';
import { StorageFull } from '@flow/platform';
import { childIdOf, type Creation } from './creation';
import { callbacksOf } from './end-callback';
import { EndWaiters } from './end-waiters';
import type { DispatchQueue } from './dispatch-queue';
import type { Heartbeat } from './heartbeat';
import { HeldRun, type StartChild } from './held-run';
import type { Inbox, InboxItem } from './inbox.store';
import type { DebugRun, Instance, ParentLink } from './instance';
import type { InstanceFact } from './instance-events';
import { endOf, type RunEndListener } from './run-end';
import { bornRun, encodeStart, type BornStart, type InstanceBirths } from './instance-births.store';
import { ChildUnwanted, InstancePurged, LogUnavailable, RunnerStopping, TooManyLiveInstances } from './instance.errors';
import type { Holding, InstanceHeader, InstanceStore } from './instance.store';
import { LiveRun } from './live-run';
import type { LargeValues } from './large-values';
import { LogWriter } from './log-writer';
import { LINGER_MS, canPark, parksAtOnce } from './parking';
import { ParkedRuns } from './parked-runs';
import type { PlanCache } from './plan-cache';
import type { OperatorCalls } from './operator-calls';
import type { OutboxItem } from './outbox';
import { Projector, type TransitionRows } from './projector';
import { RunBytes } from './run-bytes';
import { RunEvaluations } from './run-evaluations';
import { RunCalls } from './run-calls';
import { TURN_MS } from './turns';
import type { WorkerLog } from './worker-log';

export interface RunnerLimits {
  /** Runs held at once; past it a start is refused. */
  readonly liveInstances: number;
  /** Calls of operators with an effect under way at once. */
  readonly operatorCalls: number;
  /** Bytes of all inputs and outputs of the tasks of one run. */
  readonly instanceBytes: number;
  /** The same without what lies in the blob store. */
  readonly heldBytes: number;
  /** Bytes of all live runs together: past it starts are refused, and runs that hold more than their share of it fail. */
  readonly liveBytes: number;
}

export interface RunnerEvents {
  /** The log has another's record: this worker must stop. */
  onFenced(error: Error): void;
  onProjectionFault(error: unknown): void;
  onBug(error: unknown): void;
}

/** What runs want from beyond themselves; called when the wish is durable. */
export interface RunnerWishes {
  startChild(parent: LiveRun, child: StartChild): void;
  deliver(items: readonly OutboxItem[]): void;
  /** A transition of this instance is durable. */
  committed(id: InstanceId): void;
  /** It is in the rows, where other processes find it. */
  written(id: InstanceId): void;
  /** Its end is durable. */
  ended(id: InstanceId, creation: Creation): void;
}

/** Where processes share the store: how a new run comes to be, and whether this worker may still be taken for alive. */
export interface RunnerAmongOthers {
  readonly births: InstanceBirths;
  readonly inbox: Inbox;
  readonly heartbeat: Pick<Heartbeat, 'isFresh' | 'untilFresh'>;
  /** Whether this process runs instances. One that does not starts them and asks for things; those that do carry them out. */
  readonly works: boolean;
  /** Where runs go that this worker has no room for. */
  readonly dispatch?: DispatchQueue | undefined;
}

/** A wish that must be taken once, whoever brings it and however often. */
export interface Wish {
  readonly key: string;
  /** It is kept for an instance that may still come to be. */
  readonly isForUnborn?: boolean;
  /** Whoever asks looks at the run next: it is waited for a while until somebody has acted on it. */
  readonly isAwaited?: boolean;
}

/** What others want from runs, where processes share the store. */
export interface RunMail {
  /**
   * Asks whoever holds the run, by its inbox. Durable when it resolves, with the instance as its row has it; undefined when there is none, it has
   * ended, or a wish of this key stands.
   */
  send(id: InstanceId, event: RunEvent, wish?: Wish): Promise<Instance | undefined>;
  /** The run is held here now, or by nobody: what is in its inbox is for this worker. */
  look(id: InstanceId): void;
  /** Resolves when what stands in the inbox of a run that is held here, or by nobody, is acted on. */
  pass(id: InstanceId): Promise<void>;
  /** Its end is in the rows: what nobody has acted on came too late. */
  ended(id: InstanceId): void;
}

/** Pure calls in one turn before others get theirs. */
const PURE_CALLS_A_TURN = 200;
const PARK = 'park';
const EXPIRY = 'expiry';
const FORCE = 'force';

/**
 * Runs instances: folds events, hands each stroke to the log, and carries out what the engine asks for. A call with an effect
 * begins only after the transition that made it due is durable; chains of pure calls go into one transition.
 */
export class Runner {
  private readonly held = new Map<InstanceId, HeldRun>();
  /** Runs whose end is on its way to the log: what is told to them now comes too late only when that is durable. */
  private readonly leaving = new Map<InstanceId, Promise<undefined>>();
  private readonly calls: RunCalls;
  private readonly evaluations: RunEvaluations;
  private readonly parked: ParkedRuns;
  private readonly waiters: EndWaiters;
  private readonly bytes: RunBytes;
  private readonly writer: LogWriter;
  private stopping = false;
  readonly projector: Projector;
  /** Set once, before the first run: those who serve these wishes need the runner themselves. */
  wishes: RunnerWishes = {
    startChild: () => undefined,
    deliver: () => undefined,
    committed: () => undefined,
    written: () => undefined,
    ended: () => undefined,
  };
  /** Set once, before the first run, where somebody hangs on ends: it needs what starts runs. */
  listener: RunEndListener | undefined;
  /** Set once, where there are other workers. */
  mail: RunMail | undefined;

  constructor(
    readonly workerId: WorkerId,
    log: WorkerLog,
    private readonly store: InstanceStore,
    calls: OperatorCalls,
    private readonly clock: Clock,
    random: Random,
    large: LargeValues,
    plans: PlanCache,
    private readonly limits: RunnerLimits,
    private readonly events: RunnerEvents,
    private readonly others?: RunnerAmongOthers,
    /** Whether what becomes of runs is told to the world outside: it is written with what makes it so. */
    private readonly tellsEvents = false,
  ) {
    this.bytes = new RunBytes(limits);
    this.waiters = new EndWaiters(clock);
    this.calls = new RunCalls(
      calls,
      this.bytes,
      clock,
      random,
      limits.operatorCalls,
      (held, event) => this.news(held, event),
      (held) => this.isHeld(held),
      others?.heartbeat,
    );
    this.evaluations = new RunEvaluations(
      large,
      this.bytes,
      clock,
      (held, event) => this.news(held, event),
      (held) => this.isHeld(held),
      (error) => events.onBug(error),
    );
    const onProjectionFault = (error: unknown) => events.onProjectionFault(error);
    this.projector = new Projector(store, log, workerId, clock, onProjectionFault, others?.inbox, (id) =>
      this.wishes.written(id),
    );
    this.parked = new ParkedRuns(
      workerId,
      store,
      plans,
      clock,
      this.projector,
      this,
      (error) => events.onProjectionFault(error),
      others?.dispatch,
    );
    this.writer = new LogWriter(
      log,
      workerId,
      clock,
      random,
      (n) => this.projector.mark(n),
      (error) => this.fence(error),
    );
  }

  /** This worker is over: others have, or will have, what it holds. */
  fence(error: Error): void {
    this.dropEverything();
    this.events.onFenced(error);
  }

  private get works(): boolean {
    return this.others?.works ?? true;
  }

  get liveCount(): number {
    return this.held.size;
  }

  get callCount(): number {
    return this.calls.underWay;
  }

  /** It lets go of its runs, or was fenced: what is not held here may live on elsewhere. */
  get isStopping(): boolean {
    return this.stopping;
  }

  get writeFault(): Error | undefined {
    return this.writer.fault;
  }

  /** Throws when a new run cannot be taken now; nothing of it is kept then. A child came in with its parent and is not counted again. */
  admit(isChild = false): void {
    if (this.stopping) throw new RunnerStopping();
    const { fault } = this.writer;
    if (fault) throw fault instanceof StorageFull ? fault : new LogUnavailable(fault);
    const { liveInstances, liveBytes } = this.limits;
    if (!isChild && this.held.size >= liveInstances)
      throw new TooManyLiveInstances(`${liveInstances} instances (MAX_LIVE_INSTANCES)`);
    if (this.bytes.isFull) throw new TooManyLiveInstances(`${liveBytes} bytes of data`);
  }

  holds(id: InstanceId): boolean {
    return this.held.has(id);
  }

  /** The state of a run that this process holds, to be read in this very turn and never changed. */
  peek(id: InstanceId): { readonly state: RunState; readonly plan: Plan; readonly creation: Creation } | undefined {
    return this.held.get(id)?.run;
  }

  /** Of a run that this process holds, or, among other workers, of any. */
  async domainOf(id: InstanceId): Promise<DomainId | undefined> {
    const held = this.held.get(id);
    if (held || !this.mail) return held?.run.creation.domain;
    return (await this.store.header(id))?.instance.domain;
  }

  /**
   * Starts a run; resolves with it as it stands in the log. A child is refused when its step has stopped waiting: asked in the turn that
   * hands it to the log, so that a `child.cancel` always finds what it is for. Without space nothing of a run is kept; a child came in
   * with its parent and waits. A queued run does nothing until it is told that it has begun, and is held by nobody. @throws StorageFull
   */
  start(id: InstanceId, creation: Creation, plan: Plan, start: RunStart, queued = false): Promise<Instance> {
    this.admit(creation.parent !== null);
    if (creation.parent && !this.isWaitedFor(creation.parent)) throw new ChildUnwanted();
    if (this.others) return this.create(this.others, id, creation, plan, { ...start, ...(queued && { queued }) });
    const held = this.hold(new LiveRun(id, creation, plan, newRun(plan, start), this.workerId, 0, 0));
    return new Promise((resolve, reject) => {
      if (creation.parent === null)
        held.birth = {
          stands: false,
          refuse: (error) => {
            this.forget(held);
            this.waiters.tell(id, undefined);
            reject(error);
          },
        };
      this.fold(held, { type: 'started', ...(queued && { queued }), ...start });
      this.commit(held, (instance) => instance && resolve(instance));
    });
  }

  /** Goes on with a run that another worker left; with `died`, the tasks in flight then count a lost worker. Resolves when that is durable. */
  adopt(run: LiveRun, died: boolean): Promise<void> {
    const held = this.hold(run);
    this.mail?.look(run.id);
    const { queued, start } = run.state;
    if (run.isNew) this.fold(held, { type: 'started', ...(queued && { queued }), ...start });
    else if (died) this.fold(held, { type: 'recovered', at: this.nowMs() });
    else this.carryOutAll(held, outstanding(run.plan, run.state));
    return new Promise((resolve) => this.commit(held, () => resolve()));
  }

  /** Goes on with a run whose header names a worker that does not, this one included; see `ParkedRuns.takeOver`. */
  takeOver(holding: Pick<Holding, 'id' | 'epoch'>, owner: WorkerId): Promise<boolean> {
    return this.parked.takeOver(holding, owner);
  }

  /** Makes sure that a run which has not ended is held here; whether it is. What follows in the same turn finds it so. */
  async reach(id: InstanceId): Promise<boolean> {
    if (this.held.has(id)) return true;
    if (!this.works) return false;
    const leaving = this.leaving.get(id);
    if (leaving) await leaving;
    return leaving || this.stopping ? false : this.parked.take(id);
  }

  /**
   * Tells a run what has happened; resolves when that is durable, with the run as it stands then, or undefined when it cannot be held here or its
   * end is durable. Among other workers a run that one of those holds is asked by its inbox, and so is every run when there is a `wish`: of those of
   * one key, one is taken.
   */
  async tell(id: InstanceId, event: (at: number) => RunEvent, wish?: Wish): Promise<Instance | undefined> {
    if (this.mail && wish) return this.mail.send(id, event(this.nowMs()), wish);
    if (!this.held.has(id)) {
      if (!(await this.reach(id))) return this.mail?.send(id, event(this.nowMs()));
      // What it was asked while nobody held it comes first.
      await this.mail?.pass(id);
    }
    const held = this.held.get(id);
    if (!held) return undefined;
    return new Promise((resolve) => {
      this.fold(held, event(this.nowMs()));
      this.commit(held, resolve);
    });
  }

  /** The hold of this run, to know it again; undefined when it is not held here. */
  holding(id: InstanceId): HeldRun | undefined {
    return this.held.get(id);
  }

  /** Acts on what is in the inbox of a run that is held here, once each. Resolves when that is durable. */
  async consume(held: HeldRun, items: readonly InboxItem[]): Promise<void> {
    const acted: Promise<void>[] = [];
    for (const item of items) {
      if (!this.isHeld(held) || held.consumed.has(item.id)) continue;
      held.consumed.add(item.id);
      held.consuming.push(item.id);
      this.fold(held, { ...item.event, at: this.nowMs() });
      acted.push(new Promise((resolve) => this.commit(held, () => resolve())));
    }
    await Promise.all(acted);
  }

  /** Brings a parked run to a process that takes it up, where this one does not. */
  async passOn({ instance, epoch }: InstanceHeader): Promise<void> {
    const { id, domain, priority } = instance;
    if (!this.works || this.stopping) await this.others?.dispatch?.offer({ id, epoch, domain, priority });
  }

  /** Resolves with the ended run once its end is durable, or with undefined when the time is over first or the run cannot be held here. */
  async ended(id: InstanceId, withinMs: number): Promise<Instance | undefined> {
    // One whose end is on its way to the log is told of in a moment, and need not be read from rows that are not there yet.
    if (!this.held.has(id) && !this.isEnding(id) && !(await this.reach(id))) return undefined;
    return this.waiters.wait(id, withinMs);
  }

  isEnding(id: InstanceId): boolean {
    return this.leaving.has(id);
  }

  letGoOf(id: InstanceId): void {
    this.mail?.look(id);
  }

  /** Whether one more parked run can be taken up. */
  get hasRoom(): boolean {
    return this.held.size < this.limits.liveInstances;
  }

  /** Parked runs go on when their time comes, from now on; resolves with how many were overdue when they are held. */
  wakeParked(): Promise<number> {
    return this.parked.sweep();
  }

  /** Live debug runs that this process holds. */
  *heldDebugRuns(): Generator<{ readonly id: InstanceId; readonly creation: Creation; readonly debug: DebugRun }> {
    for (const [id, { run }] of this.held) {
      const { creation } = run;
      if (creation.debug) yield { id, creation, debug: creation.debug };
    }
  }

  /**
   * Takes no new work, lets calls under way end for up to `withinMs`, and lets go of every run whose calls have ended, so
   * that the next start goes on with it as if nothing had happened. Resolves when all of that is in the rows, or when the
   * log cannot be written at the end of that time: what it does not have is found again as after a crash.
   */
  async drain(withinMs: number): Promise<void> {
    this.stopping = true;
    this.parked.stop();
    this.calls.stop();
    this.evaluations.stop();
    const until = this.clock.monotonicMs() + withinMs;
    const isLate = () => this.clock.monotonicMs() >= until;
    while (this.calls.underWay > 0 && !isLate()) await this.pause(20);
    const state = { settled: false };
    this.waiters.giveUp();
    const parked = Promise.all([...this.held.values()].map((held) => this.letGo(held))).then(async () => {
      while (!(await this.projected())) await this.pause(20);
      state.settled = true;
    });
    const givenUp = (async () => {
      while (!state.settled && !(isLate() && (this.writer.fault ?? this.projector.fault))) await this.pause(20);
    })();
    await Promise.race([parked, givenUp]);
  }

  /** False when there is no space for the rows. */
  private projected(): Promise<boolean> {
    return this.projector.caughtUp().then(
      () => true,
      () => false,
    );
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  private letGo(held: HeldRun): Promise<void> {
    this.forget(held);
    if (held.calls.size > 0) {
      for (const handle of held.calls.values()) handle.abort(new Error('The service is stopping.'));
      held.calls.clear();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const { text, rows } = held.run.takeTransition({ park: true, told: this.toldOf(held.run) });
      const { birth } = held;
      const done = () => {
        this.projector.add(rows);
        resolve();
      };
      this.writer.append(text, done, birth && { of: birth, refuse: () => resolve() });
    });
  }

  // Folding

  private hold(run: LiveRun): HeldRun {
    const held = new HeldRun(run, this.clock);
    this.held.set(run.id, held);
    this.bytes.add(run);
    return held;
  }

  /** The insert is what makes it; whoever is first goes on with it, which is this worker unless it dies. */
  private async create(
    { births, dispatch }: RunnerAmongOthers,
    id: InstanceId,
    creation: Creation,
    plan: Plan,
    start: BornStart,
  ): Promise<Instance> {
    const { view } = new LiveRun(id, creation, plan, bornRun(plan, start), this.workerId, 0, 0);
    const instance: Instance = { ...view, status: 'queued', startedAt: null };
    const header: InstanceHeader = { instance, owner: null, epoch: 0, seq: 0, wakeAt: this.nowMs() };
    const standing = await births.create({
      header,
      cursor: { seq: 0, schema: SNAPSHOT_SCHEMA, state: encodeStart(start) },
    });
    if (standing === 'purged') throw new InstancePurged(id);
    const begin = async () => {
      const { domain, priority } = creation;
      const takesIt = this.works && this.hasRoom;
      const isElsewhere = !takesIt && (await dispatch?.offer({ id, epoch: 0, domain, priority }));
      if (isElsewhere) return;
      await (takesIt && standing === instance ? this.parked.takeNew(header) : this.reach(id));
    };
    begin().catch((error: unknown) => this.events.onProjectionFault(error));
    return standing;
  }

  private isWaitedFor({ id, path, attempt }: ParentLink): boolean {
    const task = this.held.get(id)?.run.state.tasks.get(path);
    return task?.phase === 'waiting' && task.attempt === attempt;
  }

  private isHeld(held: HeldRun): boolean {
    return this.held.get(held.run.id) === held;
  }

  /** What comes for a run that was let go of is for whoever goes on with it to find out anew. */
  private news(held: HeldRun, event: RunEvent): void {
    if (!this.isHeld(held)) return;
    this.fold(held, event);
    this.commit(held);
  }

  private fold(held: HeldRun, event: RunEvent): void {
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
          const later = pureCalls > PURE_CALLS_A_TURN || run.isHeavy || this.clock.monotonicMs() > turnEnds;
          this.calls.callPure(held, command, later);
        } else this.carryOut(held, command);
      }
    }
    held.folding = false;
  }

  /** Commands of a state that was taken over. What they lead to at once (a call that died with its abort) is folded too. */
  private carryOutAll(held: HeldRun, commands: readonly Command[]): void {
    for (const command of commands) this.carryOut(held, command);
    const next = held.events.shift();
    if (next) this.fold(held, next);
  }

  private carryOut(held: HeldRun, command: Command): void {
    switch (command.kind) {
      case 'invoke':
        held.due.invokes.push(command);
        break;
      case 'evaluate':
        this.evaluations.begin(held, command.of);
        break;
      case 'startChild':
        held.due.children.push(command);
        break;
      case 'cancelChild': {
        const { path, attempt, index } = command;
        held.outbox.push({ kind: 'child.cancel', child: childIdOf(held.run.id, path, attempt, index) });
        break;
      }
      case 'wake':
        held.timers.set(command.path, command.at, () =>
          this.news(held, { type: 'woken', path: command.path, at: Math.max(this.nowMs(), command.at) }),
        );
        break;
      case 'force':
        held.timers.set(FORCE, command.at, () =>
          this.news(held, { type: 'forced', at: Math.max(this.nowMs(), command.at) }),
        );
        break;
      case 'abort':
        this.calls.abort(held, command.path);
        break;
    }
  }

  // Committing

  /** Hands what has happened to the log; what the engine asked for begins when it is durable. */
  private commit(held: HeldRun, committed?: (instance: Instance | undefined) => void): void {
    const { run, birth } = held;
    const { invokes, children } = held.due;
    held.due = { invokes: [], children: [] };
    const begin = () => {
      for (const invoke of invokes) this.calls.enqueue(held, invoke);
      for (const child of children) this.wishes.startChild(run, child);
    };
    for (const { task, step } of invokes) {
      if (step.effect !== 'write' || task.phase !== 'running') continue;
      const { path, parameters = {}, secrets } = task;
      const mark: RunEvent = { type: 'invoked', path, at: this.nowMs(), parameters, ...(secrets && { secrets }) };
      run.note(mark);
      advance(run.plan, run.state, mark);
    }
    if (!run.hasNews) {
      if (this.isHeld(held)) this.watchTime(held);
      committed?.(run.view);
      begin();
      return;
    }
    const ends = run.state.outcome !== undefined;
    if (ends) this.tellParent(held);
    if (ends) held.outbox.push(...callbacksOf(run), ...endOf(run, this.listener));
    const asks = invokes.length + children.length > 0;
    const parks = !ends && !asks && !this.stopping && parksAtOnce(held, this.nowMs());
    const { text, rows } = run.takeTransition({
      outbox: held.outbox.splice(0),
      park: parks,
      told: this.toldOf(run),
      consumed: held.consuming.splice(0),
    });
    const left = ends ? this.leave(held) : undefined;
    const away = parks ? this.park(held, rows) : undefined;
    if (!ends && !parks) this.watchTime(held);
    const done = () => {
      if (birth) {
        birth.stands = true;
        held.birth = undefined;
      }
      left?.();
      const written = away?.written ?? (ends && this.mail ? () => this.mail?.ended(run.id) : undefined);
      this.projector.add(written ? { ...rows, written } : rows);
      away?.appended();
      committed?.(rows.header.instance);
      if (ends) {
        this.waiters.tell(run.id, rows.header.instance);
        this.wishes.ended(run.id, run.creation);
      } else if (this.isHeld(held)) begin();
      if (rows.outbox.length > 0) this.wishes.deliver(rows.outbox);
      this.wishes.committed(run.id);
    };
    const refuse = (error: StorageFull) => {
      birth?.refuse(error);
      left?.();
      away?.dropped();
      committed?.(undefined);
    };
    this.writer.append(text, done, birth && { of: birth, refuse });
  }

  private toldOf(run: LiveRun): readonly InstanceFact[] {
    return this.tellsEvents ? run.facts() : [];
  }

  private tellParent({ run, outbox }: HeldRun): void {
    const { parent } = run.creation;
    const { outcome } = run.state;
    if (!parent?.waits || !outcome) return;
    const { status, result, failure } = outcome;
    const { id, path, attempt, index } = parent;
    outbox.push({ kind: 'parent.tell', parent: id, path, attempt, index, status, result, failure });
  }

  private watchTime(held: HeldRun): void {
    this.watchExpiry(held);
    if (!this.stopping && canPark(held, this.nowMs()))
      held.timers.set(PARK, this.nowMs() + LINGER_MS, () => this.parkNow(held));
    else held.timers.clear(PARK);
  }

  private parkNow(held: HeldRun): void {
    if (!this.isHeld(held) || this.stopping || !canPark(held, this.nowMs())) return;
    const { text, rows } = held.run.takeTransition({
      outbox: held.outbox.splice(0),
      told: this.toldOf(held.run),
      park: true,
    });
    const { birth } = held;
    const away = this.park(held, rows);
    const done = () => {
      this.projector.add({ ...rows, written: away.written });
      away.appended();
    };
    this.writer.append(text, done, birth && { of: birth, refuse: () => away.dropped() });
  }

  /** From here on nobody adds to the run until it is taken up again. */
  private park(held: HeldRun, { header }: TransitionRows): ReturnType<ParkedRuns['leave']> {
    this.forget(held);
    return this.parked.leave(held.run.id, header.wakeAt);
  }

  private watchExpiry(held: HeldRun): void {
    const at = expiresAt(held.run.plan, held.run.state);
    if (at === held.expiresAt) return;
    held.expiresAt = at;
    if (at === undefined) held.timers.clear(EXPIRY);
    else held.timers.set(EXPIRY, at, () => this.news(held, { type: 'expired', at: this.nowMs() }));
  }

  private forget(held: HeldRun): void {
    if (this.held.delete(held.run.id)) this.bytes.remove(held.run);
    held.timers.clearAll();
  }

  /** Gives what to call when the end is durable. */
  private leave(held: HeldRun): () => void {
    const { id } = held.run;
    this.forget(held);
    let left: () => void = () => undefined;
    this.leaving.set(id, new Promise((resolve) => (left = () => resolve(undefined))));
    return () => {
      this.leaving.delete(id);
      left();
    };
  }

  private dropEverything(): void {
    this.stopping = true;
    this.parked.stop();
    for (const held of [...this.held.values()]) {
      this.forget(held);
      for (const handle of held.calls.values()) handle.abort(new Error('Another worker took over.'));
    }
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}
