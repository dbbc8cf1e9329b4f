export { aStoredSecret, secretStoreContract, type OpenedStore } from './secret-store.contract';
export { aVariable, variableStoreContract } from './variable-store.contract';
export { MemorySecretUsers } from './memory-secret-users';
export { secretUsersContract, type OpenedUsers } from './secret-users.contract';
