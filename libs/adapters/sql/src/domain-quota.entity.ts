import type { DomainQuota } from '@flow/quotas';
import { text, time, wholeOrNull, type Entity } from './entity';

export const DOMAIN_QUOTAS: Entity<DomainQuota> = {
  name: 'domainQuota',
  tableName: 'domain_quotas',
  columns: {
    domain: text(64, { primary: true }),
    requestsPerMinute: wholeOrNull({ name: 'requests_per_minute' }),
    liveInstances: wholeOrNull({ name: 'live_instances' }),
    modifiedBy: text(255, { name: 'modified_by' }),
    updatedAt: time({ name: 'updated_at' }),
  },
};
