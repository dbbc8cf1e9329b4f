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
export { LiveEvents, type News, type Watch } from './live-events';
export {
  LiveStream,
  LiveStreams,
  QUIET_MS,
  type Behind,
  type LiveItem,
  type LivePage,
  type StreamRequest,
} from './live-streams.service';
export { LastEventIdInvalid, TooManyStreams } from './live.errors';
export { HistoryReader, type HistoryPage, type ToldPage } from './history.reader';
export { InstancesService, RunSurroundings, type StartOptions, type StartRequest } from './instances.service';
export { OperatorCalls, TaskLogSink, type CallLimits, type CallSite } from './operator-calls';
export { PlanCache, PlanUnusable } from './plan-cache';
export { Recovery, type Recovered } from './recovery';
export { Runner, type RunnerEvents, type RunnerLimits } from './runner';
export {
  type KeptLine,
  type LogLevel,
  type LogLine,
  type LogLineKind,
  type TaskLogLimits,
  type TaskLogSize,
} from './task-log';
export { LineNumberTaken, TaskLog } from './task-log.store';
export { TaskLogWriter } from './task-log.writer';
export { WorkerFenced, WorkerLog, type LogRecord, type WorkerRow } from './worker-log';
