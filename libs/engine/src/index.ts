export { advance } from './advance';
export { AssignRefused } from './assign';
export { evaluate } from './evaluate';
export { keyOf as keyOfEvaluation, type Evaluation } from './evaluation';
export type { Command, RunEvent } from './event';
export { outstanding } from './outstanding';
export { withSecrets, type CallbackPart, type Rendered, type SecretPart, type SecretText } from './parameters';
export type { ActionStep, Plan, PlanStep, SubflowStep } from './plan';
export { compilePlan, type PlanSource } from './plan-compiler';
export { readAtStart } from './read-at-start';
export {
  begunAt,
  expiresAt,
  isOver,
  statusOf,
  type Adopted,
  type ChildState,
  type Compensation,
  type DebugOptions,
  type Decision,
  type Failure,
  type RunOutcome,
  type RunStart,
  type RunState,
  type TaskPhase,
  type TaskState,
  type Progress,
  type WaitingFor,
} from './run';
export { childPath } from './task-path';
export { SNAPSHOT_SCHEMA, SnapshotUnreadable, newRun, readsSnapshot, restore, snapshot } from './snapshot';
