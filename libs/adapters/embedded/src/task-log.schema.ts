/**
 * Lines of tasks. They may come before the row of their instance, so they name it by its id. What is asked for is columns: an instance
 * from a number on, and one task's lines or their size.
 */
export const TASK_LOG_SCHEMA = `
CREATE TABLE task_lines (
  instance TEXT NOT NULL,
  seq INTEGER NOT NULL,
  domain TEXT NOT NULL,
  task TEXT NOT NULL,
  is_full INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (instance, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_lines_by_task ON task_lines (instance, task, seq, is_full, bytes);
`;
