export { FIRING_STATUSES, runOf, type Firing, type FiringCause, type FiringReason, type FiringStatus } from './firing';
export { FiringStore, type FiringFilter, type FiringOutcome } from './firing.store';
export {
  TRIGGER_KINDS,
  principalOf,
  type Disabled,
  type Trigger,
  type TriggerConcurrency,
  type TriggerContent,
  type TriggerKind,
} from './trigger';
export { TriggerStore, type Advance, type TriggerFilter } from './trigger.store';
export { MOST_BACKFILLED, backfillFaults, backfillRange, type BackfillRange } from './backfill-range';
export {
  MISSED_POLICIES,
  REPEATED_HOURS,
  SCHEDULE_FIELDS,
  ScheduleInvalid,
  readSchedule,
  scheduleOf,
  type MissedPolicy,
  type RepeatedHour,
  type Schedule,
  type ScheduleConfig,
} from './schedule';
export { describe as describeSchedule } from './schedule-description';
export { scheduleFaults } from './schedule-faults';
export { jitterMs } from './schedule-jitter';
export { SKIP_REASONS, missedRuns, type MissedRuns, type SkipReason, type SkippedTimes } from './schedule-missed';
export { preview, type PreviewItem } from './schedule-preview';
export { fireTimes, nextAfter, previous, upTo, type FireTimes } from './schedule-times';
