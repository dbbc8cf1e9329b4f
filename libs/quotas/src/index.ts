export { DomainQuotas } from './domain-quota.store';
export { LARGEST_QUOTA, quotaFaults, type DomainQuota, type Quota } from './quota';
export { QuotaExceeded } from './quota.errors';
export { QuotaRules } from './quota-rules';
export { QuotasService, type QuotaView } from './quotas.service';
export { RequestQuotas, type Charged } from './request-quotas';
