import type { Clock, DomainId, InstanceId, JsonObject } from '@flow/kernel';
import { taskIdOf } from './instance';
import type { LiveEvents } from './live-events';
import { TaskLogSink, type CallSite } from './operator-calls';
import type { KeptLine, LogLevel, LogLine, TaskLogLimits, TaskLogSize } from './task-log';
import { LineNumberTaken, type TaskLog } from './task-log.store';

/** Lines wait this long for others: what a kill -9 can take. */
const WINDOW_MS = 100;
const LINES_A_WRITE = 500;
const PAUSE_AFTER_FAULT_MS = 200;
const LONGEST_MESSAGE = 8_000;
/** Bytes of a line with its fields; larger fields are left out. */
const LARGEST_LINE = 16 * 1024;
/** Bytes that may wait for the store; what comes behind them is lost, and a line says so. */
const MOST_WAITING = 8 * 1024 * 1024;
/** Tasks and instances whose counts are remembered; they are read again when they were forgotten. */
const MOST_KNOWN = 20_000;

type Waiting = Omit<KeptLine, 'line'> & { readonly line: Omit<LogLine, 'seq'> };

/** What one task has written since it is known here, and what of it stands in the store. */
interface Tally {
  lines: number;
  bytes: number;
  full: boolean;
  stored: TaskLogSize | undefined;
}

/**
 * Keeps what operators log: numbers the lines, holds each task to its limit, and stores them in batches off the hot path. A line comes
 * here with its secrets masked. Bounded in memory: neither a task that logs without end nor a store that is away makes it grow.
 */
export class TaskLogWriter extends TaskLogSink {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private readonly lost = new Map<string, { count: number; readonly last: Waiting }>();
  private readonly tallies = new Map<string, Tally>();
  private readonly heads = new Map<InstanceId, number>();
  private readonly callers: { readonly target: number; readonly resolve: () => void }[] = [];
  private taken = 0;
  private written = 0;
  private running = false;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly log: TaskLog,
    private readonly clock: Clock,
    private readonly live: LiveEvents,
    private readonly limits: TaskLogLimits,
    private readonly onFault: (error: unknown) => void,
  ) {
    super();
  }

  /** Bytes that wait for the store. */
  get backlog(): number {
    return this.waitingBytes;
  }

  override write(site: CallSite, level: LogLevel, message: string, fields: JsonObject | undefined): void {
    const taskId = taskIdOf(site.instance, site.task.order);
    if (!this.tallyOf(taskId).full) this.take(taskId, this.entryOf(site, taskId, level, message, fields));
  }

  /** What no operator said of a task, within the same limit. */
  note(domain: DomainId, instance: InstanceId, line: Omit<LogLine, 'seq' | 'at'>): void {
    const { fields, taskId } = line;
    const at = this.clock.now().toISOString();
    this.take(taskId, entry(domain, instance, { ...line, at }, fields ? JSON.stringify(fields).length : 0));
  }

  private take(taskId: string, entry: Waiting): void {
    const tally = this.tallyOf(taskId);
    if (tally.full) return;
    if (this.waitingBytes + entry.bytes > MOST_WAITING) {
      const lost = this.lost.get(taskId);
      if (lost) lost.count += 1;
      else if (this.lost.size < MOST_KNOWN) this.lost.set(taskId, { count: 1, last: entry });
      return;
    }
    tally.lines += 1;
    tally.bytes += entry.bytes;
    // The line that goes beyond is handed on: it becomes the one that says so.
    tally.full = tally.lines > this.limits.lines || tally.bytes > this.limits.bytes;
    this.add(entry);
  }

  /** Resolves when everything that was written before is stored. */
  caughtUp(): Promise<void> {
    if (this.written === this.taken && this.lost.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.callers.push({ target: this.taken, resolve });
      this.start();
    });
  }

  /** Their lines were removed: what comes now is numbered from 1 again. */
  forget(instances: readonly InstanceId[]): void {
    for (const id of instances) this.heads.delete(id);
  }

  /** At the end of the process: waits until all is stored, `withinMs` at most. Gives how many lines are not. */
  async drain(withinMs: number): Promise<number> {
    await new Promise<void>((resolve) => {
      const cancelTimer = this.clock.after(withinMs, resolve);
      void this.caughtUp().then(() => {
        cancelTimer();
        resolve();
      });
    });
    return this.taken - this.written;
  }

  private entryOf(
    { instance, creation, task, step }: CallSite,
    taskId: string,
    level: LogLevel,
    message: string,
    fields: JsonObject | undefined,
  ): Waiting {
    const line = {
      kind: 'line' as const,
      at: this.clock.now().toISOString(),
      level,
      message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}...` : message,
      taskId,
      stepId: step.id,
      path: task.path,
      attempt: task.attempt,
    };
    const { domain } = creation;
    if (fields === undefined) return entry(domain, instance, line);
    const text = JSON.stringify(fields);
    if (text.length > LARGEST_LINE)
      return entry(domain, instance, { ...line, message: `${line.message} (its fields were too large to keep)` });
    // A copy: the operator may go on with its own.
    return entry(domain, instance, { ...line, fields: JSON.parse(text) as JsonObject }, text.length);
  }

  private add(one: Waiting): void {
    this.taken += 1;
    this.waiting.push(one);
    this.waitingBytes += one.bytes;
    if (!this.running) this.cancelTimer ??= this.clock.after(WINDOW_MS, () => this.start());
  }

  private start(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (!this.running) void this.work();
  }

  private async work(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0 || this.lost.size > 0) {
      const portion = this.waiting.splice(0, LINES_A_WRITE);
      if (this.waiting.length === 0) this.tellLost();
      await this.persistently(portion);
      this.written += portion.length;
      for (const { bytes } of portion) this.waitingBytes -= bytes;
      while (this.callers[0] && this.callers[0].target <= this.written) this.callers.shift()?.resolve();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    if (this.tallies.size > MOST_KNOWN) this.tallies.clear();
    if (this.heads.size > MOST_KNOWN) this.heads.clear();
    this.running = false;
  }

  private tellLost(): void {
    for (const { count, last } of this.lost.values()) {
      const message = `${count} ${count === 1 ? 'line was' : 'lines were'} lost here: the log could not be written in time.`;
      this.add(
        entry(last.domain, last.instance, { ...withoutFields(last.line), kind: 'lost', level: 'warn', message }),
      );
    }
    this.lost.clear();
  }

  private async persistently(portion: readonly Waiting[]): Promise<void> {
    let lines: readonly KeptLine[] | undefined;
    for (;;) {
      try {
        lines ??= await this.numbered(portion);
        await this.log.append(lines);
        for (const { instance, line } of lines) this.heads.set(instance, line.seq);
        for (const instance of new Set(lines.map((one) => one.instance))) {
          this.live.published(instance, 'lines');
          this.live.stored(instance, 'lines');
        }
        return;
      } catch (error) {
        if (error instanceof LineNumberTaken || lines === undefined) {
          // Nothing of the portion stands: it is numbered anew, behind what another process wrote.
          if (error instanceof LineNumberTaken) this.heads.delete(error.instance);
          for (const { line } of portion) this.tallyOf(line.taskId).stored = undefined;
          lines = undefined;
        }
        this.onFault(error);
        await new Promise<void>((resolve) => this.clock.after(PAUSE_AFTER_FAULT_MS, resolve));
      }
    }
  }

  /** The lines that fit, with their numbers. */
  private async numbered(portion: readonly Waiting[]): Promise<readonly KeptLine[]> {
    const lines: KeptLine[] = [];
    const next = new Map<InstanceId, number>();
    for (const one of portion) {
      const fitting = await this.fitting(one);
      if (!fitting) continue;
      const { instance } = one;
      const seq = (next.get(instance) ?? this.heads.get(instance) ?? (await this.log.head(instance))) + 1;
      next.set(instance, seq);
      lines.push({ ...fitting, line: { seq, ...fitting.line } });
    }
    return lines;
  }

  private async fitting(one: Waiting): Promise<Waiting | undefined> {
    const { taskId } = one.line;
    const tally = this.tallyOf(taskId);
    const stored = (tally.stored ??= await this.log.sizeOf(one.instance, taskId));
    if (stored.full) {
      tally.full = true;
      return undefined;
    }
    const lines = stored.lines + 1;
    const bytes = stored.bytes + one.bytes;
    const full = lines > this.limits.lines || bytes > this.limits.bytes;
    tally.full ||= full;
    tally.stored = { lines, bytes, full };
    if (!full) return one;
    const message = `The log of this task is full (TASK_LOG_LINES ${this.limits.lines}, TASK_LOG_BYTES ${this.limits.bytes}): what comes behind this line is not kept.`;
    return entry(one.domain, one.instance, { ...withoutFields(one.line), kind: 'full', level: 'warn', message });
  }

  private tallyOf(taskId: string): Tally {
    let tally = this.tallies.get(taskId);
    if (!tally) {
      tally = { lines: 0, bytes: 0, full: false, stored: undefined };
      this.tallies.set(taskId, tally);
    }
    return tally;
  }
}

function entry(domain: DomainId, instance: InstanceId, line: Waiting['line'], fieldBytes = 0): Waiting {
  const { message, path, stepId } = line;
  return { domain, instance, line, bytes: Buffer.byteLength(message) + path.length + stepId.length + fieldBytes + 150 };
}

function withoutFields({ fields: _fields, ...line }: Waiting['line']): Waiting['line'] {
  return line;
}
