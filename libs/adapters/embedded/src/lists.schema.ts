/**
 * The indexes of DAGs hold `deleted_at` too: SQLite reads it from them although they hold only rows where it is null, and otherwise opened
 * each row that a filter looked at.
 *
 * Labels of instances beside what lists ask for together with them: a list by label reads one range of one index a status, whatever else it
 * asks for. Without it a label that many have and a status that few have were looked for row by row.
 */
export const LISTS_SCHEMA = `
DROP INDEX dags_by_created;
DROP INDEX dags_by_updated;
DROP INDEX dags_by_title;
DROP INDEX dags_by_status;
DROP INDEX dags_by_trigger;
DROP INDEX dags_by_creator;
CREATE INDEX dags_by_created ON dags (domain, created_at, id, status, trigger_kind, created_by, title_folded, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_updated ON dags (domain, updated_at, id, status, trigger_kind, created_by, title_folded, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_title ON dags (domain, title_folded, id, status, trigger_kind, created_by, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_status ON dags (domain, status, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_trigger ON dags (domain, trigger_kind, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_creator ON dags (domain, created_by, deleted_at) WHERE deleted_at IS NULL;

ALTER TABLE instance_labels RENAME TO instance_labels_before;
CREATE TABLE instance_labels (
  domain TEXT NOT NULL,
  label TEXT NOT NULL,
  status INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  id TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  no INTEGER NOT NULL,
  PRIMARY KEY (domain, label, status, created_ms, id)
) STRICT, WITHOUT ROWID;
INSERT INTO instance_labels
  SELECT l.domain, l.label, i.status, l.created_ms, l.id, i.dag_id, l.no
  FROM instance_labels_before l JOIN instances i ON i.no = l.no
  ORDER BY 1, 2, 3, 4, 5;
DROP TABLE instance_labels_before;
CREATE INDEX instance_labels_by_dag ON instance_labels (domain, dag_id, label, status, created_ms, id, no);
`;
