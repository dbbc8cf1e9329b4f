export { auditJournalContract } from './audit-journal.contract';
export { auditStoreContract } from './audit-store.contract';
export { ACME, AT, PUBLIC, aChain, aCommand, anEntry, later } from './examples';
export { MemoryAuditJournal, MemoryAuditStore } from './memory-audit';
