export { ACME, AT, PUBLIC, TEXT, aFiring, aTrigger, later } from './examples';
export { firingStoreContract } from './firing-store.contract';
export { aSavedInput, savedInputStoreContract } from './saved-input-store.contract';
export { triggerStoreContract, type TriggerStores } from './trigger-store.contract';
export { TriggerWorld, type TriggerProcess } from './trigger-world';
