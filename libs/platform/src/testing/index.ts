export { anIdempotentRequest, idempotencyStoreContract } from './idempotency.contract';
