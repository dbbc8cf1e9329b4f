export { MOST_ATTEMPTS } from './back-off';
export { DeadLetters, type Redriven } from './dead-letters.service';
export { Deliverer, type DelivererEvents, type DeliveryOutcome } from './deliverer';
export { Delivering, type DeliveringParts } from './delivering';
export { Deliveries, type ShownDelivery } from './deliveries.service';
export {
  hostOf,
  laneOf,
  shownUrl,
  type DeadLetter,
  type Delivery,
  type DeliveryState,
  type DeliveryStatus,
  type NewDelivery,
  type WholeDeadLetter,
} from './delivery';
export {
  CallbackUrlBlocked,
  CallbackUrlInvalid,
  DeadLetterNotFound,
  RedriveTargetMissing,
  WebhookSecretChanged,
} from './delivery.errors';
export {
  DeliveryStore,
  type DeadLetterFilter,
  type FailedAttempt,
  type TakenAttempt,
  type WaitingLane,
} from './delivery.store';
export { LONGEST_OVERLAP_MS, OVERLAP_MS, WebhookSecrets, type WebhookSecret } from './webhook-secrets.service';
export { WebhookSecretStore, type StoredWebhookSecret } from './webhook-secret.store';
