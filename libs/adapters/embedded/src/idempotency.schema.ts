/** One row a key; the index serves the purge. */
export const IDEMPOTENCY_SCHEMA = `
CREATE TABLE idempotency_keys (
  domain TEXT NOT NULL,
  principal TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  reserved_id TEXT NOT NULL,
  holder TEXT NOT NULL,
  lease_until_ms INTEGER NOT NULL,
  begun_ms INTEGER NOT NULL,
  answer TEXT,
  PRIMARY KEY (domain, principal, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (begun_ms);
`;
