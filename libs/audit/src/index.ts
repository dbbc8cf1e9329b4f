export { AuditChain, CHAIN_BEGINNING, type AuditHead, type AuditKeys, type ChainPlace } from './audit-chain';
export { AuditJournal, areFlushedByTheirEffects, type JournalEntry } from './audit-journal.store';
export { AuditPurge } from './audit-purge';
export {
  AUDIT_OUTCOMES,
  auditedText,
  type AuditFilter,
  type AuditOutcome,
  type AuditRecord,
  type AuditResult,
  type AuditedCommand,
  type FinishedCommand,
} from './audit-record';
export { AuditRecords, VERIFIED_AT_ONCE } from './audit-records.service';
export { AuditTelling, auditEventOf } from './audit-telling';
export { AuditTrail, type AuditTrailEvents } from './audit-trail';
export {
  parsePlace,
  placeText,
  verifyChain,
  type AuditFault,
  type AuditFaultKind,
  type AuditVerdict,
} from './audit-verification';
export { viewOf, type AuditRecordView } from './audit-view';
export { journalEntryFrom, journalText } from './journal-text';
export { AuditBehind } from './audit.errors';
export { AuditStore, type AuditExtent } from './audit.store';
