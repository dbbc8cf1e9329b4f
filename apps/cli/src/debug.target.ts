import { isJsonObject, type Fault, type JsonObject } from '@flow/kernel';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, UsageWrong } from './command.errors';
import { findDag, readDag } from './dag.lookup';
import { printReport, titleOf } from './definitions.command';
import { FlowFile, FlowFileUnreadable, type PlacedFault } from './flow-file';
import { readGiven, type Cli } from './installation';
import type { ServiceClient } from './service.client';
import { ServiceRefused } from './service.errors';

/** What is debugged: a definition in a file, which need not be saved, or a DAG of the service. */
export interface DebugTarget {
  readonly title: string;
  readonly definition: JsonObject;
  /** A DAG that stands; without one the definition itself is sent. */
  readonly dagId?: string;
  readonly version?: string;
  /** Where it stands. */
  readonly file?: { readonly name: string; readonly content: FlowFile };
}

/** A step of a definition, and the pointer that leads to it there. */
export interface FoundStep {
  readonly step: JsonObject;
  readonly pointer: string;
}

const LIKE_A_FILE = /^-$|\.(ya?ml|json)$/i;

/** A file when there is one of that name or the name is that of one, else a DAG by its id or whole title. @throws UsageWrong, CommandFailed */
export async function debugTarget(
  cli: Cli,
  client: ServiceClient,
  given: string,
  version: string | undefined,
): Promise<DebugTarget> {
  if (!LIKE_A_FILE.test(given) && !existsSync(resolve(cli.cwd, given))) {
    const { id, title } = await findDag(client, given);
    const definition = (await readDag(client, id, version)) as unknown as JsonObject;
    return { title, definition, dagId: id, ...(version !== undefined && { version }) };
  }
  if (version !== undefined) throw new UsageWrong('A file has no versions: leave out --dag-version.');
  const content = FlowFile.read(given, readGiven(cli, given));
  const [definition] = content.definitions;
  if (content.definitions.length !== 1 || !isJsonObject(definition))
    throw new UsageWrong(`${given} must hold one definition to be debugged; it holds ${content.definitions.length}.`);
  return { title: titleOf(definition), definition, file: { name: given, content } };
}

/** However deep it stands. @throws UsageWrong that names those there are */
export function stepOf({ title, definition }: DebugTarget, stepId: string): FoundStep {
  const steps = new Map<string, FoundStep>();
  collectSteps(definition.steps, '/steps', steps);
  const found = steps.get(stepId);
  if (found) return found;
  const known = [...steps.keys()].slice(0, 20).join(', ');
  throw new UsageWrong(`"${title}" has no step "${stepId}". Its steps: ${known || 'none'}.`);
}

/**
 * Does what sends (a part of) a definition. A fault that lies in the file is printed at its place there, as `validate` does it, and gives
 * its exit code instead of the answer. `from` is the pointer of the request that `to` is in the file.
 */
export async function placingFaults<T>(
  { terminal }: Cli,
  { file }: Pick<DebugTarget, 'file'>,
  { from, to, json }: { readonly from: string; readonly to: string; readonly json?: boolean | undefined },
  send: () => Promise<T>,
): Promise<T | number> {
  try {
    return await send();
  } catch (error) {
    if (!file || !(error instanceof ServiceRefused) || !error.faults.some(({ pointer }) => isBelow(pointer, from)))
      throw error;
    const { name, content } = file;
    const inFile = ({ pointer, ...fault }: Fault): PlacedFault =>
      isBelow(pointer, from)
        ? content.placed({ ...fault, pointer: content.pointerIn(0, to + pointer.slice(from.length)) })
        : { ...fault, pointer };
    const report = { file: name, faults: error.faults.map(inFile), warnings: [], definitions: [] };
    if (json) terminal.json({ ok: false, files: [report] });
    else printReport(terminal, report);
    return EXIT.failed;
  }
}

/** A file that cannot be read at all, told in the same way. */
export async function tellingUnreadable(
  { terminal }: Cli,
  name: string,
  { json }: { readonly json?: boolean | undefined },
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FlowFileUnreadable)) throw error;
    const report = { file: name, faults: error.faults, warnings: [], definitions: [] };
    if (json) terminal.json({ ok: false, files: [report] });
    else printReport(terminal, report);
    return EXIT.failed;
  }
}

const isBelow = (pointer: string, from: string): boolean => pointer === from || pointer.startsWith(`${from}/`);

function collectSteps(value: unknown, pointer: string, found: Map<string, FoundStep>): void {
  if (Array.isArray(value)) value.forEach((one: unknown, i) => collectSteps(one, `${pointer}/${i}`, found));
  else if (isJsonObject(value)) {
    if (typeof value.id === 'string' && typeof value.operator === 'string' && !found.has(value.id))
      found.set(value.id, { step: value, pointer });
    // Parameters hold data, and no steps.
    for (const [name, inner] of Object.entries(value))
      if (name !== 'parameters')
        collectSteps(inner, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
  }
}
