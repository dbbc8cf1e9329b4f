export {
  INSTANCE_STATUSES,
  PRIORITIES,
  hasEnded,
  type HistoryEvent,
  type Instance,
  type InstanceStatus,
  type Priority,
  type Reason,
  type Task,
  type TaskStatus,
} from './instance';
export {
  CancelTargetMissing,
  DagStopped,
  InputInvalid,
  InstanceHasEnded,
  InstanceNotFound,
  LogUnavailable,
  RunnerStopping,
  TaskNotFound,
  TooManyLiveInstances,
} from './instance.errors';
export {
  InstanceStore,
  type Cursor,
  type HistoryChunk,
  type InstanceFilter,
  type InstanceHeader,
  type InstanceRows,
  type StoredRun,
} from './instance.store';
export { InstancesService, RunSurroundings, type StartOptions, type StartRequest } from './instances.service';
export { OperatorCalls, TaskLogSink, type CallLimits, type CallSite } from './operator-calls';
export { PlanCache, PlanUnusable } from './plan-cache';
export { Recovery, type Recovered } from './recovery';
export { Runner, type RunnerEvents, type RunnerLimits } from './runner';
export { WorkerFenced, WorkerLog, type LogRecord, type WorkerRow } from './worker-log';
