import { inboxContract } from './inbox.contract';
import { instanceBirthsContract } from './instance-births.contract';
import { instanceStoreContract } from './instance-store.contract';
import { MemoryGround } from './memory-ground';
import { MemoryInbox } from './memory-inbox';
import { MemoryInstanceBirths, MemoryInstanceStore } from './memory-instance-store';
import { MemoryWorkerLog, MemoryWorkers } from './memory-worker-log';
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
