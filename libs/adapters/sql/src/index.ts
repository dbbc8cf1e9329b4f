export { SqlAuditJournal } from './audit-journal-store.sql';
export { SqlAuditStore } from './audit-store.sql';
export { SqlDomainQuotas } from './domain-quota-store.sql';
export { SqlDomainRetentions } from './domain-retention-store.sql';
export { ENTITIES } from './entities';
export { SqlFileStore } from './file-store.sql';
export { type MariaDbConfig } from './mariadb.config';
export { lookAtMariaDb, type MariaDbSeen } from './mariadb.look';
export { type Migrated } from './mariadb.migrate';
export { MARIADB_MIGRATIONS } from './mariadb.schema';
export { mariaDbOf, migrateRelational, openRelational, type RelationalSettings } from './open-relational';
export { Relational, isDuplicate, type Tx } from './relational';
export { RelationalMoveSource, RelationalMoveTarget } from './relational-move';
export {
  CommitUnknown,
  RelationalContended,
  RelationalMisconfigured,
  RelationalNotMigrated,
  RelationalTooNew,
  RelationalUnavailable,
  MigrationTaken,
  OutsideTransaction,
} from './relational.errors';
export { RELATIONAL, RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';
export { SqliteRelational } from './relational.sqlite';
export { SqlSecretStore } from './secret-store.sql';
export { SqlTokenStore } from './token-store.sql';
export { SqlTriggerStore } from './trigger-store.sql';
export { SqlSavedInputStore } from './saved-input-store.sql';
export { SqlFiringStore } from './firing-store.sql';
export { SqlVariableStore } from './variable-store.sql';
