import type { Json } from '@flow/kernel';
import { CommandFailed, EXIT } from './command.errors';
import type { DebugSession, Stop } from './debug.session';
import { callLines, ranLines, setupLines, stopLines, tellStop } from './debug.state';
import { tasksNamed, valueText } from './instance.command';
import { hasEnded, type Task } from './instance.reader';
import { Leaving } from './leaving';
import { askLine, type Input } from './prompt';
import { treeText } from './run.follow';
import { treeOf } from './run.tree';
import { ServiceRefused } from './service.errors';
import type { Terminal } from './terminal';

const HELP = [
  '  step          let the next step begin (s; Enter repeats the last step or continue)',
  '  continue      go on to the next breakpoint or the end (c)',
  '  show          where it stands, and how it was started',
  '  show <step>   what a step was given, and its output: an id, or a path such as each[3]/fetch (p)',
  '  tasks         all steps so far (t)',
  '  calls         of a dry run: the calls with an effect that would have been made',
  '  leave         let it stand, and go; flowctl debug attach comes back (Ctrl-C)',
  '  quit          cancel it, and go (q, Ctrl-D)',
];
const SHORT: Readonly<Record<string, string>> = {
  s: 'step',
  n: 'step',
  next: 'step',
  c: 'continue',
  p: 'show',
  t: 'tasks',
  q: 'quit',
  h: 'help',
  '?': 'help',
};

interface Surface {
  readonly input: Input;
  readonly output: NodeJS.WritableStream;
}

/** A person at a terminal leads a debug run from stop to stop. Everything is told on the error output, but for its result. */
export class DebugConsole {
  private last = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly session: DebugSession,
    private readonly title: string,
    private readonly surface: Surface,
  ) {}

  /** To the end of the run, or until one leaves; gives the exit code. @throws Interrupted on Ctrl-C */
  async lead(timeoutMs?: number): Promise<number> {
    let stop = await this.stopped(timeoutMs);
    while (!hasEnded(stop.instance)) {
      const [command, ...rest] = await this.asked();
      if (command === 'leave') {
        this.terminal.tell(`It stands until it expires. Back to it: flowctl debug attach ${this.session.id}`);
        return EXIT.done;
      }
      try {
        stop = await this.carryOut(command ?? '', rest.join(' '), stop);
      } catch (error) {
        // What cannot be done just now is no end of it; a run that is gone is.
        if (!(error instanceof CommandFailed) || error.exitCode > 128) throw error;
        if (error instanceof ServiceRefused && error.status === 404) throw error;
        this.terminal.tell(error.message);
      }
    }
    return tellStop(this.terminal, this.session, { ...stop, fresh: [] }, { title: this.title });
  }

  private async carryOut(command: string, argument: string, stop: Stop): Promise<Stop> {
    const { terminal, session } = this;
    switch (command) {
      case '':
        return stop;
      case 'step':
      case 'continue':
        this.last = command;
        await session[command]();
        return this.stopped();
      case 'quit':
        await session.cancel();
        return this.stopped();
      case 'show':
        await this.show(argument, stop);
        return stop;
      case 'tasks':
        for (const line of treeText(terminal, treeOf(stop.tasks))) terminal.tell(line);
        return stop;
      case 'calls':
        for (const line of callLines(await session.heldCalls(stop))) terminal.tell(line);
        return stop;
      default:
        if (command !== 'help') terminal.tell(`There is no "${command}". What there is:`);
        for (const line of HELP) terminal.tell(line);
        return stop;
    }
  }

  private async show(name: string, { instance, tasks }: Stop): Promise<void> {
    const { terminal } = this;
    if (name === '') {
      for (const line of [...stopLines(instance), ...setupLines(instance)]) terminal.tell(line);
      return;
    }
    for (const task of tasksNamed(tasks, name)) {
      for (const line of treeText(terminal, treeOf([task]))) terminal.tell(line);
      const { input, output, error } = await this.session.whole(task);
      const values: [string, unknown][] = [['input', input], error ? ['error', error] : ['output', output]];
      for (const [label, value] of values)
        terminal.tell(`${terminal.paintTold('dim', label)} ${valueText(value as Json)}`);
    }
  }

  /** Where it stops next, told. */
  private async stopped(timeoutMs?: number): Promise<Stop> {
    const { terminal } = this;
    const stop = await this.session.stopped({ timeoutMs, ...noticesOn(terminal) });
    for (const line of ranLines(terminal, stop.fresh)) terminal.tell(line);
    if (!hasEnded(stop.instance)) for (const line of stopLines(stop.instance)) terminal.tell(line);
    return stop;
  }

  /** The words of a command; the end of the input is one that quits. */
  private async asked(): Promise<string[]> {
    const leaving = new Leaving();
    const { input, output } = this.surface;
    try {
      const [word = this.last, ...rest] = (await askLine('debug> ', input, output, leaving.signal))
        .split(/\s+/)
        .filter((part) => part !== '');
      return [SHORT[word] ?? word, ...rest];
    } catch (error) {
      const { why } = leaving;
      output.write('\n');
      if (why && why !== 'timeout') throw this.session.left(why);
      if (error instanceof CommandFailed) return ['quit'];
      throw error;
    } finally {
      leaving.forget();
    }
  }
}

/** What is told while a run does not come to a stop. */
export function noticesOn(terminal: Terminal): { onWait: (task: Task) => void; onAway: () => void } {
  return {
    onWait: ({ path, waitingFor }) =>
      terminal.tell(`${path} waits (${(waitingFor as Task['waitingFor'] | undefined)?.kind ?? 'for something'}).`),
    onAway: () => terminal.tell('The service does not answer; trying on.'),
  };
}
