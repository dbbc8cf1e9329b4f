export { ACME, AT, PUBLIC, TEXT, aFiring, aTrigger, later } from './examples';
export { firingStoreContract } from './firing-store.contract';
export { triggerStoreContract, type TriggerWorld } from './trigger-store.contract';
