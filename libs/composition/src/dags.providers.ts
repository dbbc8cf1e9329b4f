import { RunnerLiveInstances } from './live-instances';
import {
  DagActionsService,
  DagLimits,
  DagsService,
  DagStore,
  LiveInstances,
  StartChecks,
  TransferService,
  VersionsService,
} from '@flow/dags';
import { InstanceActions, InstancesService } from '@flow/instances';
import { Clock, IdGenerator } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { made, type Ground, type Provided } from './made';

/** Definitions. */
export const dagsProviders = ({ settings }: Ground): readonly Provided[] => [
  made(DagLimits, [], () => new DagLimits(settings.dagMaxSteps, settings.dagMaxDepth, settings.bodyLimit)),
  made(
    DagsService,
    [DagStore, OperatorCatalogue, Clock, IdGenerator, DagLimits, StartChecks],
    (...args) => new DagsService(...args),
  ),
  made(
    VersionsService,
    [DagStore, OperatorCatalogue, Clock, DagLimits, StartChecks],
    (...args) => new VersionsService(...args),
  ),
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
];
