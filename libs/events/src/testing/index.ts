export { anEvent, eventOutboxContract, sharedEventOutboxContract, type OpenedOutbox } from './event-outbox.contract';
export { MemoryEventOutbox } from './memory-event-outbox';
