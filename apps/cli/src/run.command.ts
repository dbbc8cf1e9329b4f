import type { Instance } from '@flow/instances';
import { isJsonObject, type JsonObject } from '@flow/kernel';
import { CommandFailed, EXIT, Interrupted, UsageWrong } from './command.errors';
import { findDag, type FoundDag } from './dag.lookup';
import { readGiven, type Cli } from './installation';
import { columns, timeText } from './layout';
import { follow } from './run.follow';
import { ServiceAway, ServiceClient, ServiceRefused, type ServiceOptions } from './service.client';
import type { Terminal } from './terminal';

export interface RunOptions extends ServiceOptions {
  readonly data?: string;
  readonly dagVersion?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** `flowctl run <dag>`: starts a run and, with --wait, stays until its end. The result goes to the output, all else to the error output. */
export async function runCommand(cli: Cli, idOrTitle: string, options: RunOptions): Promise<number> {
  const client = ServiceClient.of(cli, options);
  const data = options.data === undefined ? undefined : dataFrom(cli, options.data);
  const dag = await findDag(client, idOrTitle);
  const { terminal } = cli;
  const started = await start(client, terminal, dag, {
    ...(data && { data }),
    ...(options.dagVersion !== undefined && { version: options.dagVersion }),
  });
  const address = client.urlOf(`/instances/${started.id}`);
  if (!options.wait) {
    if (options.json) terminal.json({ ...started, dagId: dag.id, address });
    else {
      terminal.say(`Started "${dag.title}".`);
      for (const line of columns([
        ['  instance', started.id],
        ['  status', started.status],
        ['  see', address],
      ]))
        terminal.say(line);
    }
    return EXIT.done;
  }
  terminal.tell(`Started "${dag.title}": instance ${started.id}`);
  const instance = await untilEnded(client, terminal, started.id);
  if (options.json) terminal.json(instance);
  else if (instance.status === 'succeeded') terminal.json(instance.result);
  terminal.tell(verdict(terminal, dag, instance));
  return instance.status === 'succeeded' ? EXIT.done : EXIT.failed;
}

async function start(
  client: ServiceClient,
  terminal: Terminal,
  dag: FoundDag,
  body: object,
): Promise<{ id: string; status: string }> {
  try {
    return (await client.post(`/dags/${dag.id}/run`, body)) as { id: string; status: string };
  } catch (error) {
    if (!(error instanceof ServiceRefused) || error.faults.length === 0) throw error;
    for (const { pointer, message } of error.faults)
      terminal.tell(`${terminal.paintTold('red', 'FAULT')}    ${pointer}  ${message}`);
    throw new CommandFailed(`"${dag.title}" was not started: ${error.code}.`);
  }
}

/** A run goes on without whoever watches it. @throws Interrupted, CommandFailed */
async function untilEnded(client: ServiceClient, terminal: Terminal, id: string): Promise<Instance> {
  const left = new AbortController();
  let signal: NodeJS.Signals | undefined;
  const goesOn = `the run goes on as instance ${id}`;
  const leave = (why: NodeJS.Signals) => {
    signal ??= why;
    left.abort();
  };
  process.on('SIGINT', leave).on('SIGTERM', leave);
  try {
    return await follow(client, terminal, id, left.signal);
  } catch (error) {
    if (signal) throw new Interrupted(signal, `No longer watching; ${goesOn}.`);
    if (error instanceof ServiceAway) throw new CommandFailed(`${error.message} Once it is back, ${goesOn}.`);
    throw error;
  } finally {
    terminal.erase();
    process.off('SIGINT', leave).off('SIGTERM', leave);
  }
}

function verdict(terminal: Terminal, { title }: FoundDag, instance: Instance): string {
  const { status, reason, startedAt, endedAt } = instance;
  const took = startedAt && endedAt ? ` in ${timeText(Date.parse(endedAt) - Date.parse(startedAt))}` : '';
  const style = status === 'succeeded' ? 'green' : 'red';
  const where = !reason?.stepId ? '' : ` at step ${reason.stepId}`;
  const why = reason ? `${where}: ${reason.message} (${reason.code})` : '';
  return `${terminal.paintTold(style, `"${title}" ${status}`)}${took}${why}`;
}

/** `{"a":1}`, or `@file` that holds such a text (`@-`: the input). @throws UsageWrong */
function dataFrom(cli: Cli, given: string): JsonObject {
  const text = given.startsWith('@') ? readGiven(cli, given.slice(1)) : given;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new UsageWrong(`--data is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (isJsonObject(data)) return data;
  throw new UsageWrong('--data must be a JSON object, as in \'{"name": "value"}\'.');
}
