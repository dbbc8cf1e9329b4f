import { MemoryAuditJournal, MemoryAuditStore, auditJournalContract, auditStoreContract } from '@flow/testing/audit';

const close = () => Promise.resolve();

auditJournalContract('MemoryAuditJournal', async () => ({ journal: new MemoryAuditJournal(), close }));
auditStoreContract('MemoryAuditStore', async () => ({ store: new MemoryAuditStore(), close }));
