import { TaskLogSink, type CallSite } from '@flow/instances';
import type { JsonObject } from '@flow/kernel';

/** What the app needs of a log; pino's loggers fit. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Operators' lines in the process log too, each with the task that it belongs to. */
export class LoggedTasks extends TaskLogSink {
  constructor(
    private readonly log: Log,
    private readonly kept: TaskLogSink,
  ) {
    super();
  }

  override write(site: CallSite, level: keyof Log, message: string, fields: JsonObject | undefined): void {
    this.kept.write(site, level, message, fields);
    const { instance, creation, task } = site;
    this.log[level](
      { instance, domain: creation.domain, path: task.path, attempt: task.attempt, ...(fields && { fields }) },
      message,
    );
  }
}
