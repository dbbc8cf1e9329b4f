import type { DomainId, InstanceId, JsonObject } from '@flow/kernel';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * `line` is what an operator logged, `refused` a call of its callback address that was not taken. `full` is a task's last one: what came behind it was not
 * kept. `lost` stands where lines could not be written in time.
 */
export type LogLineKind = 'line' | 'refused' | 'full' | 'lost';

/** One line of a task's log, as the API shows it. */
export interface LogLine {
  /** Its number among all lines of the instance: from 1, without a gap. */
  readonly seq: number;
  readonly kind: LogLineKind;
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: JsonObject;
  readonly taskId: string;
  readonly stepId: string;
  readonly path: string;
  readonly attempt: number;
}

/** A line on its way to the store; `bytes` is what counts for its task's limit. */
export interface KeptLine {
  readonly domain: DomainId;
  readonly instance: InstanceId;
  readonly bytes: number;
  readonly line: LogLine;
}

/** How much of one task's log stands. */
export interface TaskLogSize {
  readonly lines: number;
  readonly bytes: number;
  /** Its last line says that it is full. */
  readonly full: boolean;
}

export interface TaskLogLimits {
  /** Lines of one task, all its attempts together. */
  readonly lines: number;
  /** Bytes of one task's lines as JSON. */
  readonly bytes: number;
}
