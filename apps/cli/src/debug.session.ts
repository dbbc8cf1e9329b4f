import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { CommandFailed, EXIT, Interrupted } from './command.errors';
import { hasEnded, readInstance, taskHasEnded, TaskPages, type Instance, type Task } from './instance.reader';
import { Leaving } from './leaving';
import { Patience } from './patience';
import type { ServiceClient } from './service.client';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** A debug run that has come to a stop or to its end. */
export interface Stop {
  readonly instance: Instance;
  readonly tasks: readonly Task[];
  /** What has ended since it was told last, in the order of the ends. */
  readonly fresh: readonly Task[];
}

/** A call with an effect that a dry run did not make. */
export interface HeldCall {
  readonly path: string;
  readonly operator: string;
  readonly parameters: Json;
}

export interface Staying {
  readonly timeoutMs?: number | undefined;
  /** Told once for each step that keeps the run waiting while nothing runs. */
  readonly onWait: (task: Task) => void;
  readonly onAway: () => void;
}

/** One debug run, from stop to stop. */
export class DebugSession {
  private readonly pages: TaskPages;
  private readonly seen = new Set<string>();

  constructor(
    private readonly client: ServiceClient,
    readonly id: string,
  ) {
    this.pages = new TaskPages(client, id);
  }

  /** What has ended until now is not told as fresh. */
  async skipEnded(): Promise<void> {
    for (const task of await this.pages.read()) if (taskHasEnded(task)) this.seen.add(task.id);
  }

  /** Lets one step begin. @throws ServiceRefused when nothing can */
  async step(): Promise<void> {
    await this.client.ask('POST /instances/{id}/step', { path: { id: this.id } });
  }

  /** Lets it go on to the next breakpoint or its end. */
  async continue(): Promise<void> {
    await this.client.ask('POST /instances/{id}/continue', { path: { id: this.id } });
  }

  async cancel(): Promise<void> {
    await this.client.ask('POST /instances/{id}/cancel', { path: { id: this.id }, body: {} });
  }

  /**
   * Stays until something waits to begin and nothing runs any more, or all is over. @throws Interrupted on Ctrl-C, CommandFailed when the
   * time is up; the run stays as it is
   */
  async stopped({ timeoutMs, onWait, onAway }: Staying): Promise<Stop> {
    const leaving = new Leaving(timeoutMs);
    const { signal } = leaving;
    const patience = new Patience({ signal, onAway });
    const told = new Set<string>();
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5))
        try {
          const stop = await this.look(signal);
          patience.renew();
          if ('fresh' in stop) return stop;
          for (const task of stop.waiting) if (told.size < told.add(task.id).size) onWait(task);
          await pause(pauseMs, undefined, { signal });
        } catch (error) {
          await patience.endure(error);
        }
    } catch (error) {
      const { why } = leaving;
      if (why === 'timeout')
        throw new CommandFailed(`It has not stopped in time; the debug run ${this.id} goes on.`, EXIT.timeout);
      if (why) throw this.left(why);
      throw error;
    } finally {
      leaving.forget();
    }
  }

  /** For one who leaves while it is not over. */
  left(signal: NodeJS.Signals): Interrupted {
    return new Interrupted(signal, `The debug run stays until it expires. Back to it: flowctl debug attach ${this.id}`);
  }

  /** Large values of it stand in their places. */
  async whole(task: Task): Promise<Task> {
    if (!(task as Partial<Task>).large?.length) return task;
    const path = { id: this.id, taskId: task.id };
    return (await this.client.ask('GET /instances/{id}/tasks/{taskId}', { path })) as Task;
  }

  /** What this dry run would have called; pinned outputs are no calls. */
  async heldCalls({ instance, tasks }: Stop): Promise<readonly HeldCall[]> {
    const { debug } = instance as Partial<Instance>;
    if (!debug?.dryRun) return [];
    const calls: HeldCall[] = [];
    for (const task of tasks) {
      if (task.status !== 'succeeded' || debug.pins.includes(task.stepId)) continue;
      const { output } = (await this.whole(task)) as { output: Json };
      if (isHeldCall(output))
        calls.push({ path: task.path, operator: output.operator, parameters: output.parameters ?? null });
    }
    return calls;
  }

  private async look(signal: AbortSignal): Promise<Stop | { readonly waiting: readonly Task[] }> {
    const before = await readInstance(this.client, this.id, signal);
    const tasks = await this.pages.read(signal);
    const instance = await readInstance(this.client, this.id, signal);
    const { held = [] } = (instance as Partial<Instance>).debug ?? {};
    const busy = busyOf(tasks, new Set(held.map(({ path }) => path)));
    const ended = hasEnded(before);
    const isStop = ended || (instance.status === 'paused' && held.length > 0 && busy.length === 0);
    // Steps and run are read one after the other: a stop is what stands still meanwhile.
    if (!isStop || JSON.stringify(before) !== JSON.stringify(instance))
      return { waiting: busy.length === 0 ? tasks.filter(({ status }) => status === 'waiting') : [] };
    const fresh = tasks.filter((task) => taskHasEnded(task) && !this.seen.has(task.id));
    for (const task of fresh) this.seen.add(task.id);
    return { instance, tasks, fresh: inOrderOfEnds(fresh) };
  }
}

/** Of those that ended in one moment, a step that holds others comes behind the last of them; else their turns decide. */
function inOrderOfEnds(tasks: readonly Task[]): readonly Task[] {
  // Ids of one run's steps sort in the order in which their turn came.
  const byTurn = [...tasks].sort((a, b) => (a.id < b.id ? -1 : 1));
  const lastWithin = new Map<string, number>();
  byTurn.forEach(({ path }, turn) => {
    for (const { index } of path.matchAll(/[/[]|$/g)) lastWithin.set(path.slice(0, index), turn);
  });
  const endOf = ({ endedAt }: Task) => Date.parse(endedAt ?? '');
  const lastOf = ({ path }: Task) => lastWithin.get(path) ?? 0;
  return byTurn.sort((a, b) => endOf(a) - endOf(b) || lastOf(a) - lastOf(b) || b.path.length - a.path.length);
}

function isHeldCall(output: Json): output is JsonObject & { readonly operator: string } {
  return (
    isJsonObject(output) && output.dryRun === true && typeof output.operator === 'string' && 'parameters' in output
  );
}

/** Steps at work; one that only holds others is at work through them. */
function busyOf(tasks: readonly Task[], held: ReadonlySet<string>): readonly Task[] {
  const open = tasks.filter((task) => !taskHasEnded(task));
  const paths = [...open.map(({ path }) => path), ...held];
  const holds = ({ path }: Task) => paths.some((one) => one.startsWith(`${path}/`) || one.startsWith(`${path}[`));
  return open.filter((task) => task.status !== 'waiting' && !held.has(task.path) && !holds(task));
}
