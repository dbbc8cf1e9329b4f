import { DagStore } from '@flow/dags';
import { Runner, RunnerStopping } from '@flow/instances';
import { Clock, type DagId, type DomainId } from '@flow/kernel';
import { HealthChecks } from '@flow/observability';
import { EventTelling } from './events.providers';
import { made, type Ground, type Provided } from './made';

/** What probes ask. */
export const healthProviders = ({ stores, log }: Ground): readonly Provided[] => [
  made(HealthChecks, [Clock, DagStore, Runner, EventTelling], (clock, dags, runner, { relay }) => {
    const health = new HealthChecks(clock, (name, err) => log.warn({ check: name, err }, 'a health check failed'));
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
