import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  SqliteDagStore,
  SqliteDeliveryStore,
  SqliteInstanceStore,
  SqliteSlotStore,
  SqliteWebhookSecretStore,
  SqliteWorkerLog,
  openDocuments,
} from '@flow/adapters/embedded';
import { compilePlan, type Plan } from '@flow/engine';
import { IdGenerator, type DagId, type InstanceId, type WorkerId } from '@flow/kernel';
import { aDag } from '@flow/testing/dags';
import { SeededRandom } from '@flow/testing/kernel';
import { check } from './checker';
import { Clients, DOMAIN, type Answer } from './clients';
import { Door, StoreTrouble } from './door';
import { Evidence, Faults } from './faults';
import { CALLED, FLOWS, LIMITED, randomFlow, type Flow } from './flows';
import { Ledger, Sink, WatchedLog } from './ledger';
import { SOUND, type Mutant } from './mutants';
import { CATALOGUE, LOG_WRITES, STORE_WRITES, SimulatedProcess, type Outside } from './process';
import { ProcessClock, VirtualTime } from './virtual-time';

/** A folder in memory where there is one. */
const GROUND = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const FAULTS_LAST_MS = 30_000;
const CALM_ROUND_MS = 60_000;
const CALM_ROUNDS = 120;
const DRAIN_MS = 10_000;

const ALWAYS_THERE = [...FLOWS, ...CALLED, ...LIMITED];
/** Every so many-th world has a DAG of which few instances run at once. */
const LIMITED_EVERY = 3;
const PLANS = new Map(ALWAYS_THERE.map((flow) => [flow.id, compilePlan(flow.content, CATALOGUE)]));

export interface Finding {
  readonly violations: readonly string[];
  readonly evidence: Evidence;
  /** The DAGs as YAML and what happened, for a seed with a violation. */
  readonly report: () => string;
}

/** Carries out one seed: a service that crashes and its stores that do not, those who use it, and the checker outside. */
export async function simulate(seed: number, mutant: Mutant = SOUND): Promise<Finding> {
  const world = new World(seed, mutant);
  try {
    await world.run();
    const { violations, evidence } = world;
    return { violations, evidence, report: () => world.report() };
  } finally {
    world.close();
  }
}

class World {
  readonly violations: string[] = [];
  readonly evidence = new Evidence();
  private readonly lines: string[] = [];
  private readonly time = new VirtualTime();
  private readonly faults: Faults;
  private readonly folder = mkdtempSync(join(GROUND, 'flow-simulation-'));
  private readonly db = openDocuments(this.folder);
  private readonly dags = new SqliteDagStore(this.db);
  private readonly store = new SqliteInstanceStore(this.db);
  private readonly plans = new Map(PLANS);
  private readonly flows: Flow[] = [];
  private readonly ledger: Ledger;
  private readonly outside: Outside;
  private readonly clients: Clients;
  private readonly unanswered = new Set<(answer: 'unknown') => void>();
  private process: SimulatedProcess | undefined;
  private processes = 0;
  private isOver = false;

  constructor(
    private readonly seed: number,
    private readonly mutant: Mutant,
  ) {
    const violate = (promise: string) => {
      this.trace(`VIOLATION ${promise}`);
      this.violations.push(promise);
    };
    this.faults = new Faults(new SeededRandom(seed), this.evidence);
    this.ledger = new Ledger(
      ({ dagId }) => this.planOf(dagId),
      (dagId) => LIMITED.find(({ id }) => id === dagId)?.content.concurrency?.max,
      violate,
      (line) => this.trace(line),
    );
    const sink = new Sink(this.ledger, violate);
    const log = new WatchedLog(mutant.ground(new SqliteWorkerLog(this.db)), this.ledger);
    this.outside = {
      stores: (door) => ({
        log: door.before('log', log, LOG_WRITES),
        store: door.before('store', this.store, STORE_WRITES),
        slots: door.before('slots', new SqliteSlotStore(this.db), new Set()),
      }),
      dags: this.dags,
      deliveries: new SqliteDeliveryStore(this.db),
      webhookSecrets: new SqliteWebhookSecretStore(this.db),
      sink,
      folder: this.folder,
    };
    const trace = (line: string) => this.trace(line);
    this.clients = new Clients(this, this.ledger, this.time, this.faults, violate, trace);
  }

  async run(): Promise<void> {
    await this.prepare();
    this.boot();
    this.disturb();
    const calmAt = this.time.nowMs + FAULTS_LAST_MS;
    while (!this.isBroken && (await this.time.step(calmAt)));
    this.faults.isCalm = true;
    this.trace('calm');
    for (let round = 0; round < CALM_ROUNDS && !this.isBroken && !this.isQuiet; round += 1)
      await this.goOn(CALM_ROUND_MS);
    this.isOver = true;
    await this.goOn(CALM_ROUND_MS);
    if (!this.isBroken)
      await check(this.ledger, this.clients, this.store, this.evidence, (promise) => this.violations.push(promise));
    this.count();
  }

  /** One request of a client; unknown when the process ends before it answers. */
  async ask<T>(work: (process: SimulatedProcess) => Promise<T>): Promise<Answer<T>> {
    const { process } = this;
    if (!process?.isReady) return { error: new StoreTrouble('nobody listens') };
    return new Promise((resolve) => {
      this.unanswered.add(resolve);
      const end = (answer: Answer<T>) => {
        if (this.unanswered.delete(resolve)) resolve(answer);
      };
      work(process).then(
        (ok) => end({ ok }),
        (error: unknown) => end({ error }),
      );
    });
  }

  report(): string {
    const used = this.flows.map(({ id, content }) => `# ${id}\n${stringify(content)}`);
    return [...used, ...this.lines, `SIM_SEED=${this.seed} shows this again.`].join('\n');
  }

  close(): void {
    this.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get isBroken(): boolean {
    return this.violations.length > 0;
  }

  private get isQuiet(): boolean {
    return this.clients.busy === 0 && [...this.ledger.accounts.values()].every(({ run }) => run.outcome !== undefined);
  }

  private async goOn(ms: number): Promise<void> {
    const until = this.time.nowMs + ms;
    while (!this.isBroken && (await this.time.step(until)));
  }

  /** The DAGs stand, and those who will start them know when. */
  private async prepare(): Promise<void> {
    const { faults } = this;
    const ids = new IdGenerator(new ProcessClock(this.time), new SeededRandom(this.seed + 1));
    for (const flow of CALLED) await this.publish(flow);
    const called = new Set(['chain', 'retries', 'asks', 'calls-asks']);
    for (const flow of FLOWS) if (called.has(flow.id)) await this.publish(flow);
    for (let i = faults.int(3, 7); i > 0; i -= 1) {
      const flow = faults.is(0.25) ? randomFlow(this.seed * 10 + i) : FLOWS[faults.int(0, FLOWS.length - 1)]!;
      if (!this.plans.has(flow.id)) this.plans.set(flow.id, compilePlan(flow.content, CATALOGUE));
      await this.publish(flow);
      this.flows.push(flow);
      const id = ids.next<InstanceId>();
      this.clients.does(() => this.clients.run(id, flow, faults.int(1, 9)));
    }
    if (this.seed % LIMITED_EVERY === 0) await this.prepareLimited(ids);
    for (let people = 0; people < 2; people += 1) void this.clients.people(() => this.isOver);
  }

  private async prepareLimited(ids: IdGenerator): Promise<void> {
    const random = new SeededRandom(this.seed + 2);
    const int = (least: number, most: number) => least + Math.floor(random.fraction() * (most - least + 1));
    for (const flow of LIMITED) await this.publish(flow);
    const flow = LIMITED[int(0, LIMITED.length - 1)]!;
    this.flows.push(flow);
    for (let i = int(3, 6); i > 0; i -= 1) {
      const id = ids.next<InstanceId>();
      const n = int(1, 9);
      this.clients.does(() => this.clients.run(id, flow, n));
    }
  }

  private async publish({ id, content }: Flow): Promise<void> {
    await this.dags.create(aDag({ id: id as DagId, domain: DOMAIN, title: id, ...content }));
  }

  private planOf(dagId: DagId): Plan {
    const plan = this.plans.get(dagId);
    if (!plan) throw new Error(`There is no DAG ${dagId}.`);
    return plan;
  }

  /** Deaths and stops at any time, besides those at a request. */
  private disturb(): void {
    const { faults, time } = this;
    for (let deaths = faults.int(0, 2); deaths > 0; deaths -= 1)
      time.after(faults.int(0, FAULTS_LAST_MS), () => this.crash('at some moment'));
    for (let stops = faults.int(0, 2); stops > 0; stops -= 1)
      time.after(faults.int(0, FAULTS_LAST_MS), () => void this.stop());
    for (let outages = faults.int(0, 2); outages > 0; outages -= 1)
      time.after(faults.int(0, FAULTS_LAST_MS), () => {
        this.trace('the log goes away');
        faults.isLogAway = true;
        time.after(faults.int(200, 6_000), () => (faults.isLogAway = false));
      });
  }

  private boot(): void {
    this.processes += 1;
    const number = this.processes;
    const crash = (where: string) => {
      if (this.process === process) this.crash(where);
    };
    const door = new Door(this.time, this.faults, this.evidence, crash, (line) => this.trace(line));
    const process = new SimulatedProcess(
      this.outside,
      door,
      this.time,
      this.faults,
      number,
      this.seed,
      {
        crash,
        fenced: (worker) => this.fenced(worker),
        bug: (error) => this.bug(error),
      },
      (parts) => this.mutant.parts(parts),
    );
    this.mutant.graft(process.runs);
    this.process = process;
    this.trace(`process ${number} starts, worker ${process.worker}`);
    process.start().then(
      (left) => {
        this.trace(`process ${number} is ready`);
        for (const error of left) this.violations.push(`A run was left at a start: ${String(error)}`);
      },
      (error: unknown) => crash(`its start failed: ${String(error)}`),
    );
  }

  private crash(where: string): void {
    const { process } = this;
    if (!process?.door.isOpen) return;
    this.evidence.crashes += 1;
    this.trace(`process ${this.processes} dies ${where}`);
    this.end(process);
  }

  private runs(process: SimulatedProcess): boolean {
    return this.process === process && process.door.isOpen;
  }

  private async stop(): Promise<void> {
    const { process } = this;
    if (!process?.isReady || !this.runs(process)) return;
    process.isReady = false;
    this.trace(`process ${this.processes} stops`);
    await process.runs.drain(DRAIN_MS);
    if (!this.runs(process)) return;
    this.evidence.stops += 1;
    this.trace(`process ${this.processes} has stopped`);
    this.end(process);
  }

  private end(process: SimulatedProcess): void {
    process.door.isOpen = false;
    process.isReady = false;
    for (const resolve of [...this.unanswered]) {
      this.unanswered.delete(resolve);
      this.evidence.unknownAnswers += 1;
      resolve('unknown');
    }
    this.time.after(this.faults.int(0, 2_000), () => this.boot());
  }

  private fenced(worker: WorkerId): void {
    if (!this.ledger.isSealed(worker)) this.violations.push(`Worker ${worker} was fenced and nobody had sealed it.`);
    this.crash('fenced');
  }

  private bug(error: unknown): void {
    if (error instanceof StoreTrouble) this.trace(`a fault was called a bug: ${error.message}`);
    else this.violations.push(`A bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  private trace(line: string): void {
    this.lines.push(`${((this.time.nowMs - START_MS) / 1_000).toFixed(3)} ${line}`);
  }

  private count(): void {
    const { evidence, ledger, outside } = this;
    evidence.instances = ledger.accounts.size;
    evidence.transitions = ledger.transitions;
    evidence.parks = ledger.parks;
    evidence.wakes = ledger.wakes;
    evidence.children = [...ledger.accounts.values()].filter(({ creation }) => creation.parent).length;
    evidence.queued = [...ledger.accounts.values()].filter((one) => one.has(({ type }) => type === 'begun')).length;
    evidence.invocations = outside.sink.invocations;
    evidence.repeatedCalls = outside.sink.repeated;
    for (const times of outside.sink.effects.values()) evidence.effects += times;
  }
}

const START_MS = new VirtualTime().nowMs;
