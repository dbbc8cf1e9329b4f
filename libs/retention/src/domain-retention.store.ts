import type { DomainId, PrincipalId, Retention } from '@flow/kernel';

/** How long a business domain keeps its ended instances where their DAG does not say it. */
export interface DomainRetention {
  readonly domain: DomainId;
  readonly retention: Retention;
  readonly modifiedBy: PrincipalId;
  readonly updatedAt: Date;
}

/** One for each domain that has its own. */
export abstract class DomainRetentions {
  abstract find(domain: DomainId): Promise<DomainRetention | undefined>;
  /** In the place of the one that stands. */
  abstract put(retention: DomainRetention): Promise<void>;
  /** False when there was none. */
  abstract remove(domain: DomainId): Promise<boolean>;
}
