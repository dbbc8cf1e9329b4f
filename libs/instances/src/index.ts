export {
  INSTANCE_STATUSES,
  hasEnded,
  type DebugRun,
  type DebugView,
  type HistoryEvent,
  type Instance,
  type InstanceStatus,
  type ParentLink,
  type Reason,
  type Task,
  type TaskStatus,
} from './instance';
export {
  ApprovalGiven,
  ApprovalIsOver,
  ApprovalNotFound,
  ApprovalNotYours,
  CallbackNotFound,
  CancelTargetMissing,
  DagStopped,
  InputInvalid,
  InstanceHasEnded,
  InstanceIsCancelling,
  InstanceNotEnded,
  InstanceNotFound,
  InstanceNotPaused,
  InstancePurged,
  LogUnavailable,
  RetryLives,
  RetryVersionDiffers,
  RunnerStopping,
  SubflowTooDeep,
  TaskNotFound,
  TooManyLiveInstances,
} from './instance.errors';
export {
  InstanceStore,
  newerCursorOf,
  type Cursor,
  type HistoryChunk,
  type Holding,
  type InstanceFilter,
  type InstanceHeader,
  type WakePlace,
  type InstanceRows,
  type StoredRun,
} from './instance.store';
export { EndedInstances, type EndedGroup, type EndedInstance, type EndedPlace } from './ended-instances.store';
export { ConcurrencyFull, LimitKeyFailed, RateLimited } from './limit.errors';
export { type OwnLimit, type SlotGroup, type SlotHolder, type SlotWaiter } from './slot';
export { SlotStore } from './slot.store';
export { SharedSlots } from './shared-slots';
export { Slots } from './slots';
export { LiveEvents, type Watch } from './live-events';
export { LiveFanOut, type News } from './live-fan-out';
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
export { ApprovalsService, type Approval } from './approvals.service';
export { LARGEST_BODY } from './callback.sender';
export {
  CALLBACK_OUTCOMES,
  CallbacksService,
  SealedCallbackAddresses,
  type CallbackOutcome,
  type Continuation,
} from './callbacks.service';
export type { Creation } from './creation';
export { DebugRuns, MOST_DEBUG_RUNS, type DebugRequest } from './debug-runs.service';
export {
  DebugSteps,
  LONGEST_STEP_WAIT_MS,
  type StepContext,
  type StepRequest,
  type StepResult,
} from './debug-steps.service';
export { Debugging, type DebuggingParts } from './debugging';
export { DEBUG_GRACE_MS, DEBUG_SWEEP_MS } from './debug-sweep';
export {
  DebugInvalid,
  DebugNothingHeld,
  DebugTargetMissing,
  InstanceNotDebugged,
  TooManyDebugRuns,
} from './debug.errors';
export { InstanceActions, type BatchItem, type CancelRequest } from './instance-actions.service';
export type { InstanceEventData, InstanceEventReason, InstanceFactKind } from './instance-events';
export { InstanceFinder } from './instance-finder';
export { InstanceStarts, RunSurroundings, type NewRun, type Runnable, type StartRequest } from './instance-starts';
export { InstancesService, type StartCause, type StartOptions } from './instances.service';
export { CallbackAddresses, OperatorCalls, TaskLogSink, type CallSite } from './operator-calls';
export type { OutboxItem, OutboxMessage } from './outbox';
export { RunEndListener, type RunEnd } from './run-end';
export { PlanCache, PlanUnusable } from './plan-cache';
export type { Recovered } from './recovery';
export { RetriesService, type Retried, type RetryOutline, type RetryRequest } from './retries.service';
export type { RetryFrom } from './retry-plan';
export { Runner, type RunnerLimits } from './runner';
export { Runs, type RunParts, type RunsEvents } from './runs';
export {
  type KeptLine,
  type LogLevel,
  type LogLine,
  type LogLineKind,
  type TaskLogLimits,
  type TaskLogSize,
} from './task-log';
export { LineNumberTaken, TaskLog } from './task-log.store';
export { LINES_EACH, RefusedCalls, type RefusedCall } from './refused-calls';
export { TaskLogWriter } from './task-log.writer';
export { WHY_KINDS, type Why, type WhyItem } from './why';
export { WorkerFenced, WorkerLog, type LogHead, type LogRecord, type WorkerRow } from './worker-log';
export { sealLog } from './log-seal';
export { LogTakeover, type Finished } from './log-takeover';
export { InstanceCounts, LIVE_STATUSES, type EndedCount, type LiveStatus } from './instance-counts.store';
export { RuntimeViews, type EndedMinute, type RuntimeView } from './runtime-views.service';
export { QueuesService, type QueuesView } from './queues.service';
export { SlotTickets, type SlotTicket } from './slot-tickets';
export { WorkerIsAlone, WorkerNotFound, WorkersService, type WorkerStatus, type WorkerView } from './workers.service';
export { Workers, type BeatAnswer, type ReportedWorker, type WorkerReport, type WorkerSign } from './workers.store';
export { Inbox, type InboxItem, type InboxOutcome } from './inbox.store';
export { InstanceBirths, bornRun, decodeStart, type BornStart, type InstanceBirth } from './instance-births.store';
export { WorkerBell } from './worker-bell';
export { DispatchQueue, LANES, laneOf, type Dispatch, type DispatchConsumer, type LaneDepth } from './dispatch-queue';
export { WorkerHeldDead } from './heartbeat';
export type { SharedParts } from './among-others';
export { FINDINGS, type Finding, type Findings } from './reconciler';
export { JsonThread } from './json-thread';
export { LargeValues, TooLargeToLoad, ValueTooLarge, type ValueLimits } from './large-values';
