/** What became of DAGs and not everybody who has to has heard of; written with the rows of the DAG. They are told on a topic of
 * their own. */
export const DAG_FACTS_SCHEMA = `
CREATE TABLE dag_facts (
  domain TEXT NOT NULL,
  id TEXT NOT NULL,
  fact TEXT NOT NULL,
  PRIMARY KEY (domain, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_topic ON events (topic, id);
`;
