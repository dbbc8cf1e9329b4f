export { ArchiveService, type ArchiveParts, type ArchiveRequest } from './archive.service';
export { DiskSpace } from './disk-space';
export { DomainRetentions, type DomainRetention } from './domain-retention.store';
export { EXPIRED_KEPT_MS, FilePurge, FileSweep, type FilePurgeParts } from './file-purge';
export { FIRST_ORPHAN_SWEEP_MS, ORPHAN_AGE_MS, OrphanBlobs, OrphanSweep, type OrphanParts } from './orphan-blobs';
export {
  Purge,
  type PurgeParts,
  type PurgePreview,
  type PurgeReport,
  type PurgeRequest,
  type Unwritten,
} from './purge';
export { FIRST_PURGE_MS, PURGE_SWEEP_MS, PurgeSweep } from './purge.sweep';
export { RetentionRules } from './retention-rules';
export { RetentionService, type RetentionView } from './retention.service';
