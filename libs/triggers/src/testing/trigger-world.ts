import { ENTITIES, SqlFiringStore, SqlTriggerStore, SqliteRelational } from '@flow/adapters/sql';
import type { Caller } from '@flow/auth';
import type { Dag } from '@flow/dags';
import type { Instance, InstanceFilter } from '@flow/instances';
import type { TriggerId } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { SeededRandom, settle } from '@flow/testing/kernel';
import {
  BackfillsService,
  Batches,
  EventIntake,
  EventTopics,
  FailurePause,
  Firings,
  RunEndFirings,
  HookAddresses,
  Scheduler,
  TriggerExpressions,
  TriggerLoops,
  TriggerRegistrar,
  TriggersService,
  type Firing,
  type FiringStore,
  type SentTrigger,
  type ShownTrigger,
  type TriggerStore,
} from '@flow/triggers';

const TURNS = 12;
const ALL = { limit: 200 };
/** Topics that triggers may name here. */
const TOPICS = new EventTopics({ isConnected: true, allowed: ['orders', 'shop.*'], own: ['shop.dead-letters'] });

/** One of the processes that carry out what triggers decide. */
export interface TriggerProcess {
  readonly firings: Firings;
  readonly scheduler: Scheduler;
  readonly batches: Batches;
  readonly intake: EventIntake;
  readonly ends: RunEndFirings;
}

/** Triggers on real stores, over runs whose steps a test answers (`RunWorld`), on a clock that it moves. */
export class TriggerWorld {
  readonly caller: Caller = aCaller();
  readonly faults: unknown[] = [];
  private readonly random = new SeededRandom(11);
  private processes: TriggerProcess[] = [];

  private constructor(
    readonly runs: RunWorld,
    private readonly relational: SqliteRelational,
    readonly store: TriggerStore,
    readonly history: FiringStore,
  ) {}

  static async open(options: Parameters<typeof RunWorld.open>[0] = {}): Promise<TriggerWorld> {
    const runs = await RunWorld.open(options);
    const relational = SqliteRelational.open(runs.folder, ENTITIES);
    const [store, history] = [new SqlTriggerStore(relational), new SqlFiringStore(relational)];
    // The first question loads modules, which takes real time.
    await store.nextDue();
    const world = new TriggerWorld(runs, relational, store, history);
    await world.startProcess();
    return world;
  }

  get clock() {
    return this.runs.clock;
  }

  get first(): TriggerProcess {
    const [first] = this.processes;
    if (!first) throw new Error('No process runs.');
    return first;
  }

  /** Another one on the same stores; from the second on they share them. */
  async startProcess(isShared = this.processes.length > 0): Promise<TriggerProcess> {
    const { runs, store, history, clock } = this;
    const onFault = (error: unknown) => this.faults.push(error);
    const firings = new Firings(
      runs.ids.next(),
      store,
      history,
      { startFrom: (...args) => this.runs.service.startFrom(...args) },
      new TriggerExpressions(),
      clock,
      runs.ids,
      { isShared },
      { onFault, onOutcome: () => undefined },
    );
    const scheduler = new Scheduler(store, firings, clock, isShared, onFault);
    const failures = new FailurePause(store, firings, clock);
    const ends = new RunEndFirings(store, firings, failures, clock, isShared, onFault);
    const batches = new Batches(history, store, firings, clock, runs.ids, isShared, onFault);
    const one = { firings, scheduler, ends, batches, intake: new EventIntake(firings, batches) };
    this.processes.push(one);
    // One process carries out the runs.
    if (this.processes.length === 1) runs.runs.listenWith(ends);
    await ends.start();
    await firings.start();
    scheduler.start();
    batches.start();
    await this.rest();
    return one;
  }

  /** All processes are gone in the midst of what they do. */
  kill(): void {
    for (const { scheduler, firings, ends, batches } of this.processes.splice(0)) {
      void ends.stop();
      void scheduler.stop();
      void batches.stop();
      void firings.stop(0);
    }
  }

  /** All processes end in good order. */
  async stopProcesses(): Promise<void> {
    for (const { scheduler, firings, ends, batches } of this.processes.splice(0)) {
      await ends.stop();
      await scheduler.stop();
      await batches.stop();
      await firings.stop(1_000);
    }
  }

  get triggers(): TriggersService {
    const { store, history, runs, clock } = this;
    const { firings, scheduler, ends } = this.first;
    const loops = new TriggerLoops(store, runs.dags);
    const hooks = new HookAddresses(() => 'http://flow.test');
    return new TriggersService(
      store,
      history,
      firings,
      scheduler,
      ends,
      loops,
      runs.dags,
      hooks,
      clock,
      runs.ids,
      this.random,
      TOPICS,
    );
  }

  get backfills(): BackfillsService {
    return new BackfillsService(
      this.triggers,
      this.history,
      this.first.firings,
      this.runs.service,
      this.runs.runs.actions,
      this.clock,
    );
  }

  get registrar(): TriggerRegistrar {
    const { scheduler, ends } = this.first;
    return new TriggerRegistrar(this.store, scheduler, ends, this.clock, this.random);
  }

  /** A DAG whose one step waits for the test, unless other steps are given. */
  async aDag(
    fields: Partial<Dag> = {},
    steps: readonly Step[] = [{ id: 'a', operator: '@test/call', settings: { timeout: { delay: 86_400 } } }],
  ): Promise<Dag> {
    return this.runs.aDag(steps, {
      domain: this.caller.domain,
      title: `dag ${this.runs.ids.next<string>()}`,
      ...fields,
    });
  }

  async aTrigger(dag: Pick<Dag, 'id'>, sent: Partial<SentTrigger> = {}): Promise<ShownTrigger> {
    const trigger = await this.triggers.create(this.caller, dag.id, {
      kind: 'cron',
      config: { cron: '0 * * * *' },
      ...sent,
    });
    await this.rest();
    return trigger;
  }

  /** Lets time pass, and all that follows happen. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.rest();
    await this.clock.advance(0);
    await this.rest();
  }

  async rest(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await settle();
  }

  /** What a trigger decided, the oldest first. */
  async firings(id: TriggerId): Promise<readonly Firing[]> {
    return [...(await this.history.list(this.caller.domain, { triggerId: id }, ALL)).items].reverse();
  }

  /** As `firings`, in short: `00:00 fired`, or `00:00 skipped trigger.filtered`. */
  async story(id: TriggerId): Promise<readonly string[]> {
    return (await this.firings(id)).map(({ at, status, reason }) =>
      [at.toISOString().slice(11, 19), status, ...(reason ? [reason.code] : [])].join(' '),
    );
  }

  /** Runs, the oldest first. */
  async instances(filter: InstanceFilter = {}): Promise<readonly Instance[]> {
    return (await this.runs.service.list(this.caller, { sort: 'createdAt', ...filter }, ALL)).items;
  }

  async close(): Promise<void> {
    await this.stopProcesses();
    await this.relational.close();
    this.runs.close();
  }
}
