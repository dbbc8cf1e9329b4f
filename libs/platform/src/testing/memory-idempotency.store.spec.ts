import { idempotencyStoreContract } from './idempotency.contract';
import { MemoryIdempotencyStore } from './memory-idempotency.store';

idempotencyStoreContract('MemoryIdempotencyStore', async () => ({ store: new MemoryIdempotencyStore() }));
