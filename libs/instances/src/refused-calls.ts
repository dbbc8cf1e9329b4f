import type { DomainId, InstanceId, JsonObject } from '@flow/kernel';
import type { InstanceStore } from './instance.store';
import type { TaskLogWriter } from './task-log.writer';

/** Why a call of a callback's address was refused, though it is an address of this service. */
export type RefusedBecause = 'answered' | 'task_ended' | 'attempt_over' | 'instance_ended';

const WORDS: Readonly<Record<RefusedBecause, string>> = {
  answered: 'its step has its answer already',
  task_ended: 'its step has ended',
  attempt_over: 'its attempt is over, and another one waits or is to come',
  instance_ended: 'the instance has ended',
};

/** A call that somebody made and that was not taken. Nothing of what it brought is kept. */
export interface RefusedCall {
  readonly domain: DomainId;
  readonly instance: InstanceId;
  readonly path: string;
  readonly attempt: number;
  readonly what: 'answer' | 'progress' | 'continuation';
  readonly because: RefusedBecause;
  /** The address that it came from, or who asked on the private API. */
  readonly from: string | undefined;
}

/** Calls of a task that get a line each; behind them every doubling of their number gets one. */
export const LINES_EACH = 20;
/** Tasks whose calls are counted at a time; what is forgotten counts anew. */
const MOST_COUNTED = 10_000;
const TASKS_A_READ = 200;
const MOST_LOOKED_THROUGH = 1_000;

/**
 * Shows late and double calls of callbacks to those who look at the instance: lines in its log, among those of its task, and so within that one's limit. Whoever
 * has an address and calls it for ever makes a handful of lines.
 */
export class RefusedCalls {
  private readonly counts = new Map<string, { calls: number; told: number }>();

  constructor(
    private readonly store: InstanceStore,
    private readonly lines: TaskLogWriter,
    /** Resolves when what stands in the log by then is in the rows. */
    private readonly rowsStand: () => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Never rejects: that a call is refused does not wait for it. */
  async note(call: RefusedCall): Promise<void> {
    const key = `${call.instance} ${call.path}`;
    const count = this.counts.get(key) ?? { calls: 0, told: 0 };
    if (this.counts.size > MOST_COUNTED) this.counts.clear();
    this.counts.set(key, count);
    count.calls += 1;
    if (count.calls > LINES_EACH && Math.log2(count.calls / LINES_EACH) % 1 !== 0) return;
    const calls = count.calls - count.told;
    count.told = count.calls;
    try {
      await this.tell(call, calls);
    } catch (error) {
      this.onFault(error);
    }
  }

  private async tell(
    { domain, instance, path, attempt, what, because, from }: RefusedCall,
    calls: number,
  ): Promise<void> {
    await this.rowsStand();
    // One that was removed gets no lines any more.
    if (!(await this.store.find(domain, instance))) return;
    const task = await this.taskAt(domain, instance, path);
    const more = calls > 1 ? `, and ${calls - 1} more since the last line` : '';
    const fields: JsonObject = { what, because, calls, ...(from !== undefined && { from }) };
    this.lines.note(domain, instance, {
      kind: 'refused',
      level: 'warn',
      message: `A call of its callback address was refused${more}: ${WORDS[because]}.`,
      fields,
      taskId: task?.id ?? '',
      stepId: task?.stepId ?? '',
      path,
      attempt,
    });
  }

  /** Tasks of iterations that are over may be gone, and behind thousands nobody looks: then the path tells which it was. */
  private async taskAt(domain: DomainId, instance: InstanceId, path: string) {
    let cursor: string | null | undefined;
    for (let looked = 0; cursor !== null && looked < MOST_LOOKED_THROUGH; looked += TASKS_A_READ) {
      const page = await this.store.tasks(domain, instance, {
        limit: TASKS_A_READ,
        ...(cursor !== undefined && { cursor }),
      });
      const found = page.items.find((task) => task.path === path);
      if (found) return found;
      cursor = page.nextCursor;
    }
    return undefined;
  }
}
