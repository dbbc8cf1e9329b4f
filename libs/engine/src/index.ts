export { advance, newRun, outstanding } from './advance';
export { AssignRefused } from './assign';
export type { Command, RunEvent } from './event';
export { withSecrets, type Rendered, type SecretText } from './parameters';
export { compilePlan, type AttemptPolicy, type Plan, type PlanSource, type PlanStep } from './plan';
export {
  SNAPSHOT_SCHEMA,
  isOver,
  restore,
  snapshot,
  statusOf,
  type Failure,
  type RunOutcome,
  type RunStart,
  type RunState,
  type TaskPhase,
  type TaskState,
} from './run';
