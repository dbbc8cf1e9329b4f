import { tmpdir } from 'node:os';
import { DeliveryStore, WebhookSecretStore } from '@flow/deliveries';
import {
  LiveStreams,
  QUIET_MS,
  TaskLog,
  hasEnded,
  type Instance,
  type LiveFanOut,
  type LivePage,
} from '@flow/instances';
import type { DagId, InstanceId } from '@flow/kernel';
import { aDag } from '@flow/testing/dags';
import {
  MemoryAir,
  MemoryFanOut,
  MemoryGround,
  MemoryInbox,
  MemoryInstanceBirths,
  MemoryInstanceStore,
  MemoryWorkerLog,
  MemoryWorkers,
  anId,
  type Ask,
} from '@flow/testing/instances';
import { SeededRandom } from '@flow/testing/kernel';
import { DOMAIN, callerNamed } from '../simulation/clients';
import { Door } from '../simulation/door';
import type { Fate } from '../simulation/faults';
import { Ledger, Sink } from '../simulation/ledger';
import { SimulatedProcess } from '../simulation/process';
import { VirtualTime } from '../simulation/virtual-time';
import { Bells } from './bell';
import { FixedDags } from './dags';
import { ClusterEvidence, ClusterFaults } from './faults';
import { NoSlots } from './no-slots';

const ANN = callerNamed('ann');
const FLOW = 'watched' as DagId;
/** How late a watcher may be behind the rows when all is well. */
const LATE_MS = 100;

/** Every request takes 2 ms. */
class Calm extends ClusterFaults {
  override fateOf(): Fate {
    return { kind: 'done', there: 1, back: 1, outlives: false };
  }
}

/** Two calm processes over one store: one runs what is watched in the other. */
class TwoProcesses {
  readonly time = new VirtualTime();
  private readonly faults: ClusterFaults;
  private readonly ground = new MemoryGround();
  private readonly dags = new FixedDags();
  private readonly evidence = new ClusterEvidence();
  private readonly bells: Bells;
  private count = 0;

  constructor() {
    this.faults = new Calm(new SeededRandom(1), this.evidence, false);
    this.faults.isCalm = true;
    this.bells = new Bells(this.time, this.faults);
    const waits = (id: string) => ({ id, operator: '@control/wait', parameters: { duration: 'PT3S' } });
    const steps = [
      { id: '0', operator: '@trigger/manual' },
      waits('a'),
      { id: 'b', operator: '@test/write', parameters: { v: 1, fails: 0 } },
      waits('c'),
    ];
    this.dags.add(aDag({ id: FLOW, domain: DOMAIN, title: FLOW, vars: {}, steps }));
  }

  async process(fanOut?: LiveFanOut): Promise<SimulatedProcess> {
    const violate = (what: string) => {
      throw new Error(what);
    };
    const ledger = new Ledger(
      () => violate('Nobody asks for a plan.'),
      () => undefined,
      violate,
      () => undefined,
    );
    const door = new Door(this.time, this.faults, this.evidence, violate, () => undefined);
    this.count += 1;
    const process = new SimulatedProcess(
      {
        stores: (of) => this.stores(of, fanOut),
        dags: this.dags,
        deliveries: unasked(DeliveryStore),
        webhookSecrets: unasked(WebhookSecretStore),
        sink: new Sink(ledger, () => undefined),
        folder: tmpdir(),
      },
      door,
      this.time,
      this.faults,
      this.count,
      1,
      { crash: violate, fenced: (_worker, error) => violate(error.message), bug: (error) => violate(String(error)) },
      (stores) => stores,
    );
    await this.during(process.start());
    return process;
  }

  /** Time goes on until it has come. */
  async during<T>(work: Promise<T>): Promise<T> {
    const box: { outcome?: PromiseSettledResult<T> } = {};
    void Promise.allSettled([work]).then(([outcome]) => (box.outcome = outcome));
    while (!box.outcome) if (!(await this.time.step(this.time.nowMs + 60_000))) break;
    return work;
  }

  private stores(door: Door, fanOut: LiveFanOut | undefined) {
    const ask: Ask = (what, isWrite, perform) => door.ask(what, isWrite, async () => perform());
    const { ground } = this;
    return {
      log: new MemoryWorkerLog(ground, ask),
      store: new MemoryInstanceStore(ground, ask),
      slots: new NoSlots(),
      shared: {
        workers: new MemoryWorkers(ground, ask),
        inbox: new MemoryInbox(ground, ask),
        births: new MemoryInstanceBirths(ground, ask),
        bell: this.bells.behind(door),
      },
      ...(fanOut && { fanOut }),
    };
  }

  /** Whether the rows say so. */
  hasEnded(id: InstanceId): boolean {
    const { text } = this.ground.instances.get(id)!;
    return hasEnded((JSON.parse(text) as Instance).status);
  }

  /** Streams as the process has them that only watches. */
  streamsOf(process: SimulatedProcess): LiveStreams {
    const rows = () => process.runs.runner.projector.caughtUp();
    return new LiveStreams(
      new MemoryInstanceStore(this.ground),
      unasked(TaskLog),
      process.runs.histories,
      process.live,
      { rows, lines: () => Promise.resolve() },
    );
  }
}

function unasked<T extends object>(store: abstract new () => T): T {
  return Object.create(store.prototype as object) as T;
}

describe('a run in one process, watched in another', () => {
  /** The kinds of events that the watcher was told, and how late it was told the end. */
  async function watched(between: (air: MemoryAir) => readonly [LiveFanOut?, LiveFanOut?]) {
    const world = new TwoProcesses();
    const [of, to] = between(new MemoryAir());
    const [runs, watches] = [await world.process(of), await world.process(to)];
    const id = anId<InstanceId>();
    await world.during(runs.runs.instances.start(ANN, FLOW, { data: {} }, { id }));
    const stream = await world.during(world.streamsOf(watches).events(ANN, id, { follow: true }));
    const told: string[] = [];
    let end: LivePage | undefined;
    const reading = (async () => {
      for await (const page of stream.pages(new AbortController().signal)) {
        if (page.kind === 'items') told.push(...page.items.map(({ data }) => data.type as string));
        else if (page.kind === 'end') end = page;
      }
      return world.time.nowMs;
    })();
    let endedAt = 0;
    const box: { readAt?: number } = {};
    void reading.then((at) => (box.readAt = at));
    const until = world.time.nowMs + 120_000;
    while (box.readAt === undefined && world.time.nowMs < until) {
      await world.time.step(until);
      if (endedAt === 0 && world.hasEnded(id)) endedAt = world.time.nowMs;
      expect(watches.runs.runner.liveCount).toBe(0);
    }
    return { told, end, lateMs: (box.readAt ?? Infinity) - endedAt };
  }

  it('is told as it goes on, up to its end', async () => {
    const { told, end, lateMs } = await watched((air) => [new MemoryFanOut(air), new MemoryFanOut(air)]);
    expect(end).toEqual({ kind: 'end', status: 'succeeded' });
    expect(lateMs).toBeLessThanOrEqual(LATE_MS);
    expect(told.at(-1)).toBe('instance.succeeded');
  });

  it('is told the same when no ring comes, as late as a stream looks by itself', async () => {
    const rung = await watched((air) => [new MemoryFanOut(air), new MemoryFanOut(air)]);
    const alone = await watched(() => []);
    expect(alone.told).toEqual(rung.told);
    expect(alone.end).toEqual(rung.end);
    expect(alone.lateMs).toBeGreaterThan(LATE_MS);
    expect(alone.lateMs).toBeLessThanOrEqual(QUIET_MS + LATE_MS);
  });
});
