import { FixedClock } from '@flow/testing/kernel';
import { dispatchQueueContract } from './dispatch-queue.contract';
import { inboxContract } from './inbox.contract';
import { instanceBirthsContract } from './instance-births.contract';
import { instanceStoreContract } from './instance-store.contract';
import { liveFanOutContract } from './live-fan-out.contract';
import { MemoryAir, MemoryFanOut, MemoryWorkerBell } from './memory-bells';
import { MemoryDispatches, MemoryDispatchQueue } from './memory-dispatch-queue';
import { MemoryGround } from './memory-ground';
import { MemoryInbox } from './memory-inbox';
import { MemoryInstanceBirths, MemoryInstanceStore } from './memory-instance-store';
import { MemorySlotStore } from './memory-slot-store';
import { MemorySlotTickets } from './memory-slot-tickets';
import { MemoryWorkerLog, MemoryWorkers } from './memory-worker-log';
import { slotStoreContract } from './slot-store.contract';
import { slotTicketsContract } from './slot-tickets.contract';
import { workerBellContract } from './worker-bell.contract';
import { workerLogContract } from './worker-log.contract';
import { workersContract } from './workers.contract';

/** Each reopening is another process's view of the same ground. */
const world =
  <T>(view: (ground: MemoryGround) => T) =>
  async () => {
    const ground = new MemoryGround();
    return { store: view(ground), reopen: async () => view(ground), close: () => undefined };
  };

workerLogContract(
  'MemoryWorkerLog',
  world((ground) => new MemoryWorkerLog(ground)),
);
workersContract(
  'MemoryWorkers',
  world((ground) => ({ log: new MemoryWorkerLog(ground), workers: new MemoryWorkers(ground) })),
);
slotStoreContract(
  'MemorySlotStore',
  world((ground) => ({ instances: new MemoryInstanceStore(ground), slots: new MemorySlotStore(ground) })),
);
slotTicketsContract(
  'MemorySlotTickets',
  world((ground) => new MemorySlotTickets(ground)),
);
inboxContract(
  'MemoryInbox',
  world((ground) => new MemoryInbox(ground)),
);
instanceStoreContract(
  'MemoryInstanceStore',
  world((ground) => new MemoryInstanceStore(ground)),
);
instanceBirthsContract(
  'MemoryInstanceBirths',
  world((ground) => ({ births: new MemoryInstanceBirths(ground), instances: new MemoryInstanceStore(ground) })),
);

/** Two processes under one sky; nothing there is ever on its way. */
const pair =
  <T>(view: (air: MemoryAir) => T) =>
  async () => {
    const air = new MemoryAir();
    return { here: view(air), there: view(air), settled: async () => undefined, close: () => undefined };
  };

workerBellContract(
  'MemoryWorkerBell',
  pair((air) => new MemoryWorkerBell(air)),
);
liveFanOutContract(
  'MemoryFanOut',
  pair((air) => new MemoryFanOut(air)),
);
dispatchQueueContract('MemoryDispatchQueue', async () => {
  const clock = new FixedClock();
  const shared = new MemoryDispatches();
  const [here, there] = [new MemoryDispatchQueue(shared, clock), new MemoryDispatchQueue(shared, clock)];
  return {
    here,
    there,
    nowMs: () => clock.now().getTime(),
    wait: (ms) => clock.advance(ms),
    close: async () => {
      await Promise.all([here.close(), there.close()]);
    },
  };
});
