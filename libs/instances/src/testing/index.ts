export { aTask, anId, anInstance, rowsOf } from './an-instance';
export { endedInstancesContract } from './ended-instances.contract';
export { instanceStoreContract } from './instance-store.contract';
export { slotStoreContract } from './slot-store.contract';
export { aRecord, workerLogContract, type Opened } from './worker-log.contract';
export { aLine, taskLogContract } from './task-log.contract';
export { RunWorld, aCaller, type PendingCall } from './run-world';
