import { CommandFailed, EXIT, Interrupted } from './command.errors';
import { lastedMs, taskHasEnded, type Instance } from './instance.reader';
import { bar, columns, padEnd, timeText } from './layout';
import { Leaving } from './leaving';
import { changesOf, type Snapshot } from './run.changes';
import type { SeenTask } from './run.fold';
import { STATUS_STYLES, treeOf, type TreeLine } from './run.tree';
import type { ServiceClient } from './service.client';
import { ServiceAway } from './service.errors';
import type { Terminal } from './terminal';

const REDRAW_MS = 100;
/** Lines that are told one by one do not know how wide the others are. */
const LABEL_WIDTH = 24;

export interface FollowOptions {
  /** Nothing is shown meanwhile. */
  readonly quiet?: boolean;
  /** How long to stay. */
  readonly timeoutMs?: number;
  /** Told first, when Ctrl-C is heard already. */
  readonly greeting?: string;
}

/**
 * Stays with a run to its end: on a terminal a tree that is drawn anew in its place, elsewhere a line for each step that has ended. The
 * run goes on without whoever watches it. @throws Interrupted on Ctrl-C, CommandFailed when the time is up or the service stays away
 */
export async function followRun(
  client: ServiceClient,
  terminal: Terminal,
  id: string,
  { quiet = false, timeoutMs, greeting }: FollowOptions = {},
): Promise<Instance> {
  const leaving = new Leaving(timeoutMs);
  if (greeting !== undefined && !quiet) terminal.tell(greeting);
  const show = quiet ? undefined : new RunDisplay(terminal);
  const goesOn = `the run goes on as instance ${id}`;
  try {
    let last: Instance | undefined;
    const onAway = () => show?.say('The service does not answer; trying on.');
    for await (const snapshot of changesOf(client, id, {
      signal: leaving.signal,
      onAway,
      live: terminal.isLive && !quiet,
    })) {
      last = snapshot.instance;
      show?.update(snapshot);
    }
    if (!last) throw new CommandFailed(`Nothing is known of ${id}.`);
    return last;
  } catch (error) {
    const { why } = leaving;
    if (why === 'timeout') throw new CommandFailed(`It has not ended in time; ${goesOn}.`, EXIT.timeout);
    if (why) throw new Interrupted(why, `No longer watching; ${goesOn}. To end it: flowctl cancel ${id}`);
    if (error instanceof ServiceAway)
      throw new CommandFailed(`${error.message} Once it is back, ${goesOn}.`, error.exitCode);
    throw error;
  } finally {
    show?.close();
    leaving.forget();
  }
}

/** What a person sees of a run that goes on. */
class RunDisplay {
  private readonly told = new Set<string>();
  private snapshot: Snapshot | undefined;
  private readonly clock: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: Terminal) {
    // At a pace that eyes can follow, and also while nothing happens: times go on.
    if (terminal.isLive) this.clock = setInterval(() => this.draw(), REDRAW_MS);
  }

  update(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    if (!this.terminal.isLive) this.tellEnded(snapshot.tasks);
  }

  say(text: string): void {
    this.terminal.tell(text);
  }

  /** On a terminal the tree stays as it was last. */
  close(): void {
    clearInterval(this.clock);
    this.terminal.erase();
    if (!this.terminal.isLive || !this.snapshot) return;
    for (const line of treeText(this.terminal, treeOf(this.snapshot.tasks, this.terminal.rows)))
      this.terminal.tell(line);
  }

  private draw(): void {
    if (!this.snapshot) return;
    const { instance, tasks } = this.snapshot;
    const { done, total } = instance.progress;
    const ms = lastedMs(instance);
    const status = this.terminal.paintTold(STATUS_STYLES[instance.status] ?? 'dim', instance.status);
    this.terminal.draw([
      ...treeText(this.terminal, treeOf(tasks, this.terminal.rows - 1)),
      `${bar(done, total)} ${done} of ${total} steps, ${status}${ms === undefined ? '' : ` ${timeText(ms)}`}`,
    ]);
  }

  private tellEnded(tasks: readonly SeenTask[]): void {
    const fresh = tasks.filter((task) => taskHasEnded(task) && !this.told.has(task.id));
    for (const { id } of fresh) this.told.add(id);
    const flat = fresh.map(
      (task) => ({ ...treeOf([task])[0], label: padEnd(task.path || task.stepId, LABEL_WIDTH) }) as TreeLine,
    );
    for (const line of treeText(this.terminal, flat)) this.terminal.tell(line);
  }
}

/** For the error output. */
export function treeText(terminal: Terminal, lines: readonly TreeLine[]): string[] {
  return columns(
    lines.map(({ status, label, operator, note }) => [
      terminal.paintTold(STATUS_STYLES[status] ?? 'dim', status.padEnd(9)),
      label,
      terminal.paintTold('dim', operator),
      note,
    ]),
  );
}
