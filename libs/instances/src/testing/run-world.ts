import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FileBlobStore,
  SqliteDagStore,
  SqliteDeliveryStore,
  SqliteEventOutbox,
  SqliteInstanceStore,
  SqliteSlotStore,
  SqliteTaskLog,
  SqliteWebhookSecretStore,
  SqliteWorkerLog,
  openDocuments,
} from '@flow/adapters/embedded';
import type { Caller, Permission } from '@flow/auth';
import { PERMISSIONS } from '@flow/auth';
import { DagLimits, DagsService, type Dag } from '@flow/dags';
import { GivenFiles } from '@flow/files';
import { Delivering, type DeliveryOutcome } from '@flow/deliveries';
import {
  Debugging,
  type InstancesService,
  JsonThread,
  LargeValues,
  LiveEvents,
  LiveStreams,
  OperatorCalls,
  PlanCache,
  RefusedCalls,
  RunSurroundings,
  Runs,
  SealedCallbackAddresses,
  type Runner,
  TaskLogWriter,
  type Recovered,
  type RunnerLimits,
  type TaskLogLimits,
  type CallbackOutcome,
  type ValueLimits,
} from '@flow/instances';
import { IdGenerator, type DomainId, type PrincipalId, type TokenId, type WorkerId } from '@flow/kernel';
import {
  OperatorCatalogue,
  type ActionOperator,
  type Operator,
  type OperatorContext,
  type Outcome,
  type Step,
} from '@flow/operators';
import { HttpClient } from '@flow/platform';
import { SecretBox, SecretReader, type RevealedSecret } from '@flow/secrets';
import { aDag } from '@flow/testing/dags';
import { testOperators } from '@flow/testing/engine';
import { MemoryFileStore } from '@flow/testing/files';
import { FixedClock, SeededRandom, settle } from '@flow/testing/kernel';

export interface PendingCall {
  readonly context: OperatorContext;
  readonly answer: (outcome: Outcome) => void;
}

/** Secrets that a test names. */
class GivenSecrets extends SecretReader {
  constructor(private readonly values: Readonly<Record<string, RevealedSecret>>) {
    super();
  }

  override reveal(_domain: DomainId, names: readonly string[]) {
    return Promise.resolve(
      new Map(names.flatMap((name) => (this.values[name] ? [[name, this.values[name]] as const] : []))),
    );
  }
}

class NoSurroundings extends RunSurroundings {
  override env() {
    return { REGION: 'north' };
  }
  override variables() {
    return Promise.resolve({ rate: 3 });
  }
}

/**
 * Runs on embedded stores and a clock that a test moves. `@test/call` waits until the test answers it (`calls`); `crash()`
 * drops the worker as kill -9 would, `restart()` brings up the next one on the same folder.
 */
export class RunWorld {
  readonly clock = new FixedClock();
  readonly calls: PendingCall[] = [];
  readonly bugs: unknown[] = [];
  /** What became of calls that came to callbacks' addresses. */
  readonly called: CallbackOutcome[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'flow-runs-'));
  readonly ids = new IdGenerator(this.clock, new SeededRandom(3));
  runs!: Runs;
  debugging!: Debugging;
  blobs!: FileBlobStore;
  readonly files = new MemoryFileStore();
  runner!: Runner;
  service!: InstancesService;
  dags!: SqliteDagStore;
  store!: SqliteInstanceStore;
  slotStore!: SqliteSlotStore;
  taskLog!: SqliteTaskLog;
  events!: SqliteEventOutbox;
  logs!: TaskLogWriter;
  live!: LiveEvents;
  large!: LargeValues;
  readonly addresses = new SealedCallbackAddresses(new Uint8Array(32), () => 'http://flow.test/api/automation/v1');
  streams!: LiveStreams;
  http!: HttpClient;
  delivering!: Delivering;
  /** What attempts to deliver came to, in their order. */
  readonly attempts: DeliveryOutcome[] = [];
  private db!: ReturnType<typeof openDocuments>;
  readonly catalogue: OperatorCatalogue;
  /** Live instances that a business domain may have; 0: as many as it likes. */
  liveLimit = 0;

  private constructor(
    private readonly limits: RunnerLimits,
    private readonly secrets: Readonly<Record<string, RevealedSecret>>,
    private readonly logLimits: TaskLogLimits,
    private readonly valueLimits: ValueLimits,
    private readonly allow: readonly string[],
    extra: readonly Operator[],
    private readonly onEvents: (() => void) | undefined,
  ) {
    const call = (id: string, effect: 'read' | 'write'): ActionOperator => ({
      ...(testOperators().find((operator) => operator.id === '@test/write') as ActionOperator),
      id,
      effect,
      parameters: { type: 'object', properties: { token: { type: 'string', 'x-secret': true } } },
      run: (context) => new Promise((answer) => this.calls.push({ context, answer })),
    });
    this.catalogue = new OperatorCatalogue([
      ...testOperators(),
      call('@test/call', 'write'),
      call('@test/look', 'read'),
      ...extra,
    ]);
  }

  static async open(
    options: {
      limits?: Partial<RunnerLimits>;
      secrets?: Record<string, RevealedSecret>;
      operators?: readonly Operator[];
      logLimits?: Partial<TaskLogLimits>;
      values?: Partial<ValueLimits>;
      /** Hosts that callbacks may go to beside public ones; 127.0.0.1 when left out. */
      allow?: readonly string[];
      /** What becomes of runs is told: called when something waits. */
      onEvents?: () => void;
    } = {},
  ): Promise<RunWorld> {
    const limits = {
      liveInstances: 1_000,
      operatorCalls: 100,
      instanceBytes: 1_000_000,
      heldBytes: 1_000_000,
      liveBytes: 1e9,
      ...options.limits,
    };
    const logLimits = { lines: 1_000, bytes: 1_000_000, ...options.logLimits };
    const values = { inlineBytes: 10_000, valueBytes: 100_000, ...options.values };
    const world = new RunWorld(
      limits,
      options.secrets ?? {},
      logLimits,
      values,
      options.allow ?? ['127.0.0.1'],
      options.operators ?? [],
      options.onEvents,
    );
    await world.restart();
    return world;
  }

  /** Opens the folder again with a new worker and takes over what stands there. */
  async restart(): Promise<Recovered> {
    this.db = openDocuments(this.folder);
    const random = new SeededRandom(5);
    const log = new SqliteWorkerLog(this.db);
    this.store = new SqliteInstanceStore(this.db);
    this.events = new SqliteEventOutbox(this.db);
    this.slotStore = new SqliteSlotStore(this.db);
    this.dags = new SqliteDagStore(this.db);
    const plans = new PlanCache(this.dags, this.catalogue);
    const worker = this.ids.next<WorkerId>();
    await log.open(worker);
    const onBug = (error: unknown) => this.bugs.push(error);
    this.taskLog = new SqliteTaskLog(this.db);
    this.live = new LiveEvents(this.clock);
    this.logs = new TaskLogWriter(this.taskLog, this.clock, this.live, this.logLimits, onBug);
    this.blobs = new FileBlobStore(this.folder);
    this.large = new LargeValues(this.blobs, new JsonThread(), this.valueLimits);
    this.delivering = this.openDelivering(onBug);
    const calls = new OperatorCalls(
      this.catalogue,
      new GivenSecrets(this.secrets),
      this.addresses,
      this.clock,
      random,
      this.logs,
      this.large,
      onBug,
    );
    const refused = new RefusedCalls(this.store, this.logs, () => this.runner.projector.caughtUp(), onBug);
    this.runs = new Runs(
      {
        workerId: worker,
        dags: this.dags,
        store: this.store,
        log,
        calls,
        plans,
        surroundings: new NoSurroundings(),
        addresses: this.addresses,
        live: this.live,
        clock: this.clock,
        random,
        ids: this.ids,
        limits: this.limits,
        large: this.large,
        files: new GivenFiles(this.files, this.blobs),
        deliveries: this.delivering.deliveries,
        slots: this.slotStore,
        liveLimitOf: () => this.liveLimit,
        ...(this.onEvents && { onEvents: this.onEvents }),
      },
      {
        onFenced: onBug,
        onFault: onBug,
        onBug,
        onCallback: (outcome) => this.called.push(outcome),
        onRefusedCall: (call) => void refused.note(call),
      },
    );
    this.debugging = new Debugging(
      this.runs,
      {
        definitions: new DagsService(this.dags, this.catalogue, this.clock, this.ids, new DagLimits()),
        store: this.store,
        plans,
        taskLog: this.taskLog,
        lines: this.logs,
        blobs: this.blobs,
        clock: this.clock,
        ids: this.ids,
      },
      onBug,
    );
    this.runner = this.runs.runner;
    this.service = this.runs.instances;
    this.streams = new LiveStreams(this.store, this.taskLog, this.runs.histories, this.live, {
      rows: async (id) => {
        if (this.runner.projector.isBehind(id)) await this.runner.projector.caughtUp();
      },
      lines: () => this.logs.caughtUp(),
    });
    const recovered = await this.runs.recover();
    this.debugging.sweep.arm();
    await this.delivering.deliverer.start();
    return recovered;
  }

  private openDelivering(onFault: (error: unknown) => void): Delivering {
    const { clock, ids } = this;
    const random = new SeededRandom(9);
    this.http = new HttpClient({ allow: this.allow, clock });
    const parts = {
      store: new SqliteDeliveryStore(this.db),
      secretStore: new SqliteWebhookSecretStore(this.db),
      box: new SecretBox([new Uint8Array(32)], random),
      http: this.http,
      clock,
      random,
      ids,
    };
    return new Delivering(parts, { onFault, onAttempt: (outcome) => this.attempts.push(outcome) });
  }

  /** The worker is gone between two of its breaths: nothing of it is written any more. */
  crash(): void {
    this.calls.length = 0;
    this.clock.forgetAlarms();
    void this.delivering.deliverer.stop(0);
    this.db.close();
  }

  /** What does not fit into the pages that the database has now is refused as by a full disk, until there is space again. */
  limitSpace(isFull: boolean): void {
    this.db.exec(`PRAGMA max_page_count = ${isFull ? 1 : 2 ** 30}`);
  }

  async aDag(steps: readonly Step[], fields: Partial<Dag> = {}): Promise<Dag> {
    const dag = aDag({ steps: [{ id: '0', operator: '@trigger/manual' }, ...steps], ...fields });
    return (await this.dags.create(dag)).dag;
  }

  /** Answers the oldest open call, and lets what follows from it happen. */
  async answer(outcome: Outcome): Promise<OperatorContext> {
    const call = this.calls.shift();
    if (!call) throw new Error('No call is open.');
    call.answer(outcome);
    await settle();
    return call.context;
  }

  close(): void {
    void this.delivering.deliverer.stop(0);
    void this.http.close();
    this.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function aCaller(fields: { domain?: string; permissions?: readonly Permission[] } = {}): Caller {
  return {
    principal: 'ann' as PrincipalId,
    tokenId: 'T' as TokenId,
    domain: (fields.domain ?? 'acme') as DomainId,
    permissions: new Set(fields.permissions ?? PERMISSIONS),
  };
}
