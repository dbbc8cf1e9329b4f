import { EXIT } from './command.errors';
import type { InstanceOptions } from './instance.command';
import type { Cli } from './installation';
import { columns, countText } from './layout';
import { STATUS_STYLES } from './run.tree';
import { ServiceClient } from './service.client';

/** `flowctl pause <instance...>` and `flowctl resume <instance...>`. */
export async function haltCommand(
  cli: Cli,
  verb: 'pause' | 'resume',
  ids: readonly string[],
  options: InstanceOptions,
): Promise<number> {
  const client = ServiceClient.of(cli, options);
  const items: { id: string; status: string }[] = [];
  for (const id of ids) {
    const { status = '' } = await client.ask(`POST /instances/{id}/${verb}`, { path: { id } });
    items.push({ id, status });
  }
  if (options.json) cli.terminal.json({ items });
  else {
    const what = verb === 'pause' ? 'Paused, nothing new starts' : 'Going on';
    cli.terminal.say(`${what}: ${countText(items.length, 'run')}`);
    for (const { id, status } of items) cli.terminal.say(`  ${id}  ${status}`);
  }
  return EXIT.done;
}

/** `flowctl why <instance>`: what a run waits for, or why it ended as it did. */
export async function whyCommand(cli: Cli, id: string, options: InstanceOptions): Promise<number> {
  const { terminal } = cli;
  const client = ServiceClient.of(cli, options);
  const why = await client.ask('GET /instances/{id}/why', { path: { id } });
  if (options.json) {
    terminal.json(why);
    return EXIT.done;
  }
  const { status, waitingFor, reason } = why;
  terminal.say(terminal.paint(STATUS_STYLES[status] ?? 'dim', status));
  const rows = waitingFor.map(({ kind = '', path, message = '', since }) => [
    `  ${terminal.paint('cyan', kind)}`,
    path ?? '',
    message,
    since ? terminal.paint('dim', `since ${since}`) : '',
  ]);
  for (const line of columns(rows)) terminal.say(line);
  if (reason) terminal.say(`  ${reason.path ?? reason.stepId ?? ''}  ${reason.message ?? ''} (${reason.code ?? ''})`);
  else if (waitingFor.length === 0) terminal.say('  It waits for nothing.');
  return EXIT.done;
}
