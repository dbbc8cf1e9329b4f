import type { Json } from '@flow/kernel';
import { EXIT } from './command.errors';
import type { DebugSession, HeldCall, Stop } from './debug.session';
import { sayValue, valueText } from './instance.command';
import { hasEnded, lastedMs, type Instance, type Task } from './instance.reader';
import { columns, countText, timeText } from './layout';
import { tellOutcome } from './run.command';
import { STATUS_STYLES } from './run.tree';
import type { Terminal } from './terminal';

const LONGEST_OUTPUT = 300;
const MOST_NEXT = 10;

/** What has just ended, each with what came of it; for the error output. */
export function ranLines(terminal: Terminal, tasks: readonly Task[]): string[] {
  const heads = columns(
    tasks.map((task) => [
      terminal.paintTold(STATUS_STYLES[task.status] ?? 'dim', task.status.padEnd(9)),
      task.path || task.stepId,
      terminal.paintTold('dim', task.operator),
      timeText(lastedMs(task) ?? 0) + (task.attempt > 1 ? ` (attempt ${task.attempt})` : ''),
    ]),
  );
  return tasks.flatMap((task, i) => [heads[i] ?? '', ...outputLines(task)]);
}

function outputLines(task: Task): string[] {
  if (task.error) return [`  ${task.error.message} (${task.error.code})`];
  if ((task as Partial<Task>).large?.length) return ['  (large; show it with its path)'];
  if (task.output === null || task.status === 'skipped') return [];
  const text = JSON.stringify(task.output);
  return [`  ${text.length > LONGEST_OUTPUT ? `${text.slice(0, LONGEST_OUTPUT)} ...` : text}`];
}

/** Where it stands, and what comes next. */
export function stopLines({ debug }: Instance): string[] {
  const paths = debug.held.map(({ path }) => path);
  const [next = 'nothing yet', ...others] = paths;
  const more = others.length > MOST_NEXT ? `, and ${others.length - MOST_NEXT} more` : '';
  return [
    debug.pausedAt === null ? 'Paused.' : `Paused at the breakpoint before ${debug.pausedAt}.`,
    `  next  ${next}`,
    ...(others.length > 0 ? [`  then  ${others.slice(0, MOST_NEXT).join(', ')}${more}`] : []),
  ];
}

/** How it was started. */
export function setupLines({ id, input, debug }: Instance): string[] {
  const rows = [
    ['instance', id],
    ['input', JSON.stringify(input)],
    ['breakpoints', debug.breakpoints.join(', ') || 'none'],
    ['pinned', debug.pins.join(', ') || 'nothing'],
    ['dry run', debug.dryRun ? 'yes: nothing is sent out' : 'no'],
    ['until', debug.expiresAt],
  ];
  return columns(rows.map((row) => ['', ...row])).map((line) => line.replace(/^ {2}/, '  '));
}

export function callLines(calls: readonly HeldCall[]): string[] {
  if (calls.length === 0) return ['No call with an effect was reached.'];
  return [
    `It would have made ${countText(calls.length, 'call')} with an effect:`,
    ...calls.flatMap(({ path, operator, parameters }) => [
      `  ${path}  ${operator}`,
      ...valueText(parameters)
        .split('\n')
        .map((line) => `    ${line}`),
    ]),
  ];
}

export interface Telling {
  readonly title: string;
  readonly json?: boolean | undefined;
}

/** The answer of a command that leaves a run at a stop or at its end, and the exit code: a stop is what was asked for. */
export async function tellStop(
  terminal: Terminal,
  session: DebugSession,
  stop: Stop,
  { title, json }: Telling,
): Promise<number> {
  const { instance, tasks } = stop;
  const isOver = hasEnded(instance);
  const isDryRun = (instance as Partial<Instance>).debug?.dryRun === true;
  const code = isOver && instance.status !== 'succeeded' ? EXIT.failed : EXIT.done;
  if (json) {
    terminal.json({ ...instance, tasks, ...(isDryRun && { calls: await session.heldCalls(stop) }) });
    return code;
  }
  for (const line of ranLines(terminal, stop.fresh)) terminal.tell(line);
  if (!isOver) {
    for (const line of stopLines(instance)) terminal.say(line);
    terminal.tell(`Go on with: flowctl debug next ${session.id} (one step), or flowctl debug continue ${session.id}`);
    return code;
  }
  if (!isDryRun) return tellOutcome(terminal, title, instance, {});
  for (const line of callLines(await session.heldCalls(stop))) terminal.say(line);
  if (instance.status === 'succeeded') sayValue(terminal, 'result', instance.result as Json);
  return tellOutcome(terminal, title, instance, { resultIsTold: true });
}
