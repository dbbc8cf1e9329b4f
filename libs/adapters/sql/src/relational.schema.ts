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
CREATE TABLE installation (
  one BIGINT NOT NULL PRIMARY KEY,
  id VARCHAR(64) NOT NULL
);
`,
  },
];

/** The file and its steps together, for backup and doctor. */
export const RELATIONAL = { file: RELATIONAL_FILE, migrations: RELATIONAL_MIGRATIONS };
