import { diffDags, type Change, type DagContent, type DagDiff } from '@flow/dags';
import { isJsonObject, type Json } from '@flow/kernel';
import { CommandFailed, EXIT, UsageWrong } from './command.errors';
import type { ServiceOptions } from './connection';
import { findByTitle, findDag, readDag, type Dag } from './dag.lookup';
import { checkDefinition, printReport, titleOf } from './definitions.command';
import { FlowFile, FlowFileUnreadable } from './flow-file';
import { readGiven, type Cli } from './installation';
import { countText } from './layout';
import { ServiceClient } from './service.client';
import type { Style, Terminal } from './terminal';

export interface DiffOptions extends ServiceOptions {
  readonly dag?: string;
  readonly json?: boolean;
}

/** How a definition of a file differs from what the service has; `new` when it has none by that title. */
interface Comparison {
  readonly file: string;
  readonly title: string;
  readonly state: 'same' | 'changed' | 'new';
  readonly id?: string;
  readonly version?: string;
  readonly diff?: DagDiff;
}

/** What an author may leave out, and what it is then; `status` and `tags` stay as they are on the server. */
const DEFAULTS = { description: '', type: '', labels: {}, priority: 'medium', vars: {} } as const;
/** They name a version rather than say what it does, or are made by the store. */
const BESIDE = ['id', 'version', 'changeLog', 'createdBy', 'createdAt', 'updatedAt', 'modifiedBy'] as const;
const LONGEST_VALUE = 2_000;

/** `flowctl diff <file...>`: what an import of these files would change. 0 when nothing, 1 when something. */
export async function diffCommand(cli: Cli, files: readonly string[], options: DiffOptions): Promise<number> {
  const client = ServiceClient.of(cli, options);
  const comparisons: Comparison[] = [];
  for (const { name, file } of files.map((name) => ({ name, file: read(cli, name) }))) {
    if (options.dag !== undefined && (files.length > 1 || file.definitions.length > 1))
      throw new UsageWrong('--dag compares one definition with one DAG: name one file that holds one.');
    for (let position = 0; position < file.definitions.length; position += 1)
      comparisons.push(await compare(cli, client, { name, file, position }, options.dag));
  }
  const same = comparisons.every(({ state }) => state === 'same');
  if (options.json) cli.terminal.json({ same, definitions: comparisons });
  else for (const comparison of comparisons) print(cli.terminal, comparison);
  return same ? EXIT.done : EXIT.failed;
}

function read(cli: Cli, name: string): FlowFile {
  try {
    return FlowFile.read(name, readGiven(cli, name));
  } catch (error) {
    if (!(error instanceof FlowFileUnreadable)) throw error;
    printReport(cli.terminal, { file: name, faults: error.faults, warnings: [], definitions: [] });
    throw new CommandFailed(`${name} cannot be compared.`, EXIT.usage);
  }
}

async function compare(
  cli: Cli,
  client: ServiceClient,
  { name, file, position }: { name: string; file: FlowFile; position: number },
  dag: string | undefined,
): Promise<Comparison> {
  const { faults } = await checkDefinition(client, file, position);
  if (faults.length > 0) {
    for (const { pointer, message } of faults) cli.terminal.tell(`${name}  ${pointer}  ${message}`);
    throw new CommandFailed(`${name} cannot be compared: it has ${countText(faults.length, 'fault')}.`, EXIT.usage);
  }
  const definition = file.definitions[position] as Readonly<Record<string, Json>>;
  const title = titleOf(definition);
  const found = dag === undefined ? await findByTitle(client, title) : await findDag(client, dag);
  if (!found) return { file: name, title, state: 'new' };
  const stored = await readDag(client, found.id);
  const diff = diffDags(contentOf(stored), contentOf({ ...DEFAULTS, ...kept(stored, definition), ...definition }));
  const isSame = Object.values(diff).every((changes: readonly unknown[]) => changes.length === 0);
  return { file: name, title, state: isSame ? 'same' : 'changed', id: found.id, version: found.version, diff };
}

/** What an update without these fields leaves as it is. */
function kept(stored: Dag, definition: object): object {
  const names = (['status', 'tags'] as const).filter((name) => !(name in definition));
  return Object.fromEntries(names.map((name) => [name, stored[name]]));
}

function contentOf(dag: object): DagContent {
  return Object.fromEntries(
    Object.entries(dag).filter(([name]) => !BESIDE.some((one) => one === name)),
  ) as unknown as DagContent;
}

function print(terminal: Terminal, { title, file, state, version, diff }: Comparison): void {
  const head = terminal.paint('bold', title);
  if (state === 'new')
    terminal.say(`${terminal.paint('green', '+')} ${head}: the service has no DAG of this title (${file})`);
  else if (!diff || state === 'same') terminal.say(`= ${head}: ${file} is what the service has (${version ?? ''})`);
  else {
    terminal.say(`~ ${head}: from ${version ?? ''} of the service to ${file}`);
    const line = (style: Style, sign: string, text: string) =>
      terminal.say(`  ${terminal.paint(style, `${sign} ${text}`)}`);
    for (const change of diff.fields) printChange(terminal, change, '  ');
    for (const { stepId } of diff.removed) line('red', '-', `step ${stepId}`);
    for (const { stepId } of diff.added) line('green', '+', `step ${stepId}`);
    for (const { stepId } of diff.moved) line('yellow', '>', `step ${stepId} stands elsewhere`);
    for (const { stepId, changes } of diff.changed) {
      line('yellow', '~', `step ${stepId}`);
      for (const change of changes) printChange(terminal, change, '      ');
    }
  }
}

function printChange(terminal: Terminal, { pointer, from, to }: Change, indent: string): void {
  terminal.say(`${indent}${pointer}`);
  for (const [sign, style, value] of [
    ['-', 'red', from],
    ['+', 'green', to],
  ] as const)
    if (value !== undefined)
      for (const line of valueText(value)) terminal.say(`${indent}  ${terminal.paint(style, `${sign} ${line}`)}`);
}

/** Texts of several lines are shown as such. */
function valueText(value: Json): string[] {
  const isText = typeof value === 'string' && value.includes('\n');
  const text = isText ? value : JSON.stringify(value, null, isSmall(value) ? 0 : 2);
  const shown = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)} ...` : text;
  return shown.split('\n');
}

const isSmall = (value: Json): boolean =>
  !(isJsonObject(value) || Array.isArray(value)) || JSON.stringify(value).length <= 80;
