export { MOST_BACKFILLED, backfillFaults, backfillRange, type BackfillRange } from './backfill-range';
export { Batches } from './batches';
export { BackfillsService, MOST_PARALLEL, type Backfill, type BackfillRequest } from './backfills.service';
export { cloudEventFaults, keyOfEvent } from './cloud-event';
export { DeadFirings, type RedriveProgress } from './dead-firings.service';
export { EventIntake, type ArrivedEvent } from './event-intake';
export { readMessage } from './event-message';
export { EventTopics, NO_TOPICS, type TopicRules } from './event-topics';
export { DagChangeEvents } from './dag-change-events';
export { DagTriggers } from './dag-triggers';
export { FIRING_STATUSES, runOf, type Firing, type FiringCause, type FiringReason, type FiringStatus } from './firing';
export { boundedKey, type Occurrence } from './firing-decision';
export { FailurePause } from './failure-pause';
export { FIRINGS_KEPT_MS, FiringPurge } from './firing-purge';
export { FiringStore, type FiringFilter, type FiringOutcome } from './firing.store';
export { Firings, type Accepted, type FiringEvents } from './firings';
export { FormsService } from './forms.service';
export { FollowedDagStore } from './followed-dags.store';
export { HookAddresses, type HookAddress } from './hooks/hook-address';
export { LONGEST_ANSWER_MS, hookSecretsOf } from './hooks/hook-config';
export { HookAnswers, type HookAnswer } from './hooks/hook-answers';
export { type HookCall } from './hooks/hook-event';
export { HookRefusals } from './hooks/hook-refusals';
export { type HookHeaders } from './hooks/hook-signature';
export { HooksService, TEST_GROUP } from './hooks/hooks.service';
export { KINDS } from './kinds';
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
export { LONGEST_CHAIN } from './run-end-event';
export { RunEndFirings } from './run-end-firings';
export { describe as describeSchedule } from './schedule-description';
export { scheduleFaults } from './schedule-faults';
export { jitterMs } from './schedule-jitter';
export { SKIP_REASONS, missedRuns, type MissedRuns, type SkipReason, type SkippedTimes } from './schedule-missed';
export { preview, type PreviewItem } from './schedule-preview';
export { fireTimes, nextAfter, previous, upTo, type FireTimes } from './schedule-times';
export { MOST_INPUTS, type SavedInput } from './saved-input';
export { SavedInputStore } from './saved-input.store';
export { Scheduler } from './scheduler';
export { TopicReaders, type ReadingRules } from './topic-readers';
export {
  TRIGGER_KINDS,
  principalOf,
  type Disabled,
  type Trigger,
  type TriggerConcurrency,
  type TriggerContent,
  type TriggerKind,
} from './trigger';
export {
  BackfillNotFound,
  EventInvalid,
  FiringNotDead,
  FiringNotFound,
  TriggerChainTooLong,
  TriggerDerived,
  TriggerHasNoSchedule,
  TriggerInvalid,
  TriggerNotFound,
  TriggerStale,
  TriggersTooMany,
} from './trigger.errors';
export { type SentTrigger } from './trigger-check';
export { eventFor, scheduledEvent } from './trigger-event';
export {
  LONGEST_CALENDAR_MS,
  MOST_IN_CALENDAR,
  MOST_OF_HOUR,
  TriggerCalendar,
  type Calendar,
  type CalendarRequest,
} from './trigger-calendar.service';
export { TriggerExpressions } from './trigger-expressions';
export { triggerOperators } from './trigger-operators';
export { TriggerLoops } from './trigger-loops';
export { TriggerRegistrar, derivedIdOf } from './trigger-registrar';
export { TriggerStore, type Advance, type TriggerFilter } from './trigger.store';
export { MOST_PUSHED, PushedEvents, type PushedEvent, type PushedFiring } from './pushed-events.service';
export { MOST_OF_DAG, MOST_PREVIEWED, TriggersService, type ShownTrigger } from './triggers.service';
