/** Events that wait to be told, written with the rows of what they tell of. */
export const EVENTS_SCHEMA = `
CREATE TABLE events (
  id TEXT PRIMARY KEY,
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_age ON events (at_ms);
`;
