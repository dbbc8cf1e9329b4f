/**
 * DAGs: narrow rows that lists read, and the versions with their contents. Each sort order has an index that also holds what
 * the filters read, so that a list touches a row only when it shows it; the narrow ones find what few rows have. `seq` is the row
 * that tags and titles point to.
 */
export const DAGS_SCHEMA = `
CREATE TABLE dags (
  seq INTEGER PRIMARY KEY,
  domain TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  title_folded TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  type TEXT NOT NULL,
  tags TEXT NOT NULL,
  labels TEXT NOT NULL,
  priority TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  version TEXT NOT NULL,
  version_row INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  modified_by TEXT NOT NULL,
  revision INTEGER NOT NULL,
  deleted_at TEXT,
  deleted_by TEXT
) STRICT;
CREATE UNIQUE INDEX dags_by_id ON dags (domain, id);
CREATE UNIQUE INDEX dags_by_exact_title ON dags (domain, title) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_created ON dags (domain, created_at, id, status, trigger_kind, created_by, title_folded) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_updated ON dags (domain, updated_at, id, status, trigger_kind, created_by, title_folded) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_title ON dags (domain, title_folded, id, status, trigger_kind, created_by) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_status ON dags (domain, status) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_trigger ON dags (domain, trigger_kind) WHERE deleted_at IS NULL;
CREATE INDEX dags_by_creator ON dags (domain, created_by) WHERE deleted_at IS NULL;

CREATE TABLE dag_versions (
  row INTEGER PRIMARY KEY,
  domain TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  major INTEGER NOT NULL,
  minor INTEGER NOT NULL,
  patch INTEGER NOT NULL,
  version TEXT NOT NULL,
  change_log TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TEXT NOT NULL,
  content TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX dag_versions_by_number ON dag_versions (domain, dag_id, major, minor, patch);

CREATE TABLE dag_tags (
  domain TEXT NOT NULL,
  tag TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (domain, tag, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX dag_tags_by_dag ON dag_tags (seq);

CREATE VIRTUAL TABLE dag_titles USING fts5 (title_folded, content='', contentless_delete=1, tokenize='trigram case_sensitive 1');
`;
