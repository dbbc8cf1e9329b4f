import type { AuditResult, AuditedCommand } from './audit-record';

/** A command that is to have a record, from before it is carried out until that record stands. */
export interface JournalEntry {
  readonly command: AuditedCommand;
  /** null until it is known. */
  readonly result: AuditResult | null;
  /** The process that carries it out. */
  readonly owner: string;
  /** From then on that process does not carry it out any more, and has died if it has not said what came of it. */
  readonly abandonedAt: Date;
}

/** Commands that are to have a record and have none yet. What stands here survives every death: a process that dies leaves it to the others. */
export abstract class AuditJournal {
  /**
   * They stand when it resolves. Nothing that is written afterwards is durable while these are not: where they and the effect of
   * their commands go to one log, the disk need not be waited for here.
   */
  abstract add(entries: readonly JournalEntry[]): Promise<void>;
  /** Their records stand. Unknown ids change nothing. */
  abstract remove(ids: readonly string[]): Promise<void>;
  /** Those that nobody else will finish: their time is over, or their process, not `owner`, is known to be dead. The oldest first. */
  abstract abandoned(owner: string, now: Date, limit: number): Promise<readonly JournalEntry[]>;
}

/** All that they do goes through the log of instances, which is flushed before anything comes of it. */
const OF_INSTANCES: ReadonlySet<string> = new Set([
  'dag.run',
  'instance.cancel',
  'instance.pause',
  'instance.resume',
  'instance.retry',
]);

/** Whether the effects of all of these flush what was written before them, where both are in one file. */
export function areFlushedByTheirEffects(entries: readonly JournalEntry[]): boolean {
  return entries.every(({ command, result }) => result !== null || OF_INSTANCES.has(command.action));
}
