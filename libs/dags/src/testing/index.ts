export { aCatalogue } from './a-catalogue';
export { aDag, step } from './a-dag';
export { dagOutboxContract, type OpenedDagOutbox } from './dag-outbox.contract';
export { dagStoreContract } from './dag-store.contract';
