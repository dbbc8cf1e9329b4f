/**
 * Live instances of DAGs that limit how many run at once: those that have a slot (in the order of their arrival) and those that wait for one (in that of
 * their turn). A row is written, moved and removed with the instance's header, in the same transaction. Instances of older builds have none.
 */
export const SLOTS_SCHEMA = `
CREATE TABLE slots (
  domain TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  key TEXT NOT NULL,
  waits INTEGER NOT NULL,
  turn_ms INTEGER NOT NULL,
  id TEXT NOT NULL,
  priority INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (domain, dag_id, key, waits, turn_ms, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX slots_waited ON slots (domain, dag_id, key) WHERE waits = 1;
`;
