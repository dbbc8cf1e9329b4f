export { SqliteDagStore } from './dag-store.sqlite';
export { DOCUMENTS_FILE, DOCUMENT_MIGRATIONS, openDocuments } from './documents.schema';
export { SqliteIdempotencyStore } from './idempotency-store.sqlite';
export { SqliteInstanceStore } from './instance-store.sqlite';
export { SqliteWorkerLog } from './worker-log.sqlite';
