import type { Database } from '@flow/adapters/sqlite';
import type { Task } from '@flow/instances';
import { decodeCursor, encodeCursor, type Page, type PageRequest } from '@flow/kernel';
import { openRows } from './page-rows';

const PUT_TASK = `INSERT INTO tasks (instance, id, seq, doc) VALUES (?, ?, ?, ?)
  ON CONFLICT (instance, id) DO UPDATE SET seq = excluded.seq, doc = excluded.doc WHERE seq < excluded.seq`;
const PUT_SHORT_RUN = 'INSERT INTO short_runs (instance, tasks) VALUES (?, ?)';
const GET_SHORT_RUN = 'SELECT tasks FROM short_runs WHERE instance = ?';
/** Such a row is read as a whole, also for one task of it. */
const SHORT_RUN_TASKS = 200;
const SHORT_RUN_CHARACTERS = 128 * 1024;

/** The tasks of instances, by the number of their instance: a row each, or one row for all of a run that was written at once. */
export class TaskRows {
  constructor(private readonly db: Database) {}

  /** A row that is not newer than what stands changes nothing. */
  put(instance: number, seq: number, tasks: readonly Task[]): void {
    for (const task of tasks) this.db.run(PUT_TASK, instance, task.id, seq, JSON.stringify(task));
  }

  /** All tasks of a run that has ended and of which no row stood before. What is asked for across runs (who waits) stays a row of its own. */
  putWhole(instance: number, seq: number, tasks: readonly Task[]): void {
    const fits = tasks.length <= SHORT_RUN_TASKS && !tasks.some(({ waitingFor }) => waitingFor);
    const text = fits ? JSON.stringify(tasks.toSorted(byId)) : undefined;
    if (text === undefined || text.length > SHORT_RUN_CHARACTERS) this.put(instance, seq, tasks);
    else if (tasks.length > 0) this.db.run(PUT_SHORT_RUN, instance, text);
  }

  page(instance: number, { cursor, limit, count }: PageRequest): Page<Task> {
    const [after] = cursor === undefined ? [''] : decodeCursor(cursor, ['string']);
    const whole = this.whole(instance);
    const { items, goOnBehind } = whole
      ? pageOf(whole, String(after), limit)
      : this.pageOfRows(instance, String(after), limit);
    return {
      items,
      nextCursor: goOnBehind === undefined ? null : encodeCursor([goOnBehind]),
      ...(count && { total: whole?.length ?? this.count(instance) }),
    };
  }

  find(instance: number, id: string): Task | undefined {
    const whole = this.whole(instance);
    if (whole) return whole.find((task) => task.id === id);
    const doc = this.doc(instance, id);
    return doc === undefined ? undefined : (JSON.parse(doc) as Task);
  }

  private pageOfRows(instance: number, after: string, limit: number): TaskPage {
    const ids = this.db
      .all('SELECT id FROM tasks WHERE instance = ? AND id > ? ORDER BY id LIMIT ?', instance, after, limit + 1)
      .map((row) => String(row.id));
    const { docs, goOnBehind } = openRows(ids, limit, (id) => this.doc(instance, id));
    return { items: docs.map((doc) => JSON.parse(doc) as Task), goOnBehind };
  }

  private whole(instance: number): readonly Task[] | undefined {
    const row = this.db.get(GET_SHORT_RUN, instance);
    return row && (JSON.parse(String(row.tasks)) as Task[]);
  }

  private doc(instance: number, id: string): string | undefined {
    const row = this.db.get('SELECT doc FROM tasks WHERE instance = ? AND id = ?', instance, id);
    return row && String(row.doc);
  }

  private count(instance: number): number {
    return Number(this.db.get('SELECT count(*) AS n FROM tasks WHERE instance = ?', instance)?.n);
  }
}

interface TaskPage {
  readonly items: readonly Task[];
  /** The id to go on behind; undefined when nothing follows. */
  readonly goOnBehind: string | undefined;
}

function pageOf(tasks: readonly Task[], after: string, limit: number): TaskPage {
  const left = tasks.filter(({ id }) => id > after);
  const items = left.slice(0, limit);
  return { items, goOnBehind: left.length > limit ? items.at(-1)?.id : undefined };
}

function byId(a: Task, b: Task): number {
  return a.id < b.id ? -1 : 1;
}
