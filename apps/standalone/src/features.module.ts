import { Callers, LocalTokens, TokensService } from '@flow/auth';
import { loadBuiltins } from '@flow/builtins';
import {
  DagActionsService,
  DagLimits,
  DagStore,
  DagsService,
  LiveInstances,
  TransferService,
  VersionsService,
} from '@flow/dags';
import { DeadLetters, Deliverer, Delivering, WebhookSecrets } from '@flow/deliveries';
import { API_PREFIX, Drain } from '@flow/http';
import {
  ApprovalsService,
  CallbacksService,
  DebugRuns,
  FINDINGS,
  DebugSteps,
  Debugging,
  HistoryReader,
  InstanceActions,
  InstanceStore,
  JsonThread,
  LargeValues,
  InstancesService,
  LiveEvents,
  LiveStreams,
  OperatorCalls,
  PlanCache,
  RetriesService,
  RunSurroundings,
  Runner,
  Runs,
  SealedCallbackAddresses,
  TaskLog,
  TaskLogSink,
  TaskLogWriter,
  WorkerLog,
} from '@flow/instances';
import {
  Clock,
  IdGenerator,
  MemoryRateMeter,
  Random,
  type DagId,
  type DomainId,
  type InstanceId,
  type WorkerId,
} from '@flow/kernel';
import { HealthChecks, Metrics } from '@flow/observability';
import { OperatorCatalogue } from '@flow/operators';
import { HttpClient, IdempotencyStore, KeyedHash, SystemClock, SystemRandom } from '@flow/platform';
import {
  ArchiveService,
  OrphanBlobs,
  OrphanSweep,
  Purge,
  PurgeSweep,
  RetentionRules,
  RetentionService,
} from '@flow/retention';
import {
  SecretBox,
  SecretStore,
  SecretUsers,
  SecretsService,
  StoredSecretReader,
  VariableStore,
  VariablesService,
  openSecretBox,
} from '@flow/secrets';
import { QuotaRules, QuotasService, RequestQuotas } from '@flow/quotas';
import type { Settings } from '@flow/settings';
import { Module, type DynamicModule, type FactoryProvider, type Type } from '@nestjs/common';
import { getHeapStatistics } from 'node:v8';
import { MetricsAccess } from '../../private-api/src/metrics-access';
import { OpenStreams } from '../../public-api/src/instances/open-streams';
import type { Stores } from './stores';
import { RunnerLiveInstances } from './live-instances';
import { DagSecretUsers } from './secret-users';
import { LoggedTasks, type Log } from './task-log';
import { Surroundings } from './surroundings';

/** What is told to whoever watches over the process. */
export interface FeatureEvents {
  onFenced(error: Error): void;
}

const LIVE_SHARE_OF_HEAP = 5;

/** Where others reach the public API. */
function publicAddress({ publicUrl, apiServerHost, apiServerPort }: Settings): string {
  return publicUrl ?? `http://${apiServerHost}:${apiServerPort}`;
}

type Token<T> = abstract new (...args: never[]) => T;
type Tokens<A extends readonly unknown[]> = { readonly [K in keyof A]: Token<A[K]> };

/** A provider whose arguments are checked against the constructor that takes them. */
function made<T, A extends readonly unknown[]>(
  provide: Token<T>,
  inject: Tokens<A>,
  make: (...args: A) => T,
): FactoryProvider<T> {
  return { provide, inject: [...inject] as never, useFactory: make as never };
}

/** Every service of the house on the adapters that it was given; global, so that both APIs find them. */
@Module({})
export class FeaturesModule {
  static of(settings: Settings, adapters: Stores, log: Log, metrics: Metrics, events: FeatureEvents): DynamicModule {
    const stores = [
      { provide: DagStore, useValue: adapters.dags },
      { provide: InstanceStore, useValue: adapters.instances },
      { provide: WorkerLog, useValue: adapters.log },
      { provide: TaskLog, useValue: adapters.taskLog },
      { provide: IdempotencyStore, useValue: adapters.idempotency },
      { provide: SecretStore, useValue: adapters.secrets },
      { provide: VariableStore, useValue: adapters.variables },
    ];
    const services = [
      made(Clock, [], () => new SystemClock()),
      made(Random, [], () => new SystemRandom()),
      made(IdGenerator, [Clock, Random], (clock, random) => new IdGenerator(clock, random)),
      made(HttpClient, [Clock], (clock) => new HttpClient({ allow: settings.outboundAllow, clock })),
      made(OperatorCatalogue, [HttpClient], (http) => new OperatorCatalogue(loadBuiltins({ http }))),

      made(
        LocalTokens,
        [Clock, Random],
        (clock, random) => new LocalTokens(adapters.tokens, clock, random, { adminToken: settings.adminToken ?? null }),
      ),
      made(Callers, [LocalTokens], (tokens) => new Callers(tokens)),
      made(
        TokensService,
        [LocalTokens, Clock, IdGenerator],
        (tokens, clock, ids) => new TokensService(adapters.tokens, tokens, clock, ids),
      ),

      made(QuotaRules, [Clock], (clock) => {
        const fallback = {
          requestsPerMinute: settings.domainRequestsPerMinute,
          liveInstances: settings.domainLiveInstances,
        };
        return new QuotaRules(adapters.domainQuotas, fallback, clock, (error) =>
          log.error({ err: error }, 'the quota of a business domain could not be read; it stays as it was'),
        );
      }),
      made(
        RequestQuotas,
        [QuotaRules, Clock],
        (rules, clock) =>
          new RequestQuotas(
            rules,
            settings.tokenRequestsPerMinute,
            adapters.rates?.('requests') ?? new MemoryRateMeter(clock),
          ),
      ),
      made(
        QuotasService,
        [QuotaRules, Clock],
        (rules, clock) => new QuotasService(adapters.domainQuotas, rules, clock),
      ),

      made(SecretBox, [Random], (random) => openSecretBox(settings.dataDir, settings.secretsKey ?? undefined, random)),
      made(KeyedHash, [SecretBox], (box) => new KeyedHash(box.keyFor('idempotency'))),
      made(
        StoredSecretReader,
        [SecretStore, SecretBox, Clock],
        (store, box, clock) => new StoredSecretReader(store, box, clock),
      ),
      made(SecretUsers, [DagStore], (dags) => new DagSecretUsers(dags)),
      made(
        SecretsService,
        [SecretStore, SecretBox, StoredSecretReader, SecretUsers, Clock, IdGenerator],
        (...args) => new SecretsService(...args),
      ),
      made(VariablesService, [VariableStore, Clock, IdGenerator], (...args) => new VariablesService(...args)),

      made(DagLimits, [], () => new DagLimits(settings.dagMaxSteps, settings.dagMaxDepth, settings.bodyLimit)),
      made(
        DagsService,
        [DagStore, OperatorCatalogue, Clock, IdGenerator, DagLimits],
        (...args) => new DagsService(...args),
      ),
      made(VersionsService, [DagStore, OperatorCatalogue, Clock, DagLimits], (...args) => new VersionsService(...args)),
      made(
        TransferService,
        [DagsService, DagStore, OperatorCatalogue, DagLimits],
        (...args) => new TransferService(...args),
      ),
      made(
        LiveInstances,
        [InstancesService, InstanceActions],
        (instances, actions) => new RunnerLiveInstances(instances, actions),
      ),
      made(DagActionsService, [DagStore, LiveInstances, Clock, DagLimits], (...args) => new DagActionsService(...args)),

      made(LiveEvents, [Clock], (clock) => new LiveEvents(clock, adapters.fanOut)),
      made(TaskLogWriter, [Clock, LiveEvents], (clock, live) => {
        const limits = { lines: settings.taskLogLines, bytes: settings.taskLogBytes };
        const writer = new TaskLogWriter(adapters.taskLog, clock, live, limits, (error) =>
          log.error({ err: error }, 'lines of tasks could not be written; they are tried again'),
        );
        metrics.gauge('task_log_bytes_waiting', 'Bytes of task logs that are not stored yet.', () => writer.backlog);
        return writer;
      }),
      made(TaskLogSink, [TaskLogWriter], (writer) => new LoggedTasks(log, writer)),
      made(RunSurroundings, [VariablesService], (variables) => new Surroundings(settings.expressionEnv, variables)),
      made(PlanCache, [DagStore, OperatorCatalogue], (dags, catalogue) => new PlanCache(dags, catalogue)),
      made(
        SealedCallbackAddresses,
        [SecretBox],
        (box) => new SealedCallbackAddresses(box.keyFor('callbacks'), () => publicAddress(settings) + API_PREFIX),
      ),
      made(
        OperatorCalls,
        [OperatorCatalogue, StoredSecretReader, SealedCallbackAddresses, Clock, Random, TaskLogSink],
        (catalogue, secrets, addresses, clock, random, logs) =>
          new OperatorCalls(catalogue, secrets, addresses, clock, random, logs, large, (error, { instance, task }) => {
            log.error({ err: error, instance, path: task.path }, 'an operator broke');
          }),
      ),
      made(Delivering, [SecretBox, HttpClient, Clock, Random, IdGenerator], (box, http, clock, random, ids) => {
        const { deliveries: store, webhookSecrets: secretStore } = adapters;
        const attempts = metrics.counter('deliveries_total', 'Attempts to deliver callbacks.', ['outcome']);
        metrics.gauge(
          'deliveries_pending',
          'Callbacks that wait to be taken.',
          async () => (await store.counts()).pending,
        );
        metrics.gauge('dead_letters', 'Callbacks that were given up.', async () => (await store.counts()).dead);
        return new Delivering(
          { store, secretStore, box, http, clock, random, ids },
          {
            onFault: (error) => log.error({ err: error }, 'a callback could not be looked after; it is tried again'),
            onAttempt: (outcome) => attempts.inc({ outcome }),
          },
        );
      }),
      made(Deliverer, [Delivering], ({ deliverer }) => deliverer),
      made(DeadLetters, [Delivering], ({ deadLetters }) => deadLetters),
      made(WebhookSecrets, [Delivering], ({ secrets }) => secrets),
      made(
        Runs,
        [
          OperatorCalls,
          PlanCache,
          RunSurroundings,
          SealedCallbackAddresses,
          LiveEvents,
          Delivering,
          Clock,
          Random,
          IdGenerator,
          QuotaRules,
        ],
        (calls, plans, surroundings, addresses, live, { deliveries }, clock, random, ids, quotas) => {
          const { dags, instances: store, log: workerLog } = adapters;
          const limits = {
            liveInstances: settings.maxLiveInstances,
            operatorCalls: settings.operatorConcurrency,
            instanceBytes: settings.instanceLimit,
            heldBytes: settings.instanceHeldLimit,
            // What is counted as JSON takes a few times as much in memory.
            liveBytes: Math.floor(getHeapStatistics().heap_size_limit / LIVE_SHARE_OF_HEAP),
          };
          const workerId = ids.next<WorkerId>();
          const reconciled = metrics.counter('reconciled_total', 'What a sweep had to repair.', ['finding']);
          const runs = new Runs(
            {
              workerId,
              dags,
              store,
              log: workerLog,
              calls,
              plans,
              surroundings,
              addresses,
              live,
              clock,
              random,
              ids,
              limits,
              large,
              deliveries,
              slots: adapters.slots,
              ...(adapters.shared && { shared: adapters.shared }),
              ...(adapters.rates && { rates: adapters.rates('dags') }),
              liveLimitOf: async (domain) => (await quotas.of(domain)).liveInstances,
            },
            {
              onFenced: (error) => events.onFenced(error),
              onFault: (error) => log.error({ err: error }, 'a write behind the log failed; it is tried again'),
              onBug: (error) => log.error({ err: error }, 'a run met a bug'),
              onReconciled: (findings) => {
                for (const finding of FINDINGS) reconciled.inc({ finding }, findings[finding]);
                log.warn(findings, 'a sweep found instances that nobody went on with, and repaired them');
              },
            },
          );
          for (const finding of FINDINGS) reconciled.inc({ finding }, 0);
          const { runner } = runs;
          metrics.gauge('instances_live', 'Instances that this process holds.', () => runner.liveCount);
          metrics.gauge('instances_queued', 'Instances that wait for a slot of their DAG.', () =>
            adapters.slots.waiting(),
          );
          metrics.gauge('operator_calls', 'Operators with an effect that are at work.', () => runner.callCount);
          metrics.gauge('rows_behind', 'Rows that the log has and the store has not yet.', () => runner.projector.lag);
          return runs;
        },
      ),
      made(Runner, [Runs], ({ runner }) => runner),
      made(HistoryReader, [Runs], ({ histories }) => histories),
      made(InstancesService, [Runs], ({ instances }) => instances),
      made(InstanceActions, [Runs], ({ actions }) => actions),
      made(RetriesService, [Runs], ({ retries }) => retries),
      made(ApprovalsService, [Runs], ({ approvals }) => approvals),
      made(
        Debugging,
        [Runs, DagsService, PlanCache, TaskLogWriter, Clock, IdGenerator],
        (runs, definitions, plans, lines, clock, ids) => {
          const { instances: store, taskLog, blobs } = adapters;
          const parts = { definitions, store, plans, taskLog, lines, blobs, clock, ids };
          return new Debugging(runs, parts, (error) =>
            log.error({ err: error }, 'debug runs could not be removed; it is tried again'),
          );
        },
      ),
      made(DebugRuns, [Debugging], ({ runs }) => runs),
      made(DebugSteps, [Debugging], ({ steps }) => steps),
      made(
        RetentionRules,
        [DagStore],
        (dags) => new RetentionRules(dags, adapters.domainRetentions, settings.retention),
      ),
      made(Purge, [RetentionRules, TaskLogWriter, Runner, Clock], (rules, lines, { projector }, clock) => {
        const { ended, taskLog, blobs, space } = adapters;
        const removed = metrics.counter('instances_purged_total', 'Ended instances that were removed.');
        const parts = { rules, ended, taskLog, lines, blobs, space, unwritten: projector, clock };
        const purge = new Purge(parts, (count) => removed.inc(count));
        const seconds = (at: Date | null | undefined) => (at ? at.getTime() / 1_000 : 0);
        metrics.gauge(
          'purge_last_run_seconds',
          'When the last purge was over, as a Unix time; 0 before the first.',
          () => seconds(purge.lastPass?.at),
        );
        metrics.gauge(
          'oldest_ended_instance_seconds',
          'The end of the oldest instance that the last purge left, as a Unix time; 0 when there was none.',
          () => seconds(purge.lastPass?.oldest),
        );
        return purge;
      }),
      made(
        PurgeSweep,
        [Purge, Clock],
        (purge, clock) =>
          new PurgeSweep(
            purge,
            clock,
            (report) =>
              log[report.purged > 0 ? 'info' : 'debug'](report, 'instances past their retention were removed'),
            (error) =>
              log.error({ err: error }, 'instances past their retention could not be removed; it is tried again'),
          ),
      ),
      made(OrphanSweep, [Runner, Clock], (runner, clock) => {
        const { blobs, ended } = adapters;
        const removed = metrics.counter(
          'orphan_blob_owners_removed_total',
          'Instances that have never come to be, whose large values were removed.',
        );
        const mayLive = (owner: string) =>
          runner.writeFault !== undefined ||
          runner.holds(owner as InstanceId) ||
          runner.projector.isBehind(owner as InstanceId);
        const orphans = new OrphanBlobs({ blobs, ended, clock, mayLive }, (owner) => {
          removed.inc();
          log.info({ owner }, 'large values of an instance that has never come to be were removed');
        });
        return new OrphanSweep(orphans, clock, (error) =>
          log.error({ err: error }, 'large values that nobody names could not be removed; it is tried again'),
        );
      }),
      made(
        RetentionService,
        [RetentionRules, Purge, Clock],
        (rules, purge, clock) => new RetentionService(adapters.domainRetentions, rules, purge, clock),
      ),
      made(ArchiveService, [Purge, HistoryReader, Runner, Clock], (purge, histories, { projector }, clock) => {
        const { ended, instances: store, taskLog } = adapters;
        return new ArchiveService({ ended, store, taskLog, histories, large, unwritten: projector, purge, clock });
      }),
      made(CallbacksService, [Runs], ({ callbacks }) => callbacks),
      made(HealthChecks, [Clock, DagStore, Runner], (clock, dags, runner) => {
        const health = new HealthChecks(clock, (name, err) => log.warn({ check: name, err }, 'a health check failed'));
        health.add('ready', 'store', async () => {
          await dags.find('health' as DomainId, 'none' as DagId);
        });
        health.add('ready', 'log', () => {
          if (runner.writeFault) throw runner.writeFault;
        });
        for (const { name, look } of adapters.readiness ?? []) health.add('ready', name, look);
        return health;
      }),
      { provide: Metrics, useValue: metrics },
      { provide: MetricsAccess, useValue: new MetricsAccess(settings.metricsToken, settings.apiServerHost) },
      made(
        LiveStreams,
        [InstanceStore, TaskLog, HistoryReader, LiveEvents, Runner, TaskLogWriter],
        (store, taskLog, histories, live, { projector }, writer) =>
          new LiveStreams(store, taskLog, histories, live, {
            rows: async (id) => {
              if (projector.isBehind(id)) await projector.caughtUp();
            },
            lines: () => writer.caughtUp(),
          }),
      ),
      made(OpenStreams, [Clock, Callers, Drain], (clock, callers, drain) => {
        const streams = new OpenStreams(clock, callers, drain, settings.maxStreams, (error) =>
          log.error({ err: error }, 'a stream broke'),
        );
        metrics.gauge('streams_open', 'Event and log streams that are open.', () => streams.count);
        metrics.gauge('stream_bytes_waiting', 'Bytes that readers of streams have not taken.', () => streams.bytes);
        return streams;
      }),
    ];
    const providers = [...stores, ...services];
    const large = new LargeValues(adapters.blobs, new JsonThread(), {
      inlineBytes: settings.stepOutputLimit,
      valueBytes: settings.largestValue,
    });
    return {
      module: FeaturesModule as Type,
      global: true,
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
