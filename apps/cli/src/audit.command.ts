import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Operations } from '@flow/client';
import { CommandFailed, EXIT, UsageWrong } from './command.errors';
import type { ServiceOptions } from './connection';
import { countGiven } from './given.input';
import type { Cli } from './installation';
import { columns, countText } from './layout';
import type { Output } from './program.parts';
import { ServiceClient } from './service.client';

const PAGE = 200;
const PLACE = /^\d{1,15}:[\w-]{43}$/;

const SAID: Readonly<Record<string, string>> = {
  edited: 'is not as it was recorded',
  missing: 'was removed',
  reordered: 'stands in the place of another one',
  truncated: 'was cut off, and what came behind it',
  head: 'is where the head is said to be, which is not as the service left it',
  no_key: 'was made with a key that SECRETS_KEY does not have any more: put it back behind the newest one',
};

type Query = NonNullable<Operations['GET /audit-records']['query']>;

export interface AuditListOptions extends ServiceOptions, Output {
  readonly actor?: string;
  readonly action?: string;
  readonly object?: string;
  readonly outcome?: NonNullable<Query['outcome']>;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
}

export interface AuditVerifyOptions extends ServiceOptions, Output {
  readonly head?: string;
}

/** `flowctl audit list` */
export async function auditListCommand(cli: Cli, options: AuditListOptions): Promise<number> {
  const { actor, action, object, outcome, from, to } = options;
  const query: Query = {
    limit: countGiven('--limit', options.limit, 1, PAGE),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(object !== undefined && { object }),
    ...(outcome !== undefined && { outcome }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  const { terminal } = cli;
  const { items, nextCursor } = await ServiceClient.of(cli, options).ask('GET /audit-records', { query });
  if (options.json) terminal.json({ items, more: nextCursor !== null });
  else if (items.length === 0) terminal.tell('There is no such record.');
  else {
    const heads = ['SEQUENCE', 'AT', 'WHO', 'ACTION', 'OBJECT', 'OUTCOME'].map((head) => terminal.paint('dim', head));
    const rows = items.map((item) => [
      String(item.sequence),
      (item.at ?? '-').replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
      item.actor.principal,
      item.action,
      item.object.id ?? '-',
      item.outcome === 'done'
        ? item.outcome
        : terminal.paint('yellow', [item.outcome, item.code].filter(Boolean).join(' ')),
    ]);
    for (const line of columns([heads, ...rows])) terminal.say(line);
  }
  return EXIT.done;
}

/** `flowctl audit verify`: asks on until the end of the trail, or the first fault. */
export async function auditVerifyCommand(cli: Cli, { head, ...options }: AuditVerifyOptions): Promise<number> {
  if (head !== undefined && !PLACE.test(head))
    throw new UsageWrong(`--head wants what \`flowctl audit head\` has said, as in 42:mN3..., not "${head}".`);
  const client = ServiceClient.of(cli, options);
  let checked = 0;
  for (let after: string | undefined; ;) {
    const query = { ...(head !== undefined && { head }), ...(after !== undefined && { after }) };
    const verdict = await client.ask('GET /audit-records/verify', { query });
    checked += verdict.checked;
    if (verdict.ok && verdict.next !== null) {
      after = verdict.next;
      continue;
    }
    if (options.json) cli.terminal.json({ ...verdict, checked });
    const { firstFault } = verdict;
    if (!firstFault) {
      if (!options.json)
        cli.terminal.say(`Whole: ${countText(checked, 'record')}, up to ${verdict.head ?? 'nothing yet'}.`);
      return EXIT.done;
    }
    if (options.json) return EXIT.failed;
    throw new CommandFailed(
      `Record ${firstFault.sequence} ${SAID[firstFault.kind] ?? firstFault.kind} (${firstFault.kind}); ${countText(checked, 'record')} before it ${checked === 1 ? 'is' : 'are'} whole.`,
    );
  }
}

/** `flowctl audit head` */
export async function auditHeadCommand(cli: Cli, options: ServiceOptions & Output): Promise<number> {
  const { head } = await ServiceClient.of(cli, options).ask('GET /audit-records/head');
  if (options.json) cli.terminal.json({ head });
  else if (head === null) cli.terminal.tell('Nothing is recorded yet.');
  else cli.terminal.say(head);
  return EXIT.done;
}

/** `flowctl audit export`: the file is there when all of it is. */
export async function auditExportCommand(cli: Cli, name: string, options: ServiceOptions & Output): Promise<number> {
  const file = resolve(name);
  if (existsSync(file)) throw new UsageWrong(`${name} is there already.`);
  const client = ServiceClient.of(cli, options);
  let records = 0;
  async function* counted(source: AsyncIterable<Uint8Array>) {
    for await (const piece of source) {
      for (const byte of piece) if (byte === 10) records += 1;
      yield piece;
    }
  }
  try {
    const source = client.bytes('GET /audit-records/export', {}, new AbortController().signal);
    await pipeline(counted(source), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
  if (options.json) cli.terminal.json({ file: name, records });
  else cli.terminal.say(`${countText(records, 'record')} in ${name}.`);
  return EXIT.done;
}
