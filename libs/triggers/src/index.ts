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
