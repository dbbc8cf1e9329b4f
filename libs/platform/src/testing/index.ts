export { anIdempotentRequest, idempotencyStoreContract } from './idempotency.contract';
export { localServer, type Hit, type LocalServer } from './local-server';
export { selfSigned } from './self-signed';
