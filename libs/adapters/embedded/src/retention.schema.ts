import { FIRST_ENDED_CODE } from './instances.schema';

/**
 * Ended runs (debug runs have a clock of their own) in the order in which they are asked for when the oldest go. Purged: tombstones of
 * those whose idempotency key may come again. Purging: runs with so many rows that they go in steps; nobody finds them meanwhile.
 */
export const RETENTION_SCHEMA = `
CREATE TABLE ended_runs (
  domain TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  status INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  instance INTEGER NOT NULL,
  parent TEXT,
  PRIMARY KEY (domain, dag_id, status, ended_ms, instance)
) STRICT, WITHOUT ROWID;
INSERT INTO ended_runs
  SELECT domain, dag_id, status, CAST(round(unixepoch(doc ->> '$.endedAt', 'subsec') * 1000) AS INTEGER), no, doc ->> '$.parentId'
  FROM instances
  WHERE status >= ${FIRST_ENDED_CODE} AND no NOT IN (SELECT instance FROM debug_runs)
  ORDER BY 1, 2, 3, 4, 5;

CREATE TABLE purged (
  id TEXT PRIMARY KEY,
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX purged_by_age ON purged (until_ms);

CREATE TABLE purging (
  instance INTEGER PRIMARY KEY
) STRICT;
`;
