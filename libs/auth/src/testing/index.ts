export { MemoryTokenStore } from './memory-token.store';
export { aStoredToken, tokenStoreContract } from './token.contract';
