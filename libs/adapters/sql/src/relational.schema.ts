import type { Migration } from '@flow/adapters/sqlite';

export const RELATIONAL_FILE = 'relational.db';

/** Every step that `relational.db` went through, in SQL that SQLite and MariaDB both read; each is kept as it was once a release carried it. */
export const RELATIONAL_MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE tokens (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  principal VARCHAR(255) NOT NULL,
  name TEXT NOT NULL,
  hash VARCHAR(64) NOT NULL,
  permissions TEXT NOT NULL,
  domains TEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX tokens_by_principal ON tokens (principal, created_at, id);
CREATE INDEX tokens_by_maker ON tokens (created_by, created_at, id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE secrets (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  domain VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  envelope MEDIUMTEXT NOT NULL,
  hosts TEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX secrets_by_name ON secrets (domain, name);

CREATE TABLE variables (
  id VARCHAR(64) NOT NULL,
  domain VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  value MEDIUMTEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (domain, name)
);
`,
  },
  {
    version: 2,
    sql: `
CREATE TABLE domain_retentions (
  domain VARCHAR(64) NOT NULL PRIMARY KEY,
  retention TEXT NOT NULL,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL
);
`,
  },
  {
    version: 3,
    sql: `
CREATE TABLE domain_quotas (
  domain VARCHAR(64) NOT NULL PRIMARY KEY,
  requests_per_minute BIGINT,
  live_instances BIGINT,
  modified_by VARCHAR(255) NOT NULL,
  updated_at BIGINT NOT NULL
);
`,
  },
  {
    version: 4,
    sql: `
CREATE TABLE triggers (
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
  decided_by VARCHAR(64) NOT NULL
);
CREATE INDEX triggers_of_dag ON triggers (domain, dag_id, id);
CREATE INDEX triggers_by_lookup ON triggers (kind, lookup, id);
CREATE INDEX triggers_of_kind ON triggers (kind, enabled, id);
CREATE INDEX triggers_due ON triggers (enabled, next_fire_at, id);
CREATE INDEX triggers_upcoming ON triggers (domain, enabled, next_fire_at, id);
CREATE INDEX triggers_by_owner ON triggers (domain, owner, id);

CREATE TABLE firings (
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
  ended_at BIGINT
);
CREATE UNIQUE INDEX firings_by_key ON firings (firing_key);
CREATE INDEX firings_due ON firings (status, due_at, id);
CREATE INDEX firings_of_trigger ON firings (trigger_id, id);
CREATE INDEX firings_of_trigger_by_status ON firings (trigger_id, status, order_key, id);
CREATE INDEX firings_of_domain ON firings (domain, status, id);
CREATE INDEX firings_of_group ON firings (group_id, status, id);
CREATE INDEX firings_ended ON firings (ended_at, id);
`,
  },
  {
    version: 5,
    sql: `
CREATE TABLE installation (
  one BIGINT NOT NULL PRIMARY KEY,
  id VARCHAR(64) NOT NULL
);
`,
  },
  {
    version: 6,
    sql: `
CREATE TABLE saved_inputs (
  trigger_id VARCHAR(64) NOT NULL,
  name VARCHAR(255) NOT NULL,
  domain VARCHAR(64) NOT NULL,
  data MEDIUMTEXT NOT NULL,
  created_by VARCHAR(255) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (trigger_id, name)
);
`,
  },
  { version: 7, sql: 'ALTER TABLE firings ADD COLUMN counted INT NOT NULL DEFAULT 0;' },
  {
    version: 8,
    sql: `
CREATE TABLE audit_records (
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
  PRIMARY KEY (domain, sequence)
);
CREATE UNIQUE INDEX audit_records_by_id ON audit_records (id);
CREATE INDEX audit_records_by_principal ON audit_records (domain, principal, sequence);
CREATE INDEX audit_records_by_action ON audit_records (domain, action, sequence);
CREATE INDEX audit_records_by_object ON audit_records (domain, object_id, sequence);

CREATE TABLE audit_heads (
  domain VARCHAR(64) NOT NULL PRIMARY KEY,
  sequence BIGINT NOT NULL,
  hash VARCHAR(64) NOT NULL,
  base_sequence BIGINT NOT NULL,
  base_hash VARCHAR(64) NOT NULL,
  key_id VARCHAR(64) NOT NULL,
  seal VARCHAR(64) NOT NULL,
  told BIGINT NOT NULL
);

CREATE TABLE audit_journal (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  owner VARCHAR(64) NOT NULL,
  abandoned_at BIGINT NOT NULL,
  entry MEDIUMTEXT NOT NULL
);
CREATE INDEX audit_journal_abandoned ON audit_journal (abandoned_at, id);
`,
  },
  {
    version: 9,
    sql: `
CREATE TABLE files (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  domain VARCHAR(64) NOT NULL,
  principal VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  content_type VARCHAR(255) NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX files_of_principal ON files (domain, principal, id);
CREATE INDEX files_by_expiry ON files (expires_at, id);
`,
  },
];

/** The file and its steps together, for backup and doctor. */
export const RELATIONAL = { file: RELATIONAL_FILE, migrations: RELATIONAL_MIGRATIONS };
