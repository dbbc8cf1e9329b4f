import type { Operations } from '@flow/client';
import { EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { findDag } from './dag.lookup';
import { countGiven } from './given.input';
import type { Cli } from './installation';
import { columns } from './layout';
import { ServiceClient } from './service.client';

const PAGE = 200;

export interface TriggersOptions extends ServiceOptions {
  readonly dag?: string;
  readonly all?: boolean;
  readonly history?: string;
  readonly limit: string;
  readonly json?: boolean;
}

interface TriggerItem {
  readonly id: string;
  readonly dagId: string;
  readonly kind: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly disabled: { readonly message: string } | null;
  readonly description: string | null;
  readonly nextFireAt: string | null;
  readonly lastFiredAt: string | null;
}

interface FiringItem {
  readonly at: string;
  readonly status: string;
  readonly cause: string;
  readonly instanceId: string | null;
  readonly reason: { readonly code: string; readonly message: string } | null;
}

/** `flowctl triggers`: what fires next; with --all every trigger, with --history what one has decided and why. */
export async function triggersCommand(cli: Cli, options: TriggersOptions): Promise<number> {
  const limit = countGiven('--limit', options.limit, 1, PAGE);
  const client = ServiceClient.of(cli, options);
  if (options.history !== undefined) return history(cli, client, options.history, limit, options.json ?? false);
  const items = await triggersOf(client, options, limit);
  if (options.json) {
    cli.terminal.json({ items });
    return EXIT.done;
  }
  if (items.length === 0) {
    cli.terminal.tell(options.all ? 'There is no trigger.' : 'No schedule fires: --all shows triggers of every kind.');
    return EXIT.done;
  }
  const titles = await titlesOf(client, items);
  const { terminal } = cli;
  const heads = ['TRIGGER', 'DAG', 'KIND', 'NEXT', 'LAST', 'WHAT'].map((head) => terminal.paint('dim', head));
  const rows = items.map((item) => [
    item.id,
    titles.get(item.dagId) ?? item.dagId,
    item.kind,
    item.enabled ? shortTime(item.nextFireAt) : terminal.paint('yellow', 'disabled'),
    shortTime(item.lastFiredAt),
    item.disabled?.message ?? ([item.name, item.description].filter(Boolean).join(': ') || '-'),
  ]);
  for (const line of columns([heads, ...rows])) terminal.say(line);
  return EXIT.done;
}

async function triggersOf(client: ServiceClient, { dag, all }: TriggersOptions, limit: number) {
  if (dag !== undefined) {
    const { id } = await findDag(client, dag);
    const page = await client.ask('GET /dags/{id}/triggers', { path: { id }, query: { limit } });
    return page.items as readonly TriggerItem[];
  }
  const query: NonNullable<Operations['GET /triggers']['query']> = { limit, ...(!all && { upcoming: true }) };
  const page = await client.ask('GET /triggers', { query });
  return page.items as readonly TriggerItem[];
}

async function history(cli: Cli, client: ServiceClient, id: string, limit: number, asJson: boolean): Promise<number> {
  const page = await client.ask('GET /triggers/{id}/firings', { path: { id }, query: { limit } });
  const items = page.items as readonly FiringItem[];
  if (asJson) cli.terminal.json({ items, more: page.nextCursor !== null });
  else if (items.length === 0) cli.terminal.tell('It has decided nothing yet.');
  else {
    const { terminal } = cli;
    const heads = ['AT', 'CAUSE', 'STATUS', 'RUN', 'WHY'].map((head) => terminal.paint('dim', head));
    const rows = items.map(({ at, cause, status, instanceId, reason }) => [
      shortTime(at),
      cause,
      status === 'fired' ? status : terminal.paint('yellow', status),
      instanceId ?? '-',
      reason ? `${reason.message} (${reason.code})` : '-',
    ]);
    for (const line of columns([heads, ...rows])) terminal.say(line);
  }
  return EXIT.done;
}

async function titlesOf(client: ServiceClient, items: readonly TriggerItem[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(items.map(({ dagId }) => dagId))];
  const { items: dags = [] } = await client.ask('POST /dags/batch-get', { body: { ids, fields: ['title'] } });
  return new Map(
    dags.flatMap(({ id, title }) => (id !== undefined && title !== undefined ? [[id, title] as const] : [])),
  );
}

function shortTime(at: string | null): string {
  return at === null ? '-' : at.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}
