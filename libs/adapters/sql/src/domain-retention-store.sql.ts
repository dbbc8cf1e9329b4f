import type { DomainId } from '@flow/kernel';
import { DomainRetentions, type DomainRetention } from '@flow/retention';
import { DOMAIN_RETENTIONS } from './domain-retention.entity';
import type { Relational } from './relational';

/** How long business domains keep their instances, in the relational database. */
export class SqlDomainRetentions extends DomainRetentions {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async find(domain: DomainId): Promise<DomainRetention | undefined> {
    const found = await this.relational.read((tx) => tx.repository(DOMAIN_RETENTIONS).findOneBy({ domain }));
    return found ?? undefined;
  }

  override async put(retention: DomainRetention): Promise<void> {
    await this.relational.run('retention.put', (tx) => tx.repository(DOMAIN_RETENTIONS).upsert(retention, ['domain']));
  }

  override async remove(domain: DomainId): Promise<boolean> {
    const { affected } = await this.relational.run('retention.remove', (tx) =>
      tx.repository(DOMAIN_RETENTIONS).delete({ domain }),
    );
    return affected === 1;
  }
}
