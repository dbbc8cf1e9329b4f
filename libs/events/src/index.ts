export {
  EVENT_SCHEMA_VERSION,
  EVENT_TOPICS,
  cloudEvent,
  type CloudEvent,
  type EventTopic,
  type WaitingEvent,
} from './event';
export {
  EventConsumer,
  type Consumption,
  type BatchHandler,
  type BatchSize,
  type MessageHandler,
  type PartitionLag,
  type Subscription,
} from './event-consumer';
export { EventOutbox, type EventBacklog } from './event-outbox.store';
export { EventPublisher } from './event-publisher';
export { EventRelay, LEAD_MS, LOOK_AT_LEADER_MS, LOOK_MS, type EventRelayEvents } from './event-relay';
export { MessageRefused } from './event.errors';
export { idOfMessage, jsonOfMessage, messageKey, type MessagePlace, type ReceivedMessage } from './received-message';
