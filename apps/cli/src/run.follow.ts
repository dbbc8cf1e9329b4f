import type { Instance, InstanceStatus, Task, TaskStatus } from '@flow/instances';
import { setTimeout as pause } from 'node:timers/promises';
import { bar, columns, timeText } from './layout';
import type { ServiceClient } from './service.client';
import type { Style, Terminal } from './terminal';

const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 1_000;
/** As many tasks as one page has; a run with more is followed by its bar alone. */
const MOST_TASKS = 200;

const ENDED: readonly InstanceStatus[] = ['succeeded', 'failed', 'cancelled'];
const TASK_ENDED: readonly TaskStatus[] = ['succeeded', 'failed', 'skipped', 'cancelled'];

const STYLE_OF: Readonly<Partial<Record<TaskStatus, Style>>> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'red',
  retrying: 'yellow',
  running: 'cyan',
  waiting: 'cyan',
  skipped: 'dim',
};

/** Asks until the run has ended, ever more rarely while nothing happens, and shows what happens. Rejects once `left` is aborted. */
export async function follow(
  client: ServiceClient,
  terminal: Terminal,
  id: string,
  left: AbortSignal,
): Promise<Instance> {
  const said = new Set<string>();
  let before = '';
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const instance = (await client.get(`/instances/${id}`)) as Instance;
    const tasks = instance.progress.total > MOST_TASKS ? [] : await tasksOf(client, id);
    const hasEnded = ENDED.includes(instance.status);
    if (terminal.isLive && !hasEnded) terminal.draw(picture(terminal, instance, tasks));
    sayEnded(terminal, tasks, said, hasEnded || !terminal.isLive);
    if (hasEnded) return instance;
    const now = JSON.stringify([instance.status, instance.progress, tasks.map(({ status }) => status)]);
    pauseMs = now === before ? Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5) : FIRST_PAUSE_MS;
    before = now;
    await pause(pauseMs, undefined, { signal: left });
  }
}

async function tasksOf(client: ServiceClient, id: string): Promise<readonly Task[]> {
  return ((await client.get(`/instances/${id}/tasks?limit=${MOST_TASKS}`)) as { items: readonly Task[] }).items;
}

function picture(terminal: Terminal, { status, progress, startedAt }: Instance, tasks: readonly Task[]): string[] {
  const since = startedAt === null ? '' : timeText(Date.now() - Date.parse(startedAt));
  return [
    ...lines(terminal, tasks),
    `${bar(progress.done, progress.total)} ${progress.done} of ${progress.total} steps, ${status} ${since}`.trimEnd(),
  ];
}

/** A line for each task that ended and was not told yet; these stay. */
function sayEnded(terminal: Terminal, tasks: readonly Task[], said: Set<string>, now: boolean): void {
  if (!now) return;
  const fresh = tasks.filter(({ id, status }) => TASK_ENDED.includes(status) && !said.has(id));
  for (const { id } of fresh) said.add(id);
  const all = lines(terminal, tasks);
  tasks.forEach((task, i) => {
    if (fresh.includes(task)) terminal.tell(all[i]);
  });
}

function lines(terminal: Terminal, tasks: readonly Task[]): string[] {
  return columns(
    tasks.map(({ status, path, stepId, operator, startedAt, endedAt, attempt }) => [
      terminal.paintTold(STYLE_OF[status] ?? 'dim', status.padEnd(9)),
      path || stepId,
      terminal.paintTold('dim', operator),
      (startedAt && endedAt ? timeText(Date.parse(endedAt) - Date.parse(startedAt)) : '') +
        (attempt > 1 ? ` (attempt ${attempt})` : ''),
    ]),
  );
}
