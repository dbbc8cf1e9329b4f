export { aStoredToken, tokenStoreContract } from './token.contract';
