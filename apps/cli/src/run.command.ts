import type { Json, JsonObject } from '@flow/kernel';
import { EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { findDag, readDag, type FoundDag } from './dag.lookup';
import { durationGiven, jsonObjectGiven, pairGiven, valueGiven } from './given.input';
import type { Cli } from './installation';
import { hasEnded, type Instance } from './instance.reader';
import { columns, timeText } from './layout';
import { followRun } from './run.follow';
import { ServiceClient } from './service.client';
import type { Terminal } from './terminal';

/** What every command takes that can stay with a run to its end. */
export interface StayOptions extends ServiceOptions {
  readonly follow?: boolean;
  readonly wait?: boolean;
  readonly quiet?: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
}

export interface RunOptions extends StayOptions {
  readonly data?: string;
  readonly parameter?: readonly string[];
  readonly label?: readonly string[];
  readonly priority?: string;
  readonly dagVersion?: string;
  readonly callbackUrl?: string;
  readonly idempotencyKey?: string;
}

/** `flowctl run <dag>`: starts a run and, with --follow, stays until its end. The result goes to the output, all else to the error output. */
export async function runCommand(cli: Cli, idOrTitle: string, options: RunOptions): Promise<number> {
  const stay = stayOf(options);
  const given = options.data === undefined ? undefined : jsonObjectGiven(cli, '--data', options.data);
  const pairs = (options.parameter ?? []).map((text) => pairGiven('-p', text));
  const labels = Object.fromEntries((options.label ?? []).map((text) => pairGiven('--label', text)));
  const client = ServiceClient.of(cli, options);
  const dag = await findDag(client, idOrTitle);
  const version = options.dagVersion;
  const data = pairs.length === 0 ? given : { ...given, ...(await parametersOf(client, dag, version, pairs)) };
  const started = await client.ask(
    'POST /dags/{id}/run',
    {
      path: { id: dag.id },
      body: {
        ...(data && { data }),
        ...(version !== undefined && { version }),
        ...(options.priority !== undefined && { priority: options.priority as Instance['priority'] }),
        ...(Object.keys(labels).length > 0 && { labels }),
        ...(options.callbackUrl !== undefined && { callbackUrl: options.callbackUrl }),
      },
    },
    options.idempotencyKey === undefined ? undefined : { headers: { 'idempotency-key': options.idempotencyKey } },
  );
  const { id, status } = started as Pick<Instance, 'id' | 'status'>;
  return stayWith(cli, client, { id, status, dagId: dag.id, title: dag.title }, stay, options);
}

export interface Stay {
  readonly stays: boolean;
  readonly quiet: boolean;
  readonly timeoutMs?: number;
}

/** @throws UsageWrong */
export function stayOf({ follow, wait, quiet, timeout }: StayOptions): Stay {
  const timeoutMs = timeout === undefined ? undefined : durationGiven('--timeout', timeout);
  const stays = follow === true || wait === true || timeoutMs !== undefined;
  return { stays, quiet: quiet === true, ...(timeoutMs !== undefined && { timeoutMs }) };
}

/** Tells what was started or, when that is wanted, stays to its end and gives the exit code of its outcome. */
export async function stayWith(
  { terminal }: Cli,
  client: ServiceClient,
  started: { readonly id: string; readonly status: string; readonly dagId: string; readonly title: string },
  { stays, ...follow }: Stay,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const { id, status, title, dagId } = started;
  const address = client.urlOf(`/instances/${id}`);
  if (stays) {
    const greeting = `Started "${title}": instance ${id}`;
    const instance = await followRun(client, terminal, id, { ...follow, greeting });
    return tellOutcome(terminal, title, instance, { quiet: follow.quiet, ...(json === true && { json }) });
  }
  if (json) terminal.json({ id, status, dagId, address });
  else {
    terminal.say(`Started "${title}".`);
    const rows = [
      ['  instance', id],
      ['  status', status],
      ['  see', address],
    ];
    for (const line of columns(rows)) terminal.say(line);
  }
  return EXIT.done;
}

/** The result to the output, the verdict to the error output. */
export function tellOutcome(
  terminal: Terminal,
  title: string,
  instance: Instance,
  { quiet, json, resultIsTold }: { readonly quiet?: boolean; readonly json?: boolean; readonly resultIsTold?: boolean },
): number {
  const succeeded = instance.status === 'succeeded';
  if (json) terminal.json(instance);
  else if (succeeded && !resultIsTold) terminal.json(instance.result ?? null);
  if (!quiet || !succeeded) terminal.tell(verdict(terminal, title, instance));
  return succeeded ? EXIT.done : EXIT.failed;
}

function verdict(terminal: Terminal, title: string, instance: Instance): string {
  const { status, startedAt, endedAt } = instance;
  const took = startedAt && endedAt ? ` in ${timeText(Date.parse(endedAt) - Date.parse(startedAt))}` : '';
  const style = status === 'succeeded' ? 'green' : hasEnded(instance) ? 'red' : 'yellow';
  return `${terminal.paintTold(style, `"${title}" ${status}`)}${took}${reasonText(instance)}`;
}

/** ` at step fetch: The server does not answer. (http.unreachable)` */
export function reasonText({ reason }: Instance): string {
  if (reason === null) return '';
  const where = reason.path ?? reason.stepId;
  return `${where === null ? '' : ` at step ${where}`}: ${reason.message} (${reason.code})`;
}

async function parametersOf(
  client: ServiceClient,
  { id }: FoundDag,
  version: string | undefined,
  pairs: readonly (readonly [string, string])[],
): Promise<JsonObject> {
  return fieldsGiven((await readDag(client, id, version)).steps, pairs);
}

/** The type of a field of the form decides: a field that takes a text gets `007` as it is. */
export function fieldsGiven(steps: unknown, pairs: readonly (readonly [string, string])[]): JsonObject {
  const [first] = (Array.isArray(steps) ? steps : []) as readonly { parameters?: { fields?: unknown } }[];
  const given = first?.parameters?.fields;
  const fields = (Array.isArray(given) ? given : []) as readonly { key?: string; type?: string }[];
  const types = new Map(fields.map(({ key, type }) => [key, type]));
  return Object.fromEntries(pairs.map(([key, text]): [string, Json] => [key, valueGiven(text, types.get(key))]));
}
