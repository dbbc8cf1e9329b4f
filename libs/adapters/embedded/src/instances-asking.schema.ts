/**
 * What instances ask of others. Outbox: messages that no one has taken yet. Approvals: one row for each person who may decide, while
 * the step waits. Attempts: the retries of an instance, to find the newest.
 */
export const INSTANCES_ASKING_SCHEMA = `
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  message TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals (
  domain TEXT NOT NULL,
  assignee TEXT NOT NULL,
  task TEXT NOT NULL,
  instance INTEGER NOT NULL,
  PRIMARY KEY (domain, assignee, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_by_task ON approvals (task);

CREATE TABLE attempts (
  root TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (root, attempt, id)
) STRICT, WITHOUT ROWID;
`;
