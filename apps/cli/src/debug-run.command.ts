import type { Json } from '@flow/kernel';
import { CommandFailed, EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { DebugConsole, noticesOn } from './debug.console';
import { DebugSession } from './debug.session';
import { tellStop, type Telling } from './debug.state';
import { debugTarget, placingFaults, tellingUnreadable } from './debug.target';
import { durationGiven, jsonGiven, jsonObjectGiven, pairGiven } from './given.input';
import type { Cli } from './installation';
import { readInstance, type Instance } from './instance.reader';
import { fieldsGiven } from './run.command';
import { ServiceClient } from './service.client';

export interface DebugStayOptions extends ServiceOptions {
  readonly timeout?: string;
  readonly json?: boolean;
}

export interface DebugRunOptions extends DebugStayOptions {
  readonly data?: string;
  readonly parameter?: readonly string[];
  readonly break?: readonly string[];
  readonly pin?: readonly string[];
  readonly dryRun?: boolean;
  readonly dagVersion?: string;
}

/** `flowctl debug run <file|dag>`: on a terminal a prompt at every stop, elsewhere the state at the first stop or at the end. */
export async function debugRunCommand(cli: Cli, given: string, options: DebugRunOptions): Promise<number> {
  const { json } = options;
  const timeoutMs = timeoutOf(options);
  const data = options.data === undefined ? undefined : jsonObjectGiven(cli, '--data', options.data);
  const pairs = (options.parameter ?? []).map((text) => pairGiven('-p', text));
  const pins = Object.fromEntries((options.pin ?? []).map((text) => pinGiven(cli, text)));
  const client = ServiceClient.of(cli, options);
  return tellingUnreadable(cli, given, options, async () => {
    const target = await debugTarget(cli, client, given, options.dagVersion);
    const { title, definition, dagId, version } = target;
    const body = {
      ...(dagId === undefined ? { dag: definition } : { dagId }),
      ...(version !== undefined && { version }),
      ...((data || pairs.length > 0) && { data: { ...data, ...fieldsGiven(definition.steps, pairs) } }),
      breakpoints: [...new Set(options.break ?? [])],
      pins,
      dryRun: options.dryRun === true,
    };
    const started = await placingFaults(cli, target, { from: '/dag', to: '', json }, () =>
      client.ask('POST /dags/debug/run', { body }),
    );
    if (typeof started === 'number') return started;
    const { id } = started as Pick<Instance, 'id'>;
    if (!json) cli.terminal.tell(`Debugging "${title}": instance ${id}`);
    return stay(cli, new DebugSession(client, id), { title, json, timeoutMs });
  });
}

/** `flowctl debug next <instance>`, `flowctl debug continue <instance>`: moves it and stays until it stops again. */
export async function debugMoveCommand(
  cli: Cli,
  move: 'step' | 'continue',
  id: string,
  options: DebugStayOptions,
): Promise<number> {
  const timeoutMs = timeoutOf(options);
  const client = ServiceClient.of(cli, options);
  const session = new DebugSession(client, id);
  await session.skipEnded();
  await session[move]();
  const stop = await session.stopped({ timeoutMs, ...noticesOn(cli.terminal) });
  return tellStop(cli.terminal, session, stop, { title: await titleFor(client, stop.instance), json: options.json });
}

/** `flowctl debug attach <instance>`: back to a debug run that stands. */
export async function debugAttachCommand(cli: Cli, id: string, options: DebugStayOptions): Promise<number> {
  const timeoutMs = timeoutOf(options);
  const client = ServiceClient.of(cli, options);
  const instance = await readInstance(client, id);
  if ((instance as Partial<Instance>).debug === undefined)
    throw new CommandFailed(`The instance ${id} is no debug run: flowctl get ${id} shows it.`, EXIT.conflict);
  const session = new DebugSession(client, id);
  await session.skipEnded();
  return stay(cli, session, { title: await titleFor(client, instance), json: options.json, timeoutMs });
}

async function stay(
  cli: Cli,
  session: DebugSession,
  { timeoutMs, ...telling }: Telling & { readonly timeoutMs: number | undefined },
): Promise<number> {
  const { terminal } = cli;
  const { stdin, stderr } = process;
  if (stdin.isTTY && stderr.isTTY && !telling.json)
    return new DebugConsole(terminal, session, telling.title, { input: stdin, output: stderr }).lead(timeoutMs);
  const stop = await session.stopped({ timeoutMs, ...noticesOn(terminal) });
  return tellStop(terminal, session, stop, telling);
}

/** A definition that is not saved has a run and no DAG. */
async function titleFor(client: ServiceClient, { id, dagId }: Instance): Promise<string> {
  if (dagId === id) return 'The debug run';
  const { items = [] } = await client.ask('POST /dags/batch-get', { body: { ids: [dagId], fields: ['title'] } });
  return items[0]?.title ?? `DAG ${dagId}`;
}

function timeoutOf({ timeout }: DebugStayOptions): number | undefined {
  return timeout === undefined ? undefined : durationGiven('--timeout', timeout);
}

/** `step=json`, or `step=@file`. @throws UsageWrong */
function pinGiven(cli: Cli, text: string): readonly [string, Json] {
  const [step, value] = pairGiven('--pin', text);
  return [step, jsonGiven(cli, `The value of --pin ${step}`, value)];
}
