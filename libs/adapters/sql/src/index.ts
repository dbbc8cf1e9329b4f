export { SqlDomainQuotas } from './domain-quota-store.sql';
export { SqlDomainRetentions } from './domain-retention-store.sql';
export { ENTITIES } from './entities';
export { OutsideTransaction, Relational, isDuplicate, type Tx } from './relational';
export { RELATIONAL, RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';
export { SqlSecretStore } from './secret-store.sql';
export { SqlTokenStore } from './token-store.sql';
export { SqlVariableStore } from './variable-store.sql';
