import type { ImportItem } from '@flow/dags';
import type { Fault } from '@flow/kernel';
import { EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { FlowFile, FlowFileUnreadable, type PlacedFault } from './flow-file';
import { readGiven, type Cli } from './installation';
import { countText, padEnd, wrap } from './layout';
import { FileText, ServiceClient } from './service.client';
import { ServiceRefused } from './service.errors';
import type { Terminal } from './terminal';

/** Files are told one by one, so that the width of all titles is not known. */
const TITLE_WIDTH = 30;

/** What became of a file: what it holds that is good, and what is wrong with it. */
export interface Report {
  readonly file: string;
  readonly faults: readonly PlacedFault[];
  readonly warnings: readonly PlacedFault[];
  readonly definitions: readonly Outcome[];
}

interface Outcome {
  readonly title: string;
  readonly outcome: 'valid' | 'created' | 'updated' | 'unchanged';
  readonly id?: string;
  readonly version?: string;
}

interface Options extends ServiceOptions {
  readonly json?: boolean;
}

/** `flowctl validate <file...>`: what a running service, with its operators and limits, says of definitions. Nothing is stored. */
export async function validateCommand(cli: Cli, files: readonly string[], options: Options): Promise<number> {
  const client = ServiceClient.of(cli, options);
  return reportAll(cli, files, options, async (file) => {
    const checks = await Promise.all(
      file.definitions.map(async (definition, position) => {
        const { faults, warnings } = await checkDefinition(client, file, position);
        const definitions = faults.length > 0 ? [] : [{ title: titleOf(definition), outcome: 'valid' as const }];
        return { faults, warnings, definitions };
      }),
    );
    return {
      faults: checks.flatMap(({ faults }) => faults),
      warnings: checks.flatMap(({ warnings }) => warnings),
      definitions: checks.flatMap(({ definitions }) => definitions),
    };
  });
}

/** `flowctl import <file...>`: each file whole or, when one of its definitions has a fault, not at all. */
export async function importCommand(
  cli: Cli,
  files: readonly string[],
  options: Options & { readonly upsert?: boolean },
): Promise<number> {
  const client = ServiceClient.of(cli, options);
  return reportAll(cli, files, options, async (file) => {
    const { items } = (await client.ask('POST /dags/import', {
      query: { mode: options.upsert ? 'upsert' : 'create' },
      body: new FileText(file.format, file.text),
    })) as { items: readonly ImportItem[] };
    const faults = items.flatMap(({ error }, position) =>
      error ? [file.placed({ pointer: file.pointerIn(position, '/title'), ...error })] : [],
    );
    const definitions = items.flatMap(({ title, outcome, id, version }) =>
      outcome ? [{ title, outcome, ...(id && { id }), ...(version && { version }) }] : [],
    );
    return { faults, warnings: [], definitions };
  });
}

/** What the service says of one definition of a file, each fault with its place in the file. */
export async function checkDefinition(
  client: ServiceClient,
  file: FlowFile,
  position: number,
): Promise<Pick<Report, 'faults' | 'warnings'>> {
  const definition = file.definitions[position] as Readonly<Record<string, unknown>>;
  const { errors, warnings } = (await client.ask('POST /dags/validate', { body: definition })) as {
    errors: readonly Fault[];
    warnings: readonly Fault[];
  };
  const placed = (faults: readonly Fault[]) =>
    faults.map((fault) => file.placed({ ...fault, pointer: file.pointerIn(position, fault.pointer) }));
  return { faults: placed(errors), warnings: placed(warnings) };
}

async function reportAll(
  cli: Cli,
  files: readonly string[],
  { json }: Options,
  ask: (file: FlowFile) => Promise<Omit<Report, 'file'>>,
): Promise<number> {
  const texts = files.map((name) => ({ name, text: readGiven(cli, name) }));
  const reports: Report[] = [];
  for (const { name, text } of texts) {
    const report = { file: name, ...(await reportOn(name, text, ask)) };
    reports.push(report);
    if (!json) printReport(cli.terminal, report);
  }
  const faults = reports.reduce((sum, report) => sum + report.faults.length, 0);
  const bad = reports.filter((report) => report.faults.length > 0).length;
  if (json) cli.terminal.json({ ok: faults === 0, files: reports });
  else if (faults > 0)
    cli.terminal.say(`${countText(faults, 'fault')} in ${bad} of ${countText(files.length, 'file')}.`);
  return faults > 0 ? EXIT.failed : EXIT.done;
}

/** A refusal that names nothing in the file (no right to import, too large) is a fault of the file as a whole. */
async function reportOn(
  name: string,
  text: string,
  ask: (file: FlowFile) => Promise<Omit<Report, 'file'>>,
): Promise<Omit<Report, 'file'>> {
  const nothing = { warnings: [], definitions: [] };
  try {
    const file = FlowFile.read(name, text);
    try {
      return await ask(file);
    } catch (error) {
      if (!(error instanceof ServiceRefused)) throw error;
      if ([401, 403, 429].includes(error.status) || error.status >= 500) throw error;
      if (error.faults.length > 0) return { ...nothing, faults: error.faults.map((fault) => file.placed(fault)) };
      const pointer = error.code === 'dag.title_taken' ? file.pointerIn(0, '/title') : '';
      return { ...nothing, faults: [file.placed({ pointer, code: error.code, message: error.message })] };
    }
  } catch (error) {
    if (error instanceof FlowFileUnreadable) return { ...nothing, faults: error.faults };
    throw error;
  }
}

export function titleOf(definition: unknown): string {
  const title = (definition as { title?: unknown } | null)?.title;
  return typeof title === 'string' ? title : 'without a title';
}

export function printReport(terminal: Terminal, { file, faults, warnings, definitions }: Report): void {
  for (const { title, outcome, version, id } of definitions) {
    const mark = terminal.mark('ok', outcome === 'valid' ? 'OK' : outcome.toUpperCase());
    const detail = [version, id].filter((part) => part !== undefined).join('  ');
    terminal.say(`${mark} ${padEnd(title, TITLE_WIDTH)}  ${detail || file}`.trimEnd());
  }
  for (const warning of warnings) printFault(terminal, file, warning, 'warning');
  for (const fault of faults) printFault(terminal, file, fault, 'fault');
}

function printFault(
  terminal: Terminal,
  file: string,
  { at, pointer, code, message }: PlacedFault,
  state: 'warning' | 'fault',
) {
  const place = at ? `${file}:${at.line}:${at.column}` : file;
  terminal.say(`${terminal.mark(state)} ${terminal.paint('bold', place)}  ${pointer}`.trimEnd());
  const indent = ' '.repeat(9);
  for (const line of wrap(message, terminal.width - indent.length)) terminal.say(indent + line);
  terminal.say(indent + terminal.paint('dim', code));
}
