export { aCatalogue } from './a-catalogue';
export { aDag, step } from './a-dag';
export { dagStoreContract } from './dag-store.contract';
