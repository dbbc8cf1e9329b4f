export { aStoredSecret, secretStoreContract, type OpenedStore } from './secret-store.contract';
export { aVariable, variableStoreContract } from './variable-store.contract';
