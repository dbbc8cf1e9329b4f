import { FileBlobStore } from '@flow/adapters/embedded';
import { Delivering, type DeliveryStore, type WebhookSecretStore } from '@flow/deliveries';
import { GivenFiles } from '@flow/files';
import {
  JsonThread,
  LargeValues,
  LiveEvents,
  OperatorCalls,
  PlanCache,
  RunSurroundings,
  Runs,
  SealedCallbackAddresses,
  TaskLogSink,
  type InstanceStore,
  type LiveFanOut,
  type SlotStore,
  type SharedParts,
  type WorkerLog,
} from '@flow/instances';
import type { DagStore } from '@flow/dags';
import { IdGenerator, type Clock, type DomainId, type InstanceId, type JsonObject, type WorkerId } from '@flow/kernel';
import { OperatorCatalogue, done, failed, failedForNow, type OperatorContext, type Outcome } from '@flow/operators';
import { HttpClient } from '@flow/platform';
import { SecretBox, SecretReader, type RevealedSecret } from '@flow/secrets';
import { testOperators } from '@flow/testing/engine';
import { MemoryFileStore } from '@flow/testing/files';
import { SeededRandom } from '@flow/testing/kernel';
import type { Door } from './door';
import type { Faults } from './faults';
import type { Sink } from './ledger';
import { ProcessClock, type VirtualTime } from './virtual-time';

export const ADDRESSES = new SealedCallbackAddresses(new Uint8Array(32), () => 'http://flow.test/api/automation/v1');

class NoSecrets extends SecretReader {
  override reveal(_domain: DomainId, _names: readonly string[]) {
    return Promise.resolve(new Map<string, RevealedSecret>());
  }
}

class NoSurroundings extends RunSurroundings {
  override env(): JsonObject {
    return {};
  }
  override variables(): Promise<JsonObject> {
    return Promise.resolve({});
  }
}

class NoLines extends TaskLogSink {
  override write(): void {
    return;
  }
}

type Call = (context: OperatorContext, isWrite: boolean) => Promise<Outcome>;

/** How the process that has this clock calls what is outside. */
const CALLERS = new WeakMap<Clock, Call>();

/** One for all: its schemas are compiled once. */
export const CATALOGUE = new OperatorCatalogue(
  testOperators().map((operator) => {
    if (operator.kind !== 'action' || operator.effect === 'pure') return operator;
    const isWrite = operator.effect === 'write';
    return { ...operator, run: (context) => CALLERS.get(context.clock)!(context, isWrite) };
  }),
);

/** Stores as one process sees them. */
export interface Stores {
  readonly log: WorkerLog;
  readonly store: InstanceStore;
  readonly slots: SlotStore;
  /** Where several processes have them. */
  readonly shared?: SharedParts;
  /** How they tell those who watch in others. */
  readonly fanOut?: LiveFanOut;
}

/** What outlives every process. */
export interface Outside {
  /** The way of a process to the stores, through its door. */
  stores(door: Door): Stores;
  readonly dags: DagStore;
  /** For callbacks; none is asked for. */
  readonly deliveries: DeliveryStore;
  readonly webhookSecrets: WebhookSecretStore;
  readonly sink: Sink;
  /** For values that are too large for rows; there are none. */
  readonly folder: string;
  /** How many runs a process may hold; as good as any number when left out. */
  readonly liveInstances?: number;
}

export interface ProcessEvents {
  crash(where: string): void;
  fenced(worker: WorkerId, error: Error): void;
  bug(error: unknown): void;
}

/** Methods of the stores that write. */
export const LOG_WRITES = new Set(['open', 'append', 'trySeal', 'raiseMark', 'close']);
export const STORE_WRITES = new Set(['project', 'claim', 'claimParked', 'settleOutbox', 'release']);

/** One process of the service with its whole object graph. When its door closes it is gone. */
export class SimulatedProcess {
  readonly runs: Runs;
  readonly live: LiveEvents;
  readonly worker: WorkerId;
  /** Takes requests. */
  isReady = false;
  private readonly log: WorkerLog;

  constructor(
    outside: Outside,
    readonly door: Door,
    private readonly time: VirtualTime,
    private readonly faults: Faults,
    number: number,
    seed: number,
    private readonly events: ProcessEvents,
    mutate: (stores: Stores) => Stores,
    private readonly works = true,
  ) {
    const clock = new ProcessClock(time, (work) => door.pass(work));
    const random = new SeededRandom(seed * 1_000 + number);
    const ids = new IdGenerator(clock, random);
    this.worker = ids.next<WorkerId>();
    CALLERS.set(clock, (context, isWrite) => this.call(context, isWrite, outside.sink));
    const { log, store, slots, shared, fanOut } = mutate(outside.stores(door));
    this.live = new LiveEvents(clock, fanOut);
    this.log = log;
    const dags = door.before('dags', outside.dags, new Set());
    const onBug = (error: unknown) => {
      if (door.isOpen) this.events.bug(error);
    };
    const blobs = new FileBlobStore(outside.folder);
    const large = new LargeValues(blobs, new JsonThread(), {
      inlineBytes: 1e6,
      valueBytes: 1e6,
    });
    const calls = new OperatorCalls(CATALOGUE, new NoSecrets(), ADDRESSES, clock, random, new NoLines(), large, onBug);
    const { deliveries } = new Delivering(
      {
        store: outside.deliveries,
        secretStore: outside.webhookSecrets,
        box: new SecretBox([new Uint8Array(32)], random),
        http: new HttpClient({ clock }),
        clock,
        random,
        ids,
      },
      { onFault: onBug, onAttempt: () => undefined },
    );
    this.runs = new Runs(
      {
        workerId: this.worker,
        dags,
        store,
        log,
        calls,
        plans: new PlanCache(dags, CATALOGUE),
        surroundings: new NoSurroundings(),
        addresses: ADDRESSES,
        live: this.live,
        clock,
        random,
        ids,
        limits: {
          liveInstances: outside.liveInstances ?? 1_000,
          operatorCalls: 4,
          instanceBytes: 1e6,
          heldBytes: 1e6,
          liveBytes: 1e9,
        },
        large,
        files: new GivenFiles(new MemoryFileStore(), blobs),
        deliveries,
        slots,
        liveLimitOf: () => 0,
        ...(shared && { shared }),
        works,
      },
      {
        onFenced: (error) => {
          if (door.isOpen) this.events.fenced(this.worker, error);
        },
        onFault: () => undefined,
        onBug,
      },
    );
  }

  /** As `startService`: a start that fails ends the process. Gives the runs that could not be taken over. */
  async start(): Promise<readonly unknown[]> {
    if (this.works) await this.log.open(this.worker);
    const { left } = this.works ? await this.runs.recover() : { left: [] };
    this.isReady = true;
    return left.map(({ error }) => error);
  }

  /** The call of an operator: its request is out at once, and may arrive although the process has died. */
  private call(context: OperatorContext, isWrite: boolean, sink: Sink): Promise<Outcome> {
    if (!this.door.isOpen) return new Promise(() => undefined);
    const { idempotencyKey: key, instance, task, parameters } = context;
    sink.invoked({
      key,
      instance: instance.id as InstanceId,
      path: task.path,
      attempt: task.attempt,
      isWrite,
      parameters,
      worker: this.worker,
    });
    const { there, back, outlives } = this.faults.fateOf(false);
    const outcome = this.outcomeOf(key, task.attempt, parameters);
    const isLong = this.faults.is(0.1);
    return new Promise((resolve, reject) => {
      const hears = this.faults.is(0.7);
      context.signal.addEventListener('abort', () => {
        if (hears) this.door.pass(() => reject(new Error('aborted')));
      });
      this.time.after(there, () => {
        if (!this.door.isOpen && !outlives) return;
        sink.took(key);
        const backAfter = isLong ? back + this.faults.int(500, 12_000) : back;
        this.time.after(backAfter, () => this.door.pass(() => resolve(outcome)));
      });
    });
  }

  /** The flows say how often a call fails; of random definitions the key says it. */
  private outcomeOf(key: string, attempt: number, parameters: JsonObject): Outcome {
    const busy = () => failedForNow('sink.busy', 'Busy.');
    if (typeof parameters.fails === 'number') return attempt <= parameters.fails ? busy() : done(parameters);
    let hash = attempt;
    for (const letter of key) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
    if (hash % 100 < 10) return busy();
    return hash % 100 < 14 ? failed('sink.refused', 'Refused.') : done(parameters);
  }
}
