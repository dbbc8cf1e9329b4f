import { Surroundings } from './surroundings';
import { EventTelling } from './events.providers';
import { LoggedTasks } from './task-log';
import { DagStore } from '@flow/dags';
import { GivenFiles } from '@flow/files';
import { Delivering } from '@flow/deliveries';
import {
  ApprovalsService,
  CALLBACK_OUTCOMES,
  CallbacksService,
  FINDINGS,
  HistoryReader,
  InstanceActions,
  InstancesService,
  InstanceStore,
  LiveEvents,
  LiveStreams,
  OperatorCalls,
  PlanCache,
  RetriesService,
  Runner,
  Runs,
  RunSurroundings,
  SealedCallbackAddresses,
  TaskLog,
  TaskLogSink,
  TaskLogWriter,
  QueuesService,
  RefusedCalls,
  RuntimeViews,
  WorkersService,
} from '@flow/instances';
import { Clock, IdGenerator, Random, type WorkerId } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { QuotaRules } from '@flow/quotas';
import { SecretBox, StoredSecretReader, VariablesService } from '@flow/secrets';
import { getHeapStatistics } from 'node:v8';
import { hostname } from 'node:os';
import { version } from '../../../package.json';
import { made, type Ground, type Provided } from './made';
import { publicAddress } from './public-address';

const LIVE_SHARE_OF_HEAP = 5;

/** Instances: what runs them and what reads them. */
export const runsProviders = ({ app, settings, stores, log, metrics, events, large }: Ground): readonly Provided[] => [
  made(LiveEvents, [Clock], (clock) => new LiveEvents(clock, stores.fanOut)),
  made(TaskLogWriter, [Clock, LiveEvents], (clock, live) => {
    const limits = { lines: settings.taskLogLines, bytes: settings.taskLogBytes };
    const writer = new TaskLogWriter(stores.taskLog, clock, live, limits, (error) =>
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
    (box) => new SealedCallbackAddresses(box.keyFor('callbacks'), () => publicAddress(settings)),
  ),
  made(
    OperatorCalls,
    [OperatorCatalogue, StoredSecretReader, SealedCallbackAddresses, Clock, Random, TaskLogSink],
    (catalogue, secrets, addresses, clock, random, logs) =>
      new OperatorCalls(catalogue, secrets, addresses, clock, random, logs, large, (error, { instance, task }) => {
        log.error({ err: error, instance, path: task.path }, 'an operator broke');
      }),
  ),
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
      EventTelling,
      TaskLogWriter,
    ],
    (calls, plans, surroundings, addresses, live, { deliveries }, clock, random, ids, quotas, { relay }, lines) => {
      const { dags, instances: store, log: workerLog } = stores;
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
      const called = metrics.counter(
        'callbacks_received_total',
        "Calls of callbacks' addresses, by what became of them.",
        ['outcome'],
      );
      for (const outcome of CALLBACK_OUTCOMES) called.inc({ outcome }, 0);
      const refused = new RefusedCalls(
        store,
        lines,
        () => runs.runner.projector.caughtUp(),
        (error) => log.error({ err: error }, "that a call of a callback's address was refused could not be noted"),
      );
      const runs: Runs = new Runs(
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
          files: new GivenFiles(stores.files, stores.blobs),
          deliveries,
          slots: stores.slots,
          ...(stores.shared && { shared: stores.shared, works: app.works }),
          ...(relay && { onEvents: () => relay.wake() }),
          about: { app: app.name, version, host: hostname(), pid: process.pid },
          ...(stores.rates && { rates: stores.rates('dags') }),
          liveLimitOf: async (domain) => (await quotas.of(domain)).liveInstances,
        },
        {
          onFenced: (error) => events.onFenced(error),
          onDrain: () => events.onDrain(),
          onFault: (error) => log.error({ err: error }, 'a write behind the log failed; it is tried again'),
          onBug: (error) => log.error({ err: error }, 'a run met a bug'),
          onCallback: (outcome, place) => {
            called.inc({ outcome });
            if (outcome === 'taken' || outcome === 'early' || outcome === 'progress') return;
            log.warn(
              { outcome, instance: place?.instance, path: place?.path },
              "a call of a callback's address was refused",
            );
          },
          onRefusedCall: (call) => void refused.note(call),
          onReconciled: (findings) => {
            for (const finding of FINDINGS) reconciled.inc({ finding }, findings[finding]);
            log.warn(findings, 'a sweep found instances that nobody went on with, and repaired them');
          },
        },
      );
      for (const finding of FINDINGS) reconciled.inc({ finding }, 0);
      const { runner } = runs;
      metrics.gauge('instances_live', 'Instances that this process holds.', () => runner.liveCount);
      metrics.gauge('instances_queued', 'Instances that wait for a slot of their DAG.', () => stores.slots.waiting());
      const dispatch = stores.shared?.dispatch;
      if (dispatch)
        metrics.gauge('dispatch_waiting', 'Instances that wait for a process with room; the same in each.', async () =>
          (await dispatch.depths()).reduce((sum, { waiting }) => sum + waiting, 0),
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
  made(WorkersService, [Runs], ({ workers }) => workers),
  made(QueuesService, [], () => new QueuesService(stores.shared?.dispatch, stores.slots, stores.deliveries)),
  made(RuntimeViews, [Runner, Clock], ({ projector }, clock) => new RuntimeViews(stores.counts, projector, clock)),
  made(ApprovalsService, [Runs], ({ approvals }) => approvals),
  made(CallbacksService, [Runs], ({ callbacks }) => callbacks),
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
];
