import { advance, isOver, newRun, type Plan, type RunEvent, type RunState, type TaskState } from '@flow/engine';
import {
  bornRun,
  hasEnded,
  WorkerLog,
  type BornStart,
  type Creation,
  type InboxItem,
  type Instance,
  type LogHead,
  type LogRecord,
  type WorkerRow,
} from '@flow/instances';
import type { InstanceId, Json, JsonObject, WorkerId } from '@flow/kernel';

/** A transition as it stands in a log. */
interface Transition {
  readonly id: InstanceId;
  readonly epoch: number;
  readonly seq: number;
  readonly create?: Creation;
  readonly parked?: boolean;
  readonly consumed?: readonly string[];
  readonly events: readonly RunEvent[];
}

/** How a task was seen last. */
export interface SeenTask {
  readonly path: string;
  readonly order: number;
  readonly phase: TaskState['phase'];
  readonly attempt: number;
  readonly output: Json;
  readonly code: string | undefined;
}

/** What is durable of one instance, told from outside: its transitions, folded again by the checker itself. */
export class Account {
  readonly events: (readonly RunEvent[])[] = [];
  readonly tasks = new Map<string, SeenTask>();
  /** Completions by `path#attempt`. */
  readonly completions = new Set<string>();
  /** The newest attempt of each path that has a durable completion. */
  readonly completed = new Map<string, number>();
  /** Paths of writes that are marked as in flight. */
  readonly marked = new Set<string>();
  seq = 0;
  epoch = 0;
  /** Wishes that are durable in its inbox, whether it has acted on them or not. */
  readonly wishes: RunEvent[] = [];
  /** Nobody holds it since its last transition. */
  isParked = false;

  constructor(
    readonly id: InstanceId,
    readonly creation: Creation,
    readonly plan: Plan,
    readonly run: RunState,
  ) {}

  has(fits: (event: RunEvent) => boolean): boolean {
    return this.events.some((events) => events.some(fits)) || this.wishes.some(fits);
  }
}

export type Violate = (promise: string) => void;

/** Sees every record at the moment at which it becomes durable, and every end that anyone was shown. */
export class Ledger {
  readonly accounts = new Map<InstanceId, Account>();
  transitions = 0;
  private readonly records = new Set<string>();
  private readonly sealed = new Set<WorkerId>();
  private readonly ends = new Map<InstanceId, string>();

  constructor(
    private readonly planOf: (creation: Creation) => Plan,
    /** How many instances of a DAG may run at once. */
    private readonly slotsOf: (dagId: string) => number | undefined,
    private readonly violate: Violate,
    private readonly trace: (line: string) => void,
  ) {}

  parks = 0;
  wakes = 0;
  /** Runs that somebody went on with although nobody had let go of them. */
  takeovers = 0;
  /** Inbox items that transitions have acted on. */
  readonly consumed = new Set<string>();

  /** An instance came to be by an insert of its header. */
  created(id: InstanceId, creation: Creation, start: BornStart): void {
    if (this.accounts.has(id)) return;
    const plan = this.planOf(creation);
    this.accounts.set(id, new Account(id, creation, plan, bornRun(plan, start)));
    this.trace(`${id} of ${creation.dagId} is created`);
  }

  wished({ instance, event, id }: InboxItem): void {
    this.trace(`${instance} is asked: ${wordsOf(event)} (${id})`);
    this.accounts.get(instance)?.wishes.push(event);
  }

  seal(worker: WorkerId): void {
    this.sealed.add(worker);
  }

  isSealed(worker: WorkerId): boolean {
    return this.sealed.has(worker);
  }

  durable(worker: WorkerId, { n, body }: LogRecord): void {
    const key = `${worker} ${n}`;
    if (this.records.has(key)) return;
    this.records.add(key);
    if (this.sealed.has(worker)) this.violate(`Record ${n} of worker ${worker} was taken behind its seal.`);
    for (const transition of JSON.parse(body) as Transition[]) this.take(transition);
  }

  /** An end that was read by somebody. */
  shown(instance: Instance): void {
    const { id, status } = instance;
    const text = JSON.stringify(instance);
    const before = this.ends.get(id);
    if (before !== undefined && before !== text) this.violate(`The end of ${id} changed from ${before} to ${text}.`);
    if (!hasEnded(status)) return;
    this.ends.set(id, text);
    if (!this.accounts.get(id)?.run.outcome) this.violate(`The end of ${id} was shown and is not durable.`);
  }

  private take({ id, epoch, seq, create, events, parked = false, consumed = [] }: Transition): void {
    this.transitions += 1;
    this.trace(`${id} ${epoch}.${seq}: ${events.map(wordsOf).join(', ')}`);
    const account = this.accounts.get(id) ?? this.open(id, create, events);
    if (!account) return;
    if (seq !== account.seq + 1) this.violate(`Transition ${seq} of ${id} followed ${account.seq}.`);
    if (epoch < account.epoch) this.violate(`Transition ${seq} of ${id} has epoch ${epoch} after ${account.epoch}.`);
    if (account.run.outcome) this.violate(`${id} had ended and got transition ${seq}.`);
    if (account.isParked && epoch === account.epoch) this.violate(`${id} was parked at ${account.seq} and went on.`);
    for (const item of consumed) {
      if (this.consumed.has(item)) this.violate(`${id} has acted on ${item} twice.`);
      this.consumed.add(item);
    }
    if (account.isParked) this.wakes += 1;
    else if (seq > 1 && epoch > account.epoch) this.takeovers += 1;
    if (parked) this.parks += 1;
    Object.assign(account, { seq, epoch, isParked: parked });
    account.events.push(events);
    for (const event of events) this.fold(account, event);
    this.checkSlots(account);
  }

  /** Of those that share slots never more than there are have begun and not ended. */
  private checkSlots({ creation, run }: Account): void {
    const { dagId, slot } = creation;
    const max = this.slotsOf(dagId);
    if (max === undefined || run.outcome) return;
    if (slot === undefined) this.violate(`An instance of ${dagId} has no slot.`);
    const holders = [...this.accounts.values()].filter(
      (one) =>
        one.creation.dagId === dagId && one.creation.slot === slot && !one.run.queued && one.run.outcome === undefined,
    );
    if (holders.length > max)
      this.violate(`${holders.length} of ${dagId} run at once: ${holders.map(({ id }) => id).join(', ')}.`);
  }

  private open(id: InstanceId, create: Creation | undefined, [first]: readonly RunEvent[]): Account | undefined {
    if (!create || first?.type !== 'started') {
      this.violate(`The first transition of ${id} does not create it.`);
      return undefined;
    }
    const plan = this.planOf(create);
    const account = new Account(id, create, plan, newRun(plan, first));
    this.accounts.set(id, account);
    return account;
  }

  private fold(account: Account, event: RunEvent): void {
    const { id, run, plan, completions, completed, marked } = account;
    if (event.type === 'succeeded' || event.type === 'failed') {
      const { path, attempt } = event;
      const key = `${path}#${attempt}`;
      if (completions.has(key)) this.violate(`Attempt ${attempt} of ${path} of ${id} was completed twice.`);
      completions.add(key);
      completed.set(path, Math.max(attempt, completed.get(path) ?? 0));
    }
    if (event.type === 'invoked') marked.add(event.path);
    advance(plan, run, event, (task) => this.see(account, task));
  }

  private see({ id, tasks }: Account, task: TaskState): void {
    const { path, order, phase, attempt, output = null, error } = task;
    const before = tasks.get(path);
    const now: SeenTask = {
      path,
      order,
      phase,
      attempt,
      output: phase === 'succeeded' ? output : null,
      code: phase === 'succeeded' ? undefined : error?.code,
    };
    if (before && isOver(before.phase) && before.phase !== phase)
      this.violate(`Task ${path} of ${id} had ended as ${before.phase} and became ${phase}.`);
    tasks.set(path, now);
  }
}

/** A log that tells the ledger what has become durable. */
export class WatchedLog extends WorkerLog {
  constructor(
    private readonly inner: WorkerLog,
    private readonly ledger: Ledger,
  ) {
    super();
  }

  override open(worker: WorkerId): Promise<void> {
    return this.inner.open(worker);
  }

  override async append(worker: WorkerId, record: LogRecord): Promise<void> {
    await this.inner.append(worker, record);
    this.ledger.durable(worker, record);
  }

  override async trySeal(worker: WorkerId, n: number): Promise<boolean> {
    const isSealed = await this.inner.trySeal(worker, n);
    if (isSealed && (await this.inner.mark(worker)) < n) this.ledger.seal(worker);
    return isSealed;
  }

  override head(worker: WorkerId): Promise<LogHead> {
    return this.inner.head(worker);
  }

  override mark(worker: WorkerId): Promise<number> {
    return this.inner.mark(worker);
  }

  override read(worker: WorkerId, afterN: number, limit: number): Promise<readonly LogRecord[]> {
    return this.inner.read(worker, afterN, limit);
  }

  override raiseMark(worker: WorkerId, n: number): Promise<void> {
    return this.inner.raiseMark(worker, n);
  }

  override unclosed(): Promise<readonly WorkerRow[]> {
    return this.inner.unclosed();
  }

  override close(worker: WorkerId): Promise<void> {
    return this.inner.close(worker);
  }
}

/** One request of an operator, as the outside world sees it. */
export interface Invocation {
  readonly key: string;
  readonly instance: InstanceId;
  readonly path: string;
  readonly attempt: number;
  readonly isWrite: boolean;
  readonly parameters: JsonObject;
  readonly worker: WorkerId;
}

/** The world that operators change. It is never down, and keeps what came in by its key. */
export class Sink {
  readonly effects = new Map<string, number>();
  private readonly asked = new Map<string, string>();
  repeated = 0;
  invocations = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly violate: Violate,
  ) {}

  /** A worker calls an operator, in this very moment. */
  invoked({ key, instance, path, attempt, isWrite, parameters, worker }: Invocation): void {
    this.invocations += 1;
    if (this.ledger.isSealed(worker))
      this.violate(`Worker ${worker} called ${path} of ${instance}, and its log was sealed.`);
    const account = this.ledger.accounts.get(instance);
    if (key !== `${instance}:${path}`) this.violate(`${path} of ${instance} was called under the key ${key}.`);
    if (!account) {
      this.violate(`${path} of ${instance} was called before the instance was durable.`);
      return;
    }
    if ((account.completed.get(path) ?? 0) >= attempt)
      this.violate(`${path} of ${instance} was called in attempt ${attempt}, whose completion was durable.`);
    if (account.run.outcome) this.violate(`${path} of ${instance} was called after its durable end.`);
    if (isWrite && !account.marked.has(path))
      this.violate(`${path} of ${instance} was called before its mark was durable.`);
    const text = JSON.stringify(parameters);
    const before = this.asked.get(key);
    if (before !== undefined) this.repeated += 1;
    if (isWrite && before !== undefined && before !== text)
      this.violate(`${key} was called with ${before}, then with ${text}.`);
    this.asked.set(key, text);
  }

  /** The request has arrived. */
  took(key: string): void {
    this.effects.set(key, (this.effects.get(key) ?? 0) + 1);
  }
}

function wordsOf(event: RunEvent): string {
  return 'path' in event ? `${event.type} ${event.path}` : event.type;
}
