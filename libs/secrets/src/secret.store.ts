import type { DomainId, Page, PageRequest } from '@flow/kernel';
import type { Secret } from './secret';

/** A secret as it is kept: its value sealed by SecretBox. */
export interface StoredSecret extends Secret {
  readonly envelope: string;
}

/** Secrets of business domains. A name is unique within its domain, by an index. */
export abstract class SecretStore {
  /** False, and nothing changed, when the name is taken; of many at once exactly one is added. */
  abstract add(secret: StoredSecret): Promise<boolean>;
  /** Puts new content in the place of the secret with this domain, name and id; false when it does not stand. */
  abstract replace(secret: StoredSecret): Promise<boolean>;
  abstract find(domain: DomainId, name: string): Promise<StoredSecret | undefined>;
  /** Those that stand, in any order. */
  abstract findMany(domain: DomainId, names: readonly string[]): Promise<readonly StoredSecret[]>;
  /** Sorted by name (code points); keyset pages. */
  abstract list(domain: DomainId, page: PageRequest): Promise<Page<Secret>>;
  abstract remove(domain: DomainId, name: string): Promise<boolean>;
}
