import { DagStore } from '@flow/dags';
import { Runner, RunnerStopping } from '@flow/instances';
import { Clock, type DagId, type DomainId } from '@flow/kernel';
import { HealthChecks } from '@flow/observability';
import { EventTelling } from './events.providers';
import { made, type Ground, type Provided } from './made';

/** What probes ask. */
export const healthProviders = ({ stores, log }: Ground): readonly Provided[] => [
  made(HealthChecks, [Clock, DagStore, Runner, EventTelling], (clock, dags, runner, { relay }) => {
    const health = new HealthChecks(clock, {
      onDown: (check, error) =>
        log.warn(
          { check, why: error instanceof Error ? error.message : String(error) },
          'not ready: this process takes no requests until it is back',
        ),
      onBack: (check, downMs) => log.info({ check, downS: Math.round(downMs / 1_000) }, 'it is back'),
    });
    health.add('ready', 'store', async () => {
      await dags.find('health' as DomainId, 'none' as DagId);
    });
    health.add('ready', 'log', () => {
      if (runner.writeFault) throw runner.writeFault;
    });
    health.add('ready', 'worker', () => {
      if (runner.isStopping) throw new RunnerStopping();
    });
    for (const { name, look } of stores.readiness ?? []) health.add('ready', name, look);
    // Starts need nobody who listens: it is shown, and takes no process out of service. The relay tells what is wrong.
    if (relay)
      health.addHint('ready', 'kafka', () => {
        if (relay.fault) throw relay.fault;
      });
    return health;
  }),
];
