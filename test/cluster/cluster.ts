import { tmpdir } from 'node:os';
import { stringify } from 'yaml';
import { DeliveryStore, WebhookSecretStore } from '@flow/deliveries';
import { compilePlan, type Plan } from '@flow/engine';
import { WorkerFenced } from '@flow/instances';
import { IdGenerator, type DagId, type InstanceId, type WorkerId } from '@flow/kernel';
import { aDag } from '@flow/testing/dags';
import {
  MemoryInbox,
  MemoryInstanceBirths,
  MemoryInstanceStore,
  MemorySlotStore,
  MemorySlotTickets,
  MemoryWorkerLog,
  MemoryWorkers,
  type Ask,
} from '@flow/testing/instances';
import { SeededRandom } from '@flow/testing/kernel';
import { check } from '../simulation/checker';
import { Clients, DOMAIN, type Answer, type Served } from '../simulation/clients';
import { Door, StoreTrouble } from '../simulation/door';
import { CALLED, FLOWS, LIMITED, randomFlow, type Flow } from '../simulation/flows';
import { Ledger, Sink } from '../simulation/ledger';
import { CATALOGUE, SimulatedProcess, type Outside, type Stores } from '../simulation/process';
import { ProcessClock, VirtualTime } from '../simulation/virtual-time';
import { Bells } from './bell';
import { FixedDags } from './dags';
import { HeardEnds } from './ends';
import { Dispatches } from './dispatch';
import { ClusterEvidence, ClusterFaults } from './faults';
import { WatchedGround } from './ground';
import { SOUND, type Mutant } from './mutants';

const WORKERS = 3;
const FAULTS_LAST_MS = 60_000;
const CALM_ROUND_MS = 10_000;
const CALM_ROUNDS = 200;
const DRAIN_MS = 10_000;

const ALWAYS_THERE = [...FLOWS, ...CALLED, ...LIMITED];
const PLANS = new Map(ALWAYS_THERE.map((flow) => [flow.id, compilePlan(flow.content, CATALOGUE)]));

export interface Finding {
  readonly violations: readonly string[];
  readonly evidence: ClusterEvidence;
  readonly report: () => string;
}

/** In every third world signs of life are late, and workers call all the time. */
export function isStorm(seed: number): boolean {
  return seed % 3 === 0;
}

/** Calls something twice a second for as long as faults last. */
const BUSY: Flow = {
  id: 'busy',
  content: {
    vars: {},
    steps: [
      { id: '0', operator: '@trigger/manual' },
      {
        id: 'l',
        operator: '@control/flow/loop',
        parameters: { mode: 'limit', limit: 60 },
        steps: [
          { id: 'a', operator: '@test/read', parameters: { v: '{{__l.index}}', fails: 0 } },
          { id: 'w', operator: '@control/wait', parameters: { duration: 'PT0.4S' } },
        ],
      },
    ],
  },
};

export interface ClusterOptions {
  readonly mutant?: Mutant;
  /** Each worker holds so many runs at once, and passes on what is more. */
  readonly room?: number;
  /** Two more processes run nothing: they alone are asked, and tell the workers. */
  readonly isApart?: boolean;
  /** DAGs are started of which few instances run at once, several times each. */
  readonly isLimited?: boolean;
  /** Somebody hangs on the ends of runs. */
  readonly listens?: boolean;
}

/** Carries out one seed: three workers over one store, those who use them, and the checker outside. */
export async function simulateCluster(seed: number, options: ClusterOptions = {}): Promise<Finding> {
  const cluster = new Cluster(seed, options);
  await cluster.run();
  const { violations, evidence } = cluster;
  return { violations, evidence, report: () => cluster.report() };
}

/** A place where one process runs after another. */
interface Place {
  readonly name: string;
  readonly works: boolean;
  process: SimulatedProcess | undefined;
}

class Cluster {
  readonly violations: string[] = [];
  readonly evidence = new ClusterEvidence();
  private readonly lines: string[] = [];
  private readonly time = new VirtualTime();
  private readonly faults: ClusterFaults;
  private readonly ground: WatchedGround;
  private readonly bells: Bells;
  private readonly dispatches: Dispatches;
  private readonly dags = new FixedDags();
  private readonly plans = new Map(PLANS);
  private readonly flows: Flow[] = [];
  private readonly ledger: Ledger;
  private readonly outside: Outside;
  private readonly clients: Clients;
  private readonly places: readonly Place[];
  private readonly mutant: Mutant;
  private readonly passesOn: boolean;
  private readonly isLimited: boolean;
  private readonly heard: HeardEnds | undefined;
  /** Clients that wait for an answer, and the process that it would come from. */
  private readonly unanswered = new Map<(answer: 'unknown') => void, SimulatedProcess>();
  private processes = 0;
  private isOver = false;

  constructor(
    private readonly seed: number,
    { mutant = SOUND, room, isApart = false, isLimited = false, listens = false }: ClusterOptions,
  ) {
    this.mutant = mutant;
    this.isLimited = isLimited;
    this.passesOn = isApart || room !== undefined;
    const names = isApart ? ['A', 'B', 'C', 'X', 'Y'] : ['A', 'B', 'C'];
    this.places = names.map((name, i) => ({ name, works: i < WORKERS, process: undefined }));
    const violate = (promise: string) => {
      this.trace(`VIOLATION ${promise}`);
      this.violations.push(promise);
    };
    const trace = (line: string) => this.trace(line);
    this.faults = new ClusterFaults(new SeededRandom(seed), this.evidence, isStorm(seed));
    this.ledger = new Ledger(
      ({ dagId }) => this.planOf(dagId),
      (dagId) => LIMITED.find(({ id }) => id === dagId)?.content.concurrency?.max,
      violate,
      trace,
    );
    this.ground = new WatchedGround(this.ledger, this.evidence, violate);
    if (listens) this.heard = new HeardEnds(this.ledger, this.ground, violate);
    this.bells = new Bells(this.time, this.faults);
    this.dispatches = new Dispatches(this.time, this.faults);
    this.outside = {
      stores: (door) => this.stores(door),
      dags: this.dags,
      // Nobody asks for a callback.
      deliveries: unasked(DeliveryStore),
      webhookSecrets: unasked(WebhookSecretStore),
      sink: new Sink(this.ledger, violate),
      folder: tmpdir(),
      ...(room !== undefined && { liveInstances: room }),
    };
    this.clients = new Clients(this, this.ledger, this.time, this.faults, violate, trace);
  }

  async run(): Promise<void> {
    this.prepare();
    for (const place of this.places) this.boot(place);
    this.disturb();
    const calmAt = this.time.nowMs + FAULTS_LAST_MS;
    while (!this.isBroken && (await this.time.step(calmAt)));
    this.faults.isCalm = true;
    this.faults.muted.clear();
    this.trace('calm');
    for (let round = 0; round < CALM_ROUNDS && !this.isBroken && !this.isQuiet; round += 1)
      await this.goOn(CALM_ROUND_MS);
    this.isOver = true;
    await this.goOn(CALM_ROUND_MS);
    if (!this.isBroken) await this.check();
    this.count();
  }

  /** One request of a client to any of the processes; unknown when that one ends before it answers. */
  async ask<T>(work: (process: Served) => Promise<T>): Promise<Answer<T>> {
    const asking = this.places.some(({ works }) => !works);
    const ready = this.places.flatMap(({ process, works }) => (process?.isReady && works !== asking ? [process] : []));
    // Who passes requests on does not know who is not heard of by the others.
    const dumb = ready.filter(({ door }) => this.faults.muted.has(door));
    const asked = dumb.length > 0 && this.faults.is(0.7) ? dumb : ready;
    const process = asked[this.faults.int(0, asked.length - 1)];
    if (!process) return { error: new StoreTrouble('nobody listens') };
    return new Promise((resolve) => {
      this.unanswered.set(resolve, process);
      const end = (answer: Answer<T>) => {
        if (this.unanswered.delete(resolve)) resolve(answer);
      };
      process.door.pass(() => {
        work(process).then(
          (ok) => end({ ok }),
          (error: unknown) => end({ error }),
        );
      });
    });
  }

  report(): string {
    const used = this.flows.map(({ id, content }) => `# ${id}\n${stringify(content)}`);
    return [...used, ...this.lines, `SIM_SEED=${this.seed} shows this again.`].join('\n');
  }

  private stores(door: Door): Stores {
    const ask: Ask = (what, isWrite, perform) => {
      if (what === 'workers.beat' && this.faults.muted.has(door) && !this.faults.isCalm)
        return Promise.reject(new StoreTrouble(what));
      return door.ask(what, isWrite, async () => perform());
    };
    const { ground } = this;
    return this.mutant.ground(
      {
        log: new MemoryWorkerLog(ground, ask),
        store: new MemoryInstanceStore(ground, ask),
        slots: new MemorySlotStore(ground, ask),
        shared: {
          workers: new MemoryWorkers(ground, ask),
          inbox: new MemoryInbox(ground, ask),
          births: new MemoryInstanceBirths(ground, ask),
          tickets: new MemorySlotTickets(ground, ask),
          bell: this.bells.behind(door),
          ...(this.passesOn && { dispatch: this.dispatches.behind(door) }),
        },
      },
      ground,
      ask,
    );
  }

  private get isBroken(): boolean {
    return this.violations.length > 0;
  }

  private get isQuiet(): boolean {
    const hasEnded = [...this.ledger.accounts.values()].every(({ run }) => run.outcome !== undefined);
    return this.clients.busy === 0 && hasEnded && this.leftovers().length === 0;
  }

  private async goOn(ms: number): Promise<void> {
    const until = this.time.nowMs + ms;
    while (!this.isBroken && (await this.time.step(until)));
  }

  /** The DAGs stand, and those who will start them know when. */
  private prepare(): void {
    const { faults } = this;
    const ids = new IdGenerator(new ProcessClock(this.time), new SeededRandom(this.seed + 1));
    for (const flow of ALWAYS_THERE) this.publish(flow);
    if (this.isLimited) this.flows.push(...LIMITED);
    for (let i = this.isLimited ? 12 : faults.isStorm ? 3 : faults.int(3, 7); i > 0; i -= 1) {
      const flow = this.isLimited
        ? LIMITED[faults.int(0, LIMITED.length - 1)]!
        : faults.isStorm
          ? BUSY
          : faults.is(0.2)
            ? randomFlow(this.seed * 10 + i)
            : FLOWS[faults.int(0, FLOWS.length - 1)]!;
      if (!this.plans.has(flow.id)) this.plans.set(flow.id, compilePlan(flow.content, CATALOGUE));
      this.publish(flow);
      if (!this.isLimited) this.flows.push(flow);
      const id = ids.next<InstanceId>();
      const later = faults.int(0, faults.isStorm ? 1_000 : 40_000);
      this.clients.does(async () => {
        await new Promise<void>((resolve) => this.time.after(later, resolve));
        await this.clients.run(id, flow, faults.int(1, 9));
      });
    }
    for (let people = 0; people < 2; people += 1) void this.clients.people(() => this.isOver);
  }

  private publish({ id, content }: Flow): void {
    this.dags.add(aDag({ id: id as DagId, domain: DOMAIN, title: id, ...content }));
  }

  private planOf(dagId: DagId): Plan {
    const plan = this.plans.get(dagId);
    if (!plan) throw new Error(`There is no DAG ${dagId}.`);
    return plan;
  }

  /** Deaths, stops and pauses at any time, besides deaths at a request; and workers that are dumb for a while, or whose log is away. */
  private disturb(): void {
    const often = (most: number, work: (place: Place) => void) => {
      for (let times = this.faults.int(0, most); times > 0; times -= 1) {
        const place = this.places[this.faults.int(0, this.places.length - 1)]!;
        this.time.after(this.faults.int(0, FAULTS_LAST_MS), () => work(place));
      }
    };
    often(2, (place) => this.crash(place, 'at some moment'));
    often(1, (place) => void this.stop(place));
    often(3, (place) => this.standStill(place));
    often(this.faults.isStorm ? 6 : 3, (place) => this.mute(place));
  }

  private boot(place: Place): void {
    this.processes += 1;
    const number = this.processes;
    const crash = (where: string) => {
      if (place.process === process) this.crash(place, where);
    };
    const trace = (line: string) => this.trace(`${place.name} ${line}`);
    const door = new Door(this.time, this.faults, this.evidence, crash, trace, (_what, isWrite) => isWrite);
    const process = new SimulatedProcess(
      this.outside,
      door,
      this.time,
      this.faults,
      number,
      this.seed,
      { crash, fenced: (worker, error) => this.fenced(place, worker, error), bug: (error) => this.bug(error) },
      (stores) => stores,
      place.works,
    );
    if (this.heard) process.runs.listenWith(this.heard.behind(door));
    this.mutant.graft(process.runs);
    place.process = process;
    this.trace(`${place.name} starts, worker ${process.worker}`);
    process.start().then(
      () => this.trace(`${place.name} is ready`),
      (error: unknown) => crash(`its start failed: ${String(error)}`),
    );
  }

  private crash(place: Place, where: string): void {
    const { process } = place;
    if (!process?.door.isOpen) return;
    this.evidence.crashes += 1;
    this.trace(`${place.name} dies ${where}`);
    this.end(place, process);
  }

  private async stop(place: Place): Promise<void> {
    const { process } = place;
    if (!process?.isReady || process.door.isHalted) return;
    process.isReady = false;
    this.trace(`${place.name} stops`);
    await process.runs.drain(DRAIN_MS);
    if (place.process !== process || !process.door.isOpen) return;
    this.evidence.stops += 1;
    this.trace(`${place.name} has stopped`);
    this.end(place, process);
  }

  /** Its machine stands still; when it goes on it knows nothing of that. */
  private standStill(place: Place): void {
    const { process } = place;
    if (!process?.door.isOpen || process.door.isHalted) return;
    this.trace(`${place.name} stands still`);
    this.evidence.pauses += 1;
    process.door.halt();
    // Some for long, some until the others begin to take over.
    const forMs = this.faults.is(0.5) ? 25_000 : this.faults.int(9_000, 16_000);
    this.time.after(forMs, () => {
      if (!process.door.isOpen) return;
      if (this.ground.workers.get(process.worker)?.isClosing) this.evidence.zombies += 1;
      this.trace(`${place.name} goes on`);
      process.door.goOn();
    });
  }

  private mute(place: Place): void {
    const door = place.process?.door;
    if (!door) return;
    this.trace(`${place.name} is not heard`);
    this.faults.muted.add(door);
    const forMs = this.faults.isStorm ? this.faults.int(9_500, 14_000) : this.faults.int(8_000, 30_000);
    this.time.after(forMs, () => this.faults.muted.delete(door));
  }

  private end(place: Place, process: SimulatedProcess): void {
    process.door.isOpen = false;
    process.isReady = false;
    for (const [resolve, asked] of [...this.unanswered]) {
      if (asked !== process) continue;
      this.unanswered.delete(resolve);
      this.evidence.unknownAnswers += 1;
      resolve('unknown');
    }
    this.time.after(this.faults.int(0, 2_000), () => this.boot(place));
  }

  /** A worker that is over takes a new id: another process stands for that. */
  private fenced(place: Place, worker: WorkerId, error: Error): void {
    if (error instanceof WorkerFenced) {
      this.evidence.fencedAppends += 1;
      if (!this.ledger.isSealed(worker)) this.violations.push(`Worker ${worker} was fenced and nobody had sealed it.`);
    } else {
      this.evidence.refusedBeats += 1;
      const row = this.ground.workers.get(worker);
      if (!row?.isClosing) this.violations.push(`A beat of worker ${worker} was refused, and nobody held it dead.`);
    }
    this.trace(`${place.name} is over: ${error.message}`);
    const { process } = place;
    if (process?.worker === worker) this.end(place, process);
  }

  private bug(error: unknown): void {
    if (error instanceof StoreTrouble) this.trace(`a fault was called a bug: ${error.message}`);
    else this.violations.push(`A bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  private async check(): Promise<void> {
    const violate = (promise: string) => this.violations.push(promise);
    await check(this.ledger, this.clients, new MemoryInstanceStore(this.ground), this.evidence, violate);
    this.heard?.check();
    for (const left of this.leftovers()) violate(left);
    for (const { item, outcome } of this.ground.inbox.values()) {
      const hasActed = this.ledger.consumed.has(item.id);
      if (hasActed !== (outcome === 'acted')) violate(`${item.id} is ${String(outcome)}, acted on: ${hasActed}.`);
      if (outcome === 'late' && this.ledger.accounts.get(item.instance)?.run.outcome === undefined)
        violate(`${item.id} is late, and ${item.instance} has not ended.`);
    }
  }

  /** What must not be there when all is over. */
  private leftovers(): string[] {
    const live = new Set(this.places.flatMap(({ process }) => (process?.door.isOpen ? [process.worker] : [])));
    const left: string[] = [];
    for (const [id, { isClosed }] of this.ground.workers)
      if (!isClosed && !live.has(id)) left.push(`Worker ${id} is dead and not closed.`);
    for (const { item, outcome } of this.ground.inbox.values())
      if (outcome === null && this.ledger.accounts.has(item.instance)) left.push(`Nobody has looked at ${item.id}.`);
    for (const { id } of this.ground.tickets.values()) left.push(`${id} has a ticket.`);
    for (const [id, { header }] of this.ground.instances)
      if (this.ledger.accounts.get(id)?.seq !== header.seq) left.push(`The row of ${id} is at ${header.seq}.`);
    return left;
  }

  private trace(line: string): void {
    this.lines.push(`${((this.time.nowMs - START_MS) / 1_000).toFixed(3)} ${line}`);
  }

  private count(): void {
    const { evidence, ledger, outside } = this;
    evidence.instances = ledger.accounts.size;
    evidence.queued = [...ledger.accounts.values()].filter((one) => one.has(({ type }) => type === 'begun')).length;
    evidence.offered = this.dispatches.offered;
    evidence.brought = this.dispatches.brought;
    evidence.endsTold = this.heard?.told.size ?? 0;
    evidence.endsRepeated = this.heard?.repeated ?? 0;
    evidence.transitions = ledger.transitions;
    evidence.parks = ledger.parks;
    evidence.wakes = ledger.wakes;
    evidence.takeovers = ledger.takeovers;
    evidence.children = [...ledger.accounts.values()].filter(({ creation }) => creation.parent).length;
    evidence.invocations = outside.sink.invocations;
    evidence.repeatedCalls = outside.sink.repeated;
    for (const times of outside.sink.effects.values()) evidence.effects += times;
    evidence.lateWrites = evidence.lateAppends;
    for (const { outcome } of this.ground.inbox.values()) if (outcome === 'late') evidence.lateWishes += 1;
  }
}

/** A store of which nobody asks anything. */
function unasked<T extends object>(store: abstract new () => T): T {
  return Object.create(store.prototype as object) as T;
}

const START_MS = new VirtualTime().nowMs;
