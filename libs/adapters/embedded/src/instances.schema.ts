import type { InstanceStatus } from '@flow/instances';

/** Statuses as numbers: the indexes stay small, and `status < 5` is "has not ended". Stored: never change one. */
export const STATUS_CODE: Readonly<Record<InstanceStatus, number>> = {
  queued: 0,
  running: 1,
  waiting: 2,
  paused: 3,
  cancelling: 4,
  succeeded: 5,
  failed: 6,
  cancelled: 7,
};
export const FIRST_ENDED_CODE = 5;

/**
 * Logs: record n of worker w has the key w * 2^32 + n, so that an append is one insert at the end of one tree.
 *
 * Instances: `doc` is what the API shows, the columns are what is asked for. Both list indexes begin with what every question
 * names and hold the status, so that two serve all filters (a list merges the ranges of its statuses) and a run that is
 * projected once, at its end, is indexed twice and no more. The partial indexes hold live instances alone.
 */
export const INSTANCES_SCHEMA = `
CREATE TABLE workers (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  projected INTEGER NOT NULL DEFAULT 0,
  closed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX workers_unclosed ON workers (no) WHERE closed = 0;

CREATE TABLE log_records (
  key INTEGER PRIMARY KEY,
  sealed INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE instances (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  domain TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  status INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  owner TEXT,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  doc TEXT NOT NULL
) STRICT;
CREATE INDEX instances_by_status ON instances (domain, status, created_ms, id);
CREATE INDEX instances_by_dag ON instances (domain, dag_id, status, created_ms, id);
CREATE INDEX instances_unfinished ON instances (id) WHERE status < ${FIRST_ENDED_CODE};
CREATE INDEX instances_by_owner ON instances (owner) WHERE owner IS NOT NULL;

CREATE TABLE instance_labels (
  domain TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  id TEXT NOT NULL,
  no INTEGER NOT NULL,
  PRIMARY KEY (domain, label, created_ms, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
  instance INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  schema INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;

CREATE TABLE history (
  instance INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  events TEXT NOT NULL,
  PRIMARY KEY (instance, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  instance INTEGER NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (instance, id)
) STRICT, WITHOUT ROWID;
`;
