export { MemoryDomainQuotas } from './memory-domain-quotas';
export { aDomainQuota, domainQuotasContract, type OpenedQuotas } from './domain-quotas.contract';
