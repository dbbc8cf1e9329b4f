import { eventOutboxContract, sharedEventOutboxContract } from './event-outbox.contract';
import { MemoryEventOutbox } from './memory-event-outbox';

const open = async () => {
  const outbox = new MemoryEventOutbox();
  return {
    outbox,
    put: async (events: Parameters<MemoryEventOutbox['put']>[0]) => outbox.put(events),
    reopen: async () => outbox,
    close: () => undefined,
  };
};

eventOutboxContract('MemoryEventOutbox', open);
sharedEventOutboxContract('MemoryEventOutbox', open);
