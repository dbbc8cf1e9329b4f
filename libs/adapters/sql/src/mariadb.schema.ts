/**
 * A step of the schema in both directions. MariaDB commits each statement that changes a table by itself: a step that was cut off is
 * begun again, so that each of its statements is one that may be repeated (IF NOT EXISTS, IF EXISTS).
 */
export interface MariaDbMigration {
  readonly version: number;
  readonly up: readonly string[];
  /** What the step made goes, with what is in it. */
  readonly down: readonly string[];
}

/**
 * Keys are compared by code points, as SQLite does: case, accents and blanks at the end tell them apart (NO PAD). MariaDB and MySQL have
 * different names for that; who runs a step puts the server's in.
 */
export const COLLATIONS = ['utf8mb4_nopad_bin', 'utf8mb4_0900_bin'] as const;
export const COLLATION = '{collation}';
const TABLE = `ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${COLLATION}`;

/** The same versions, tables and columns as RELATIONAL_MIGRATIONS; each is kept as it was once a release carried it. */
export const MARIADB_MIGRATIONS: readonly MariaDbMigration[] = [
  {
    version: 1,
    up: [
      `CREATE TABLE IF NOT EXISTS tokens (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  principal VARCHAR(255) NOT NULL,
  name MEDIUMTEXT NOT NULL,
  hash VARCHAR(64) NOT NULL,
  permissions MEDIUMTEXT NOT NULL,
  domains MEDIUMTEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT,
  INDEX tokens_by_principal (principal, created_at, id),
  INDEX tokens_by_maker (created_by, created_at, id),
  INDEX tokens_by_expiry (expires_at)
) ${TABLE}`,
      `CREATE TABLE IF NOT EXISTS secrets (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  domain VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  envelope MEDIUMTEXT NOT NULL,
  hosts MEDIUMTEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE INDEX secrets_by_name (domain, name)
) ${TABLE}`,
      `CREATE TABLE IF NOT EXISTS variables (
  id VARCHAR(64) NOT NULL,
  domain VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  value MEDIUMTEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (domain, name)
) ${TABLE}`,
    ],
    down: ['DROP TABLE IF EXISTS variables', 'DROP TABLE IF EXISTS secrets', 'DROP TABLE IF EXISTS tokens'],
  },
  {
    version: 2,
    up: [
      `CREATE TABLE IF NOT EXISTS domain_retentions (
  domain VARCHAR(64) NOT NULL PRIMARY KEY,
  retention MEDIUMTEXT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL
) ${TABLE}`,
    ],
    down: ['DROP TABLE IF EXISTS domain_retentions'],
  },
  {
    version: 3,
    up: [
      `CREATE TABLE IF NOT EXISTS domain_quotas (
  domain VARCHAR(64) NOT NULL PRIMARY KEY,
  requests_per_minute BIGINT,
  live_instances BIGINT,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL
) ${TABLE}`,
    ],
    down: ['DROP TABLE IF EXISTS domain_quotas'],
  },
  {
    version: 4,
    up: [
      `CREATE TABLE IF NOT EXISTS triggers (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  domain VARCHAR(64) NOT NULL,
  dag_id VARCHAR(64) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  lookup VARCHAR(255) NOT NULL,
  content MEDIUMTEXT NOT NULL,
  derived INT NOT NULL,
  enabled INT NOT NULL,
  disabled MEDIUMTEXT,
  owner VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL,
  revision INT NOT NULL,
  next_fire_at BIGINT,
  failures INT NOT NULL,
  decided_by VARCHAR(64) NOT NULL,
  INDEX triggers_of_dag (domain, dag_id, id),
  INDEX triggers_by_lookup (kind, lookup, id),
  INDEX triggers_of_kind (kind, enabled, id),
  INDEX triggers_due (enabled, next_fire_at, id),
  INDEX triggers_upcoming (domain, enabled, next_fire_at, id),
  INDEX triggers_by_owner (domain, owner, id)
) ${TABLE}`,
      `CREATE TABLE IF NOT EXISTS firings (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  trigger_id VARCHAR(64) NOT NULL,
  domain VARCHAR(64) NOT NULL,
  dag_id VARCHAR(64) NOT NULL,
  firing_key VARCHAR(400) NOT NULL,
  cause VARCHAR(16) NOT NULL,
  fired_for BIGINT NOT NULL,
  event MEDIUMTEXT NOT NULL,
  order_key VARCHAR(255) NOT NULL,
  group_id VARCHAR(64) NOT NULL,
  status VARCHAR(16) NOT NULL,
  reason MEDIUMTEXT,
  instance_id VARCHAR(64),
  attempts INT NOT NULL,
  due_at BIGINT NOT NULL,
  claimed_by VARCHAR(64) NOT NULL,
  claimed_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  UNIQUE INDEX firings_by_key (firing_key),
  INDEX firings_due (status, due_at, id),
  INDEX firings_of_trigger (trigger_id, id),
  INDEX firings_of_trigger_by_status (trigger_id, status, order_key, id),
  INDEX firings_of_domain (domain, status, id),
  INDEX firings_of_group (group_id, status, id),
  INDEX firings_ended (ended_at, id)
) ${TABLE}`,
    ],
    down: ['DROP TABLE IF EXISTS firings', 'DROP TABLE IF EXISTS triggers'],
  },
  {
    version: 5,
    up: [
      `CREATE TABLE IF NOT EXISTS installation (
  one BIGINT NOT NULL PRIMARY KEY,
  id VARCHAR(64) NOT NULL
) ${TABLE}`,
    ],
    down: ['DROP TABLE IF EXISTS installation'],
  },
  {
    version: 6,
    up: [
      `CREATE TABLE IF NOT EXISTS saved_inputs (
  trigger_id VARCHAR(64) NOT NULL,
  name VARCHAR(255) NOT NULL,
  domain VARCHAR(64) NOT NULL,
  data MEDIUMTEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (trigger_id, name)
) ${TABLE}`,
    ],
    down: ['DROP TABLE IF EXISTS saved_inputs'],
  },
  {
    version: 7,
    up: ['ALTER TABLE firings ADD COLUMN IF NOT EXISTS counted INT NOT NULL DEFAULT 0'],
    down: ['ALTER TABLE firings DROP COLUMN IF EXISTS counted'],
  },
  {
    version: 8,
    up: [
      `CREATE TABLE IF NOT EXISTS audit_records (
  domain VARCHAR(64) NOT NULL,
  sequence BIGINT NOT NULL,
  id VARCHAR(64) NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  principal VARCHAR(255) NOT NULL,
  token_id VARCHAR(64) NOT NULL,
  action VARCHAR(64) NOT NULL,
  object_type VARCHAR(64) NOT NULL,
  object_id VARCHAR(255),
  outcome VARCHAR(16) NOT NULL,
  status INT,
  code VARCHAR(128),
  request_id VARCHAR(128) NOT NULL,
  trace_id VARCHAR(64),
  remote VARCHAR(64),
  details MEDIUMTEXT NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  hash VARCHAR(64) NOT NULL,
  PRIMARY KEY (domain, sequence),
  UNIQUE INDEX audit_records_by_id (id),
  INDEX audit_records_by_principal (domain, principal, sequence),
  INDEX audit_records_by_action (domain, action, sequence),
  INDEX audit_records_by_object (domain, object_id, sequence)
) ${TABLE}`,
      `CREATE TABLE IF NOT EXISTS audit_heads (
  domain VARCHAR(64) NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  hash VARCHAR(64) NOT NULL,
  base_sequence BIGINT NOT NULL,
  base_hash VARCHAR(64) NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  seal VARCHAR(64) NOT NULL,
  told BIGINT NOT NULL
) ${TABLE}`,
      `CREATE TABLE IF NOT EXISTS audit_journal (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  owner VARCHAR(64) NOT NULL,
  abandoned_at BIGINT NOT NULL,
  entry MEDIUMTEXT NOT NULL,
  INDEX audit_journal_abandoned (abandoned_at, id)
) ${TABLE}`,
    ],
    down: [
      'DROP TABLE IF EXISTS audit_journal',
      'DROP TABLE IF EXISTS audit_heads',
      'DROP TABLE IF EXISTS audit_records',
    ],
  },
  {
    version: 9,
    up: [
      `CREATE TABLE IF NOT EXISTS files (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  domain VARCHAR(64) NOT NULL,
  principal VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  content_type VARCHAR(255) NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  INDEX files_of_principal (domain, principal, id),
  INDEX files_by_expiry (expires_at, id)
) ${TABLE}`,
      // JSON may write a body six times as long as it came (BODY_LIMIT): 16 MiB are not enough for it.
      'ALTER TABLE firings MODIFY COLUMN event LONGTEXT NOT NULL',
      'ALTER TABLE saved_inputs MODIFY COLUMN data LONGTEXT NOT NULL',
    ],
    down: [
      'DELETE FROM saved_inputs WHERE OCTET_LENGTH(data) > 16777215',
      'ALTER TABLE saved_inputs MODIFY COLUMN data MEDIUMTEXT NOT NULL',
      'DELETE FROM firings WHERE OCTET_LENGTH(event) > 16777215',
      'ALTER TABLE firings MODIFY COLUMN event MEDIUMTEXT NOT NULL',
      'DROP TABLE IF EXISTS files',
    ],
  },
];

/** What steps have run. */
export const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version INT NOT NULL PRIMARY KEY,
  applied_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
) ${TABLE}`;
