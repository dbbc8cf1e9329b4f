import { tmpdir } from 'node:os';
import { DeliveryStore, WebhookSecretStore } from '@flow/deliveries';
import { LiveStreams, TaskLog, hasEnded, type Instance, type LiveFanOut, type SharedParts } from '@flow/instances';
import type { DagId, InstanceId } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { aDag } from '@flow/testing/dags';
import {
  MemoryGround,
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
import { DOMAIN } from '../simulation/clients';
import { Door } from '../simulation/door';
import type { Fate } from '../simulation/faults';
import { Ledger, Sink } from '../simulation/ledger';
import { SimulatedProcess } from '../simulation/process';
import type { VirtualTime } from '../simulation/virtual-time';
import { Bells } from './bell';
import { FixedDags } from './dags';
import { ClusterEvidence, ClusterFaults } from './faults';

/** Every request takes 2 ms. */
class Calm extends ClusterFaults {
  override fateOf(): Fate {
    return { kind: 'done', there: 1, back: 1, outlives: false };
  }
}

/** What a process has besides, to hear from others. */
export interface Hearing extends Partial<Pick<SharedParts, 'bell' | 'dispatch'>> {
  readonly fanOut?: LiveFanOut;
  readonly liveInstances?: number;
}

export const FLOW = 'watched' as DagId;

/** Processes over one store in memory to which nothing happens: what they tell one another is what a test is about. */
export class CalmCluster {
  private readonly faults: ClusterFaults;
  private readonly ground = new MemoryGround();
  private readonly dags = new FixedDags();
  private readonly evidence = new ClusterEvidence();
  private readonly bells: Bells;
  private count = 0;

  constructor(
    private readonly time: VirtualTime,
    steps: readonly Step[],
  ) {
    this.faults = new Calm(new SeededRandom(1), this.evidence, false);
    this.faults.isCalm = true;
    this.bells = new Bells(this.time, this.faults);
    const all = [{ id: '0', operator: '@trigger/manual' }, ...steps];
    this.dags.add(aDag({ id: FLOW, domain: DOMAIN, title: FLOW, vars: {}, steps: all }));
  }

  /** Not started yet. */
  process({ fanOut, liveInstances, ...hearing }: Hearing = {}): SimulatedProcess {
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
    return new SimulatedProcess(
      {
        stores: (of) => ({ ...this.stores(of, hearing), ...(fanOut && { fanOut }) }),
        dags: this.dags,
        deliveries: unasked(DeliveryStore),
        webhookSecrets: unasked(WebhookSecretStore),
        sink: new Sink(ledger, () => undefined),
        folder: tmpdir(),
        ...(liveInstances !== undefined && { liveInstances }),
      },
      door,
      this.time,
      this.faults,
      this.count,
      1,
      { crash: violate, fenced: (_worker, error) => violate(error.message), bug: (error) => violate(String(error)) },
      (stores) => stores,
    );
  }

  /** Whether the rows say so. */
  hasEnded(id: InstanceId): boolean {
    const { text } = this.ground.instances.get(id)!;
    return hasEnded((JSON.parse(text) as Instance).status);
  }

  /** All that ever stood. */
  instances(): readonly Instance[] {
    return [...this.ground.instances.values()].map(({ text }) => JSON.parse(text) as Instance);
  }

  /** Streams as the process has them that only watches. */
  streamsOf(process: SimulatedProcess): LiveStreams {
    const rows = () => process.runs.runner.projector.caughtUp();
    const store = new MemoryInstanceStore(this.ground);
    const behind = { rows, lines: () => Promise.resolve() };
    return new LiveStreams(store, unasked(TaskLog), process.runs.histories, process.live, behind);
  }

  private stores(door: Door, { bell, dispatch }: Hearing) {
    const ask: Ask = (what, isWrite, perform) => door.ask(what, isWrite, async () => perform());
    const { ground } = this;
    return {
      log: new MemoryWorkerLog(ground, ask),
      store: new MemoryInstanceStore(ground, ask),
      slots: new MemorySlotStore(ground, ask),
      shared: {
        workers: new MemoryWorkers(ground, ask),
        inbox: new MemoryInbox(ground, ask),
        births: new MemoryInstanceBirths(ground, ask),
        tickets: new MemorySlotTickets(ground, ask),
        bell: bell ?? this.bells.behind(door),
        ...(dispatch && { dispatch }),
      },
    };
  }
}

function unasked<T extends object>(store: abstract new () => T): T {
  return Object.create(store.prototype as object) as T;
}
