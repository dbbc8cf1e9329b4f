import type { DomainId } from '@flow/kernel';
import { DomainQuotas, type DomainQuota } from '@flow/quotas';
import { DOMAIN_QUOTAS } from './domain-quota.entity';
import type { Relational } from './relational';

/** What business domains may use, in the relational database. */
export class SqlDomainQuotas extends DomainQuotas {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async find(domain: DomainId): Promise<DomainQuota | undefined> {
    const found = await this.relational.read((tx) => tx.repository(DOMAIN_QUOTAS).findOneBy({ domain }));
    return found ?? undefined;
  }

  override async put(quota: DomainQuota): Promise<void> {
    await this.relational.run('quota.put', (tx) => tx.repository(DOMAIN_QUOTAS).upsert(quota, ['domain']));
  }

  override async remove(domain: DomainId): Promise<boolean> {
    const { affected } = await this.relational.run('quota.remove', (tx) =>
      tx.repository(DOMAIN_QUOTAS).delete({ domain }),
    );
    return affected === 1;
  }
}
