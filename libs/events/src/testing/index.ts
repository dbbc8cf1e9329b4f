export { anEvent, eventOutboxContract, sharedEventOutboxContract, type OpenedOutbox } from './event-outbox.contract';
export { MemoryEventOutbox } from './memory-event-outbox';
export {
  eventConsumerContract,
  type ConsumerWorld,
  type DeadLetter,
  type SentMessage,
} from './event-consumer.contract';
export { eventPublisherContract, type OpenedPublisher, type ToldMessage } from './event-publisher.contract';
