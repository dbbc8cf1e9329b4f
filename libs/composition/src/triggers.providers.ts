import { DagStore } from '@flow/dags';
import { InstanceActions, InstancesService, Runs } from '@flow/instances';
import { Clock, IdGenerator, Random } from '@flow/kernel';
import {
  BackfillsService,
  EventTopics,
  DagTriggers,
  Firings,
  FiringStore,
  FollowedDagStore,
  Scheduler,
  TriggerExpressions,
  TriggerRegistrar,
  TriggerStore,
  TriggersService,
} from '@flow/triggers';
import { made, type Ground, type Provided } from './made';

/** What starts pipelines. */
export const triggersProviders = ({ stores, log, metrics }: Ground): readonly Provided[] => [
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
  made(TriggerRegistrar, [DagStore, TriggerStore, Scheduler, Clock, Random], (dags, ...parts) => {
    const registrar = new TriggerRegistrar(...parts);
    if (dags instanceof FollowedDagStore) dags.followWith(registrar);
    return registrar;
  }),
  made(DagTriggers, [DagStore, TriggerRegistrar], (dags, registrar) => new DagTriggers(dags, registrar)),
  made(
    TriggersService,
    [TriggerStore, FiringStore, Firings, Scheduler, DagStore, Clock, IdGenerator, Random, EventTopics],
    (...args) => new TriggersService(...args),
  ),
  made(
    BackfillsService,
    [TriggersService, FiringStore, Firings, InstancesService, InstanceActions, Clock],
    (...args) => new BackfillsService(...args),
  ),
];
