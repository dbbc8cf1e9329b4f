/**
 * What is told to addresses outside. Deliveries: one row an instance that asked for it, which stays; `next_ms` and `body` are there while
 * it waits. A lane is a host and a business domain. Webhook secrets: what domains sign with, sealed.
 */
export const DELIVERIES_SCHEMA = `
CREATE TABLE deliveries (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  domain TEXT NOT NULL,
  instance TEXT NOT NULL,
  status INTEGER NOT NULL,
  lane TEXT NOT NULL,
  url TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  next_ms INTEGER,
  last_error TEXT,
  body TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_by_instance ON deliveries (domain, instance);
CREATE INDEX deliveries_waiting ON deliveries (lane, next_ms, no) WHERE next_ms IS NOT NULL;

CREATE TABLE dead_letters (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  domain TEXT NOT NULL,
  instance TEXT NOT NULL,
  host TEXT NOT NULL,
  url TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  died_ms INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_time ON dead_letters (domain, died_ms, id);
CREATE INDEX dead_letters_by_host ON dead_letters (domain, host, died_ms, id);
CREATE INDEX dead_letters_by_instance ON dead_letters (domain, instance, died_ms, id);

CREATE TABLE webhook_secrets (
  domain TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  secrets TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
