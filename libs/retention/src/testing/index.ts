export { aDomainRetention, domainRetentionsContract, type OpenedRetentions } from './domain-retentions.contract';
export { DAY, PurgeWorld } from './purge-world';
