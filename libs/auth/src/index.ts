export { PermissionMissing, demand, type Caller } from './caller';
export { PERMISSIONS, type Permission } from './permission';
export { TokenStore, type StoredToken, type TokenDomains } from './token.store';
