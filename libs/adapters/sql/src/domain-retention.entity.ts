import type { DomainRetention } from '@flow/retention';
import { json, text, time, type Entity } from './entity';

export const DOMAIN_RETENTIONS: Entity<DomainRetention> = {
  name: 'domainRetention',
  tableName: 'domain_retentions',
  columns: {
    domain: text(64, { primary: true }),
    retention: json(),
    modifiedBy: text(255, { name: 'modified_by' }),
    updatedAt: time({ name: 'updated_at' }),
  },
};
