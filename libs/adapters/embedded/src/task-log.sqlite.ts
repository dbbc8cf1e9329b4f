import { isUniqueViolation, type Database } from '@flow/adapters/sqlite';
import { LineNumberTaken, TaskLog, type KeptLine, type LogLine, type TaskLogSize } from '@flow/instances';
import type { DomainId, InstanceId } from '@flow/kernel';

const PAGE_CHARACTERS = 256 * 1024;
/** Lines that one step removes; the longest have 16 KiB. */
const LINES_A_PURGE = 500;

/** Refused unless the line before it stands. */
const ADD = `INSERT INTO task_lines (instance, seq, domain, task, is_full, bytes, doc) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
  WHERE ?2 = 1 OR EXISTS (SELECT 1 FROM task_lines WHERE instance = ?1 AND seq = ?2 - 1)`;
const PURGE = `DELETE FROM task_lines WHERE instance = ?1 AND seq <=
  (SELECT max(seq) FROM (SELECT seq FROM task_lines WHERE instance = ?1 ORDER BY seq LIMIT ?2))`;
const READ = 'SELECT seq, doc FROM task_lines WHERE instance = ? AND domain = ? AND seq > ? ORDER BY seq LIMIT ?';
const READ_TASK = `SELECT l.seq, l.doc FROM task_lines i INDEXED BY task_lines_by_task
  JOIN task_lines l ON l.instance = i.instance AND l.seq = i.seq
  WHERE i.instance = ?1 AND i.task = ?5 AND i.seq > ?3 AND l.domain = ?2 ORDER BY i.seq LIMIT ?4`;

/** Lines of tasks in `documents.db` (`task-log.schema.ts`). An append is one transaction that does not wait for the disk. */
export class SqliteTaskLog extends TaskLog {
  constructor(private readonly db: Database) {
    super();
  }

  override async append(lines: readonly KeptLine[]): Promise<void> {
    if (lines.length === 0) return;
    this.db.transaction('tasklog.append', () => lines.forEach((line) => this.add(line)), { flush: 'later' });
  }

  override async head(instance: InstanceId): Promise<number> {
    const row = this.db.get('SELECT max(seq) AS head FROM task_lines WHERE instance = ?', instance);
    return Number(row?.head ?? 0);
  }

  override async sizeOf(instance: InstanceId, taskId: string): Promise<TaskLogSize> {
    const row = this.db.get(
      `SELECT count(*) AS lines, sum(bytes) AS bytes, max(is_full) AS is_full
       FROM task_lines INDEXED BY task_lines_by_task WHERE instance = ? AND task = ?`,
      instance,
      taskId,
    );
    return { lines: Number(row?.lines ?? 0), bytes: Number(row?.bytes ?? 0), full: row?.is_full === 1 };
  }

  override async purge(instances: readonly InstanceId[]): Promise<boolean> {
    return this.db.transaction(
      'tasklog.purge',
      () => {
        let left = LINES_A_PURGE;
        for (const instance of instances) {
          left -= this.db.run(PURGE, instance, left).changes;
          if (left === 0) return false;
        }
        return true;
      },
      { flush: 'later' },
    );
  }

  override async read(
    domain: DomainId,
    instance: InstanceId,
    after: number,
    limit: number,
    taskId?: string,
  ): Promise<readonly LogLine[]> {
    const rows =
      taskId === undefined
        ? this.db.all(READ, instance, domain, after, limit)
        : this.db.all(READ_TASK, instance, domain, after, limit, taskId);
    const lines: LogLine[] = [];
    let characters = 0;
    for (const { seq, doc } of rows) {
      if (characters > PAGE_CHARACTERS) break;
      const text = String(doc);
      characters += text.length;
      lines.push({ seq: Number(seq), ...(JSON.parse(text) as Omit<LogLine, 'seq'>) });
    }
    return lines;
  }

  private add({ instance, domain, bytes, line }: KeptLine): void {
    const { seq, ...rest } = line;
    const doc = JSON.stringify(rest);
    try {
      const isFull = line.kind === 'full' ? 1 : 0;
      if (this.db.run(ADD, instance, seq, domain, line.taskId, isFull, bytes, doc).changes === 1) return;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const standing = this.db.get('SELECT doc FROM task_lines WHERE instance = ? AND seq = ?', instance, seq);
      if (standing?.doc === doc) return;
      throw new LineNumberTaken(instance, seq);
    }
    throw new LineNumberTaken(instance, seq);
  }
}
