import { DagsService } from '@flow/dags';
import { Debugging, DebugRuns, DebugSteps, PlanCache, Runs, TaskLogWriter } from '@flow/instances';
import { Clock, IdGenerator } from '@flow/kernel';
import { made, type Ground, type Provided } from './made';

/** Debugging. */
export const debugProviders = ({ stores, log }: Ground): readonly Provided[] => [
  made(
    Debugging,
    [Runs, DagsService, PlanCache, TaskLogWriter, Clock, IdGenerator],
    (runs, definitions, plans, lines, clock, ids) => {
      const { instances: store, taskLog, blobs } = stores;
      const parts = { definitions, store, plans, taskLog, lines, blobs, clock, ids };
      return new Debugging(runs, parts, (error) =>
        log.error({ err: error }, 'debug runs could not be removed; it is tried again'),
      );
    },
  ),
  made(DebugRuns, [Debugging], ({ runs }) => runs),
  made(DebugSteps, [Debugging], ({ steps }) => steps),
];
