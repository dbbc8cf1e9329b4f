/** Commands that are to have an audit record and have none yet (`AuditJournal`), in the file of the instances that they are about. */
export const AUDIT_JOURNAL_SCHEMA = `
CREATE TABLE audit_journal (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  abandoned_ms INTEGER NOT NULL,
  entry TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
