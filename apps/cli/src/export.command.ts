import { closeSync, existsSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { CommandFailed, EXIT, UsageWrong } from './command.errors';
import type { ServiceOptions } from './connection';
import { findDag } from './dag.lookup';
import type { Cli } from './installation';
import { ServiceClient } from './service.client';

export interface ExportOptions extends ServiceOptions {
  readonly format?: string;
  readonly dagVersion?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `flowctl export <dag>`: a definition that import reads, to the output or into a file that is whole or not there. */
export async function exportCommand(cli: Cli, idOrTitle: string, options: ExportOptions): Promise<number> {
  const format = formatOf(options);
  const target = options.output === undefined ? undefined : resolve(cli.cwd, options.output);
  if (target !== undefined && !options.force && existsSync(target))
    throw new CommandFailed(`${target} exists already: name another file, or add --force.`, EXIT.conflict);
  const client = ServiceClient.of(cli, options);
  const dag = await findDag(client, idOrTitle);
  const version = options.dagVersion;
  const query = { format, ...(version !== undefined && { version }) };
  const text = await client.text('GET /dags/{id}/export', { path: { id: dag.id }, query });
  if (target === undefined) cli.terminal.write(text);
  else {
    writeWhole(target, text);
    if (options.json) cli.terminal.json({ id: dag.id, title: dag.title, file: target, format });
    else cli.terminal.tell(`Exported "${dag.title}" to ${target}.`);
  }
  return EXIT.done;
}

/** What --format says, else how the file is called, else YAML; --json is JSON. */
function formatOf({ format, output, json }: ExportOptions): 'json' | 'yaml' {
  if (format === 'json' || format === 'yaml') return format;
  if (format !== undefined) throw new UsageWrong(`--format is json or yaml, not "${format}".`);
  if (output !== undefined) return extname(output).toLowerCase() === '.json' ? 'json' : 'yaml';
  return json ? 'json' : 'yaml';
}

function writeWhole(target: string, text: string): void {
  const fresh = `${target}.${process.pid}.new`;
  closeSync(openSync(fresh, 'wx'));
  try {
    writeFileSync(fresh, text);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
