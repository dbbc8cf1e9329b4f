export { advance } from './advance';
export { outstanding } from './outstanding';
export { SNAPSHOT_SCHEMA, newRun, restore, snapshot } from './snapshot';
export { AssignRefused } from './assign';
export type { Command, RunEvent } from './event';
export { withSecrets, type Rendered, type SecretText } from './parameters';
export { compilePlan, type Plan, type PlanSource, type PlanStep } from './plan';
export {
  isOver,
  statusOf,
  type Failure,
  type RunOutcome,
  type RunStart,
  type RunState,
  type TaskPhase,
  type TaskState,
} from './run';
