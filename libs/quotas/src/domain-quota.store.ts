import type { DomainId } from '@flow/kernel';
import type { DomainQuota } from './quota';

/** One for each domain that has its own. */
export abstract class DomainQuotas {
  abstract find(domain: DomainId): Promise<DomainQuota | undefined>;
  /** In the place of the one that stands. */
  abstract put(quota: DomainQuota): Promise<void>;
  /** False when there was none. */
  abstract remove(domain: DomainId): Promise<boolean>;
}
