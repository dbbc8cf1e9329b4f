import type { Instance as InstanceShape, Task as TaskShape, Whole } from '@flow/client';
import type { ServiceClient } from './service.client';

export type Instance = Whole<InstanceShape>;
export type Task = Whole<TaskShape>;

const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled'] satisfies Instance['status'][];
const TASK_ENDED: readonly string[] = ['succeeded', 'failed', 'skipped', 'cancelled'] satisfies Task['status'][];
const PAGE = 200;

export const hasEnded = ({ status }: Pick<Instance, 'status'>): boolean => ENDED.includes(status);
export const taskHasEnded = ({ status }: Pick<Task, 'status'>): boolean => TASK_ENDED.includes(status);

/** How long it took, or has taken until now; undefined before it started. */
export function lastedMs(of: Pick<Task, 'startedAt' | 'endedAt'>, nowMs = Date.now()): number | undefined {
  if (of.startedAt === null) return undefined;
  return Math.max(0, (of.endedAt === null ? nowMs : Date.parse(of.endedAt)) - Date.parse(of.startedAt));
}

export async function readInstance(client: ServiceClient, id: string, signal?: AbortSignal): Promise<Instance> {
  return (await client.ask('GET /instances/{id}', { path: { id } }, signal && { signal })) as Instance;
}

interface TaskPage {
  readonly tasks: readonly Task[];
  readonly next: string | null;
}

/** The tasks of a run that goes on, read again and again: a page of tasks that have all ended is not asked for twice. */
export class TaskPages {
  private pages: TaskPage[] = [];

  constructor(
    private readonly client: ServiceClient,
    private readonly id: string,
  ) {}

  /** All tasks, in the order of their turns. */
  async read(signal?: AbortSignal): Promise<readonly Task[]> {
    for (let at = 0, cursor: string | null | undefined; cursor !== null; at += 1) {
      const known = this.pages[at];
      if (typeof known?.next === 'string' && known.tasks.every(taskHasEnded)) cursor = known.next;
      else {
        const page = await this.page(cursor, signal);
        // Rows that grew make a page shorter; those behind it then begin elsewhere.
        if (known?.next !== page.next) this.pages.length = at;
        this.pages[at] = page;
        cursor = page.next;
      }
    }
    return this.pages.flatMap(({ tasks }) => tasks);
  }

  private async page(cursor: string | undefined, signal?: AbortSignal): Promise<TaskPage> {
    const { items, nextCursor } = await this.client.ask(
      'GET /instances/{id}/tasks',
      { path: { id: this.id }, query: { limit: PAGE, ...(cursor !== undefined && { cursor }) } },
      signal && { signal },
    );
    return { tasks: items as readonly Task[], next: nextCursor };
  }
}
