import { DagStore, StartChecks } from '@flow/dags';
import { GivenFiles } from '@flow/files';
import { InstanceActions, InstancesService, Runs } from '@flow/instances';
import { Clock, IdGenerator, MemoryRateMeter, Random } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { StoredSecretReader } from '@flow/secrets';
import {
  BackfillsService,
  EventTopics,
  DagTriggers,
  FailurePause,
  FiringPurge,
  Firings,
  FiringStore,
  FollowedDagStore,
  FormsService,
  HookAddresses,
  HookAnswers,
  HookRefusals,
  HooksService,
  RunEndFirings,
  Scheduler,
  TriggerCalendar,
  TriggerExpressions,
  TriggerLoops,
  TriggerRegistrar,
  TriggerStore,
  TriggersService,
} from '@flow/triggers';
import { made, type Ground, type Provided } from './made';
import { publicAddress } from './public-address';

/** What starts pipelines. */
export const triggersProviders = ({ settings, stores, log, metrics }: Ground): readonly Provided[] => [
  made(
    DagStore,
    [],
    () =>
      new FollowedDagStore(stores.dags, (error) =>
        log.error({ err: error }, 'the trigger of a DAG could not follow it; it does so later'),
      ),
  ),
  { provide: TriggerStore, useValue: stores.triggers },
  { provide: FiringStore, useValue: stores.firings },
  made(TriggerExpressions, [], () => new TriggerExpressions()),
  made(
    Firings,
    [TriggerStore, FiringStore, InstancesService, TriggerExpressions, Clock, IdGenerator, Runs],
    (triggers, store, instances, expressions, clock, ids, { runner }) => {
      const outcomes = metrics.counter('firings_total', 'What triggers decided, by what came of it.', [
        'kind',
        'status',
      ]);
      const late = metrics.histogram(
        'firing_delay_seconds',
        'From when it was due, or came, to its start.',
        ['cause'],
        [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300],
      );
      metrics.gauge(
        'firings_pending',
        'Firings that wait to be carried out.',
        async () => (await store.counts()).pending,
      );
      metrics.gauge('firings_dead', 'Firings that are dead letters.', async () => (await store.counts()).dead);
      return new Firings(
        runner.workerId,
        triggers,
        store,
        instances,
        expressions,
        clock,
        ids,
        { isShared: stores.shared !== undefined },
        {
          onFault: (error) =>
            log.error({ err: error }, 'firings of triggers could not be looked after; it is tried again'),
          onOutcome: (firing, { status }) => {
            outcomes.inc({ kind: firing.cause, status });
            if (status === 'fired')
              late.observe({ cause: firing.cause }, (clock.now().getTime() - firing.at.getTime()) / 1_000);
          },
        },
      );
    },
  ),
  made(
    Scheduler,
    [TriggerStore, Firings, Clock],
    (triggers, firings, clock) =>
      new Scheduler(triggers, firings, clock, stores.shared !== undefined, (error) =>
        log.error({ err: error }, 'schedules could not be looked after; it is tried again'),
      ),
  ),
  made(
    FiringPurge,
    [Clock],
    (clock) =>
      new FiringPurge(stores.firings, clock, (error) =>
        log.error({ err: error }, 'old firings could not be removed; it is tried again'),
      ),
  ),
  made(TriggerLoops, [TriggerStore, DagStore], (triggers, dags) => new TriggerLoops(triggers, dags)),
  made(StartChecks, [TriggerLoops], (loops) => loops),
  made(RunEndFirings, [Runs, TriggerStore, Firings, Clock], (runs, triggers, firings, clock) => {
    const failures = new FailurePause(triggers, firings, clock);
    const ends = new RunEndFirings(triggers, firings, failures, clock, stores.shared !== undefined, (error) =>
      log.error({ err: error }, 'who listens to ends of runs cannot be read; every end is told meanwhile'),
    );
    runs.listenWith(ends);
    return ends;
  }),
  made(TriggerRegistrar, [DagStore, TriggerStore, Scheduler, RunEndFirings, Clock, Random], (dags, ...parts) => {
    const registrar = new TriggerRegistrar(...parts);
    if (dags instanceof FollowedDagStore) dags.followWith(registrar);
    return registrar;
  }),
  { provide: HookAddresses, useValue: new HookAddresses(() => publicAddress(settings)) },
  made(DagTriggers, [DagStore, TriggerRegistrar], (dags, registrar) => new DagTriggers(dags, registrar)),
  made(
    TriggersService,
    [
      TriggerStore,
      FiringStore,
      Firings,
      Scheduler,
      RunEndFirings,
      TriggerLoops,
      DagStore,
      HookAddresses,
      Clock,
      IdGenerator,
      Random,
      EventTopics,
    ],
    (...args) => new TriggersService(...args),
  ),
  made(TriggerCalendar, [TriggerStore, Clock], (...args) => new TriggerCalendar(...args)),
  made(
    FormsService,
    [TriggersService, DagStore, OperatorCatalogue, Clock],
    (triggers, dags, catalogue, clock) =>
      new FormsService(
        triggers,
        stores.savedInputs,
        dags,
        catalogue,
        new GivenFiles(stores.files, stores.blobs),
        clock,
      ),
  ),
  made(HookRefusals, [Firings, Clock, IdGenerator], (firings, clock, ids) => {
    const refused = metrics.counter('hook_calls_refused_total', 'Calls of webhooks that were refused, by why.', [
      'code',
    ]);
    return new HookRefusals(firings, clock, ids, {
      onRefused: (code) => refused.inc({ code }),
      onFault: (error) => log.error({ err: error }, 'that a call of a webhook was refused could not be noted'),
    });
  }),
  made(HookAnswers, [InstancesService, Clock], (...args) => new HookAnswers(...args)),
  made(
    HooksService,
    [TriggerStore, FiringStore, Firings, StoredSecretReader, DagStore, HookRefusals, HookAnswers, Clock, IdGenerator],
    (triggers, history, firings, secrets, dags, refusals, answers, clock, ids) => {
      const meter = stores.rates?.('hooks') ?? new MemoryRateMeter(clock);
      return new HooksService(triggers, history, firings, secrets, dags, meter, refusals, answers, clock, ids);
    },
  ),
  made(
    BackfillsService,
    [TriggersService, FiringStore, Firings, InstancesService, InstanceActions, Clock],
    (...args) => new BackfillsService(...args),
  ),
];
