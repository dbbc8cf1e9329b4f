export { blobStoreContract, piecesOf, textIn } from './blob-store.contract';
export { anIdempotentRequest, idempotencyStoreContract } from './idempotency.contract';
export { decidingMarkContract, installationMarkContract } from './installation.contract';
export { localServer, type Hit, type LocalServer } from './local-server';
export { selfSigned } from './self-signed';
export { MemoryIdempotencyStore } from './memory-idempotency.store';
