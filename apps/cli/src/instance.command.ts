import { isJsonObject, type Json } from '@flow/kernel';
import { EXIT, UsageWrong } from './command.errors';
import type { ServiceOptions } from './connection';
import { findDag } from './dag.lookup';
import type { Cli } from './installation';
import { lastedMs, readInstance, TaskPages, type Instance, type Task } from './instance.reader';
import { bar, columns, countText, timeText } from './layout';
import { reasonText } from './run.command';
import { STATUS_STYLES, treeOf } from './run.tree';
import { ServiceClient } from './service.client';
import type { Terminal } from './terminal';

export interface InstanceOptions extends ServiceOptions {
  readonly json?: boolean;
}

export interface CancelOptions extends InstanceOptions {
  readonly dag?: string;
  readonly reason?: string;
  readonly compensate?: boolean;
}

const LONGEST_VALUE = 4_000;

/** `flowctl get <instance>`: a run, its steps as a tree, its result or the reason that it failed. */
export async function getCommand(cli: Cli, id: string, options: InstanceOptions & { step?: string }): Promise<number> {
  const { terminal } = cli;
  const client = ServiceClient.of(cli, options);
  const instance = await readInstance(client, id);
  const tasks = await new TaskPages(client, id).read();
  if (options.step !== undefined) return getStep(terminal, tasks, options.step, options);
  if (options.json) {
    terminal.json({ ...instance, tasks });
    return EXIT.done;
  }
  const title = await titleOf(client, instance);
  for (const line of aboutLines(terminal, instance, title)) terminal.say(line);
  terminal.say();
  for (const line of treeLines(terminal, tasks)) terminal.say(line);
  if (instance.status !== 'succeeded') return EXIT.done;
  terminal.say();
  sayValue(terminal, 'result', instance.result as Json);
  return EXIT.done;
}

function getStep(
  terminal: Terminal,
  tasks: readonly Task[],
  step: string,
  { json }: { readonly json?: boolean },
): number {
  const found = tasksNamed(tasks, step);
  if (json) terminal.json(found);
  else
    for (const task of found) {
      for (const line of treeLines(terminal, [task])) terminal.say(line);
      sayValue(terminal, 'input', task.input as Json);
      if (task.error) sayValue(terminal, 'error', task.error as unknown as Json);
      else sayValue(terminal, 'output', task.output as Json);
    }
  return EXIT.done;
}

/** By path, else by the id of the step, which a loop can have many of. @throws UsageWrong that names those there are */
export function tasksNamed(tasks: readonly Task[], step: string): readonly Task[] {
  const exact = tasks.filter(({ path }) => path === step);
  const found = exact.length > 0 ? exact : tasks.filter(({ stepId }) => stepId === step);
  if (found.length > 0) return found;
  const known = [...new Set(tasks.map(({ stepId }) => stepId))].slice(0, 10).join(', ');
  throw new UsageWrong(`This run has no step "${step}". Its steps so far: ${known || 'none'}.`);
}

/** `flowctl history <instance>`: everything that happened, in order. As JSON it is a stream: one line an event. */
export async function historyCommand(cli: Cli, id: string, options: InstanceOptions): Promise<number> {
  const { terminal } = cli;
  const client = ServiceClient.of(cli, options);
  let cursor: string | null | undefined;
  do {
    const query = { limit: 200, ...(cursor && { cursor }) };
    const page: { items: readonly object[]; nextCursor: string | null } = await client.ask(
      'GET /instances/{id}/history',
      { path: { id }, query },
    );
    for (const event of page.items as readonly Readonly<Record<string, Json>>[])
      if (options.json) terminal.jsonLine(event);
      else terminal.say(eventLine(terminal, event));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return EXIT.done;
}

const TOLD: readonly string[] = ['seq', 'at', 'type', 'path', 'stepId', 'taskId', 'attempt'];

function eventLine(terminal: Terminal, event: Readonly<Record<string, Json>>): string {
  const { attempt } = event;
  const rest = Object.entries(event).filter(([name, value]) => !TOLD.includes(name) && value !== null);
  const type = textOf(event.type);
  const parts = [
    terminal.paint('dim', textOf(event.at).replace('T', ' ')),
    textOf(event.seq).padStart(4),
    terminal.paint(STATUS_STYLES[type.split('.').at(-1) ?? ''] ?? 'dim', type.padEnd(20)),
    textOf(event.path),
    ...(typeof attempt === 'number' && attempt > 1 ? [`(attempt ${attempt})`] : []),
    ...rest.map(([name, value]) => detailText(name, value)),
  ];
  return parts.join('  ').trimEnd();
}

/** An error or a reason is a sentence; `get --step` and --json show all of it. */
function detailText(name: string, value: Json): string {
  const { message, code } = isJsonObject(value) ? value : {};
  return typeof message === 'string' ? `${message} (${textOf(code)})` : `${name}=${JSON.stringify(value)}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** `flowctl cancel <instance...>`, or every run of a DAG that has not ended. */
export async function cancelCommand(cli: Cli, ids: readonly string[], options: CancelOptions): Promise<number> {
  const { terminal } = cli;
  if ((ids.length === 0) === (options.dag === undefined))
    throw new UsageWrong('Name instances to cancel, or with --dag a DAG whose runs are all cancelled.');
  const client = ServiceClient.of(cli, options);
  const how = {
    ...(options.reason !== undefined && { reason: options.reason }),
    ...(options.compensate && { compensate: true }),
  };
  const cancelled: string[] = [];
  if (options.dag !== undefined) {
    const dag = await findDag(client, options.dag);
    const { items = [] } = await client.ask('POST /dags/{id}/cancel', {
      path: { id: dag.id },
      body: { all: true, ...how },
    });
    cancelled.push(...items.map(({ id }) => id ?? ''));
  } else
    for (const id of ids) {
      await client.ask('POST /instances/{id}/cancel', { path: { id }, body: how });
      cancelled.push(id);
    }
  if (options.json) terminal.json({ cancelling: cancelled });
  else if (cancelled.length === 0) terminal.say('No run of it goes on.');
  else {
    terminal.say(`Cancelling ${countText(cancelled.length, 'run')}:`);
    for (const id of cancelled) terminal.say(`  ${id}`);
  }
  return EXIT.done;
}

async function titleOf(client: ServiceClient, { dagId }: Instance): Promise<string> {
  const { items = [] } = await client.ask('POST /dags/batch-get', { body: { ids: [dagId], fields: ['title'] } });
  return items[0]?.title ?? `DAG ${dagId}`;
}

function aboutLines(terminal: Terminal, instance: Instance, title: string): string[] {
  const { status, progress, version, trigger, createdBy, labels, attempt, retryOf, parentId } = instance;
  const ms = lastedMs(instance);
  const labelText = Object.entries(labels as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  const rows: (readonly [string, string])[] = [
    ['instance', instance.id],
    ['dag', `${title} ${version} (${instance.dagId})`],
    ['status', terminal.paint(STATUS_STYLES[status] ?? 'dim', status) + reasonText(instance)],
    [
      instance.startedAt === null ? 'accepted' : 'started',
      `${instance.startedAt ?? instance.createdAt} by ${createdBy} (${trigger.kind})`,
    ],
    ...(ms === undefined ? [] : [['took', timeText(ms)] as const]),
    ['steps', `${bar(progress.done, progress.total)} ${progress.done} of ${progress.total}`],
    ...(attempt > 1 ? [['attempt', `${attempt}${retryOf === null ? '' : ` (retry of ${retryOf})`}`] as const] : []),
    ...(parentId === null ? [] : [['parent', parentId] as const]),
    ...(labelText.length === 0 ? [] : [['labels', labelText.join(', ')] as const]),
    ['input', JSON.stringify(instance.input)],
  ];
  return columns(rows.map(([label, value]) => [terminal.paint('dim', label), value]));
}

function treeLines(terminal: Terminal, tasks: readonly Task[]): string[] {
  return columns(
    treeOf(tasks).map(({ status, label, operator, note }) => [
      terminal.paint(STATUS_STYLES[status] ?? 'dim', status.padEnd(9)),
      label,
      terminal.paint('dim', operator),
      note,
    ]),
  );
}

export function sayValue(terminal: Terminal, name: string, value: Json): void {
  terminal.say(`${terminal.paint('dim', name)} ${valueText(value)}`);
}

/** For a person: broken into lines, and cut when it is very long. */
export function valueText(value: Json): string {
  const text =
    isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value, null, 2) : JSON.stringify(value ?? null);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)} ... (all of it with --json)` : text;
}
