export { SqlDomainQuotas } from './domain-quota-store.sql';
export { SqlDomainRetentions } from './domain-retention-store.sql';
export { ENTITIES } from './entities';
export { type MariaDbConfig } from './mariadb.config';
export { type Migrated } from './mariadb.migrate';
export { PATIENCE, type Patience } from './mariadb.patience';
export { MARIADB_MIGRATIONS } from './mariadb.schema';
export { mariaDbOf, migrateRelational, openRelational, type RelationalSettings } from './open-relational';
export { Relational, isDuplicate, type Tx } from './relational';
export {
  CommitUnknown,
  DatabaseContended,
  DatabaseMisconfigured,
  DatabaseNotMigrated,
  DatabaseTooNew,
  DatabaseUnavailable,
  MigrationTaken,
  OutsideTransaction,
} from './relational.errors';
export { MariaDbRelational, type MariaDbSurroundings } from './relational.mariadb';
export { RELATIONAL, RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';
export { SqliteRelational } from './relational.sqlite';
export { SqlSecretStore } from './secret-store.sql';
export { SqlTokenStore } from './token-store.sql';
export { SqlVariableStore } from './variable-store.sql';
