import type { DomainId } from '@flow/kernel';
import { DomainQuotas, type DomainQuota } from '@flow/quotas';

/** Quotas in memory, for tests of what asks for them. */
export class MemoryDomainQuotas extends DomainQuotas {
  private readonly quotas = new Map<DomainId, DomainQuota>();

  override find(domain: DomainId): Promise<DomainQuota | undefined> {
    return Promise.resolve(this.quotas.get(domain));
  }

  override put(quota: DomainQuota): Promise<void> {
    this.quotas.set(quota.domain, quota);
    return Promise.resolve();
  }

  override remove(domain: DomainId): Promise<boolean> {
    return Promise.resolve(this.quotas.delete(domain));
  }
}
