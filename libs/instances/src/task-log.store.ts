import type { DomainId, InstanceId } from '@flow/kernel';
import type { KeptLine, LogLine, TaskLogSize } from './task-log';

/** Another line stands at a number that was to be given, or none before it: whoever numbers reads the head again. */
export class LineNumberTaken extends Error {
  constructor(
    readonly instance: InstanceId,
    seq: number,
  ) {
    super(`Line ${seq} of instance ${instance} is not the next one.`);
    this.name = 'LineNumberTaken';
  }
}

/** The lines that operators log, by instance. They outlive the process; a loss of power may take the last of them. */
export abstract class TaskLog {
  /**
   * Stores lines of any instances, all or none. Numbers of an instance rise by one, or it throws. Repeating is safe: a line that stands
   * already changes nothing; throws LineNumberTaken when another one stands at its number.
   */
  abstract append(lines: readonly KeptLine[]): Promise<void>;

  /** The number of an instance's last line; 0 when it has none. */
  abstract head(instance: InstanceId): Promise<number>;

  abstract sizeOf(instance: InstanceId, taskId: string): Promise<TaskLogSize>;

  /** Removes lines of these instances, as many as one step may take. True when none is left: a line that comes later is their first again. */
  abstract purge(instances: readonly InstanceId[]): Promise<boolean>;

  /** Lines behind a number in order, of one task if it is named; `limit` at most, fewer when they are long (about 256 Ki characters). */
  abstract read(
    domain: DomainId,
    instance: InstanceId,
    after: number,
    limit: number,
    taskId?: string,
  ): Promise<readonly LogLine[]>;
}
