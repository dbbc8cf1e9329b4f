import type { DomainId, Page, PageRequest } from '@flow/kernel';
import type { AuditChain, AuditHead } from './audit-chain';
import type { AuditFilter, AuditRecord, FinishedCommand } from './audit-record';

/** The chain of a business domain as it stands. */
export interface AuditExtent {
  readonly head: AuditHead;
  /** The highest sequence that stands; 0 when none does. */
  readonly last: number;
}

/** Records of commands, in one chain for each business domain. They are added and never changed. */
export abstract class AuditStore {
  /**
   * Links them behind the head of their domain, in their order, each once: one whose id stands already is left out. All or nothing, durable when it
   * resolves. Processes that link at the same time do so one after the other.
   */
  abstract append(domain: DomainId, commands: readonly FinishedCommand[], chain: AuditChain): Promise<void>;
  /** Both as of one moment. Undefined where nothing was ever recorded. */
  abstract extent(domain: DomainId): Promise<AuditExtent | undefined>;
  /** Behind a sequence, rising. */
  abstract behind(domain: DomainId, sequence: number, limit: number): Promise<readonly AuditRecord[]>;
  /** The newest first. */
  abstract list(domain: DomainId, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>>;
  /** Domains whose newest records have not been told, and up to which sequence they have. */
  abstract untold(limit: number): Promise<readonly { readonly domain: DomainId; readonly told: number }[]>;
  /** Never goes back. */
  abstract markTold(domain: DomainId, sequence: number): Promise<void>;
  /** Domains whose oldest record is from before. */
  abstract outdated(before: Date, limit: number): Promise<readonly DomainId[]>;
  /**
   * Removes the oldest, `limit` at most, as long as they are from before, and leaves the place of the last of them, sealed, as the new
   * base. Gives how many went.
   */
  abstract removeOldest(domain: DomainId, before: Date, limit: number, chain: AuditChain): Promise<number>;
}
