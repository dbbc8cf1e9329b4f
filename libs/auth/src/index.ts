export { PermissionMissing, demand, type Caller } from './caller';
export { PERMISSIONS, type Permission } from './permission';
