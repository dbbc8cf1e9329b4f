import { setTimeout as pause } from 'node:timers/promises';
import type { Operations } from '@flow/client';
import { EXIT, Interrupted, UsageWrong } from './command.errors';
import type { ServiceOptions } from './connection';
import { findDag } from './dag.lookup';
import { countGiven, durationGiven } from './given.input';
import type { Cli } from './installation';
import { lastedMs, type Instance } from './instance.reader';
import { columns, countText, timeText } from './layout';
import { Leaving } from './leaving';
import { Patience } from './patience';
import { STATUS_STYLES } from './run.tree';
import { ServiceClient } from './service.client';
import type { Terminal } from './terminal';

const PAGE = 200;
const WATCH_MS = 1_000;

export interface InstancesOptions extends ServiceOptions {
  readonly dag?: string;
  readonly status?: string;
  readonly label?: string;
  readonly since?: string;
  readonly from?: string;
  readonly to?: string;
  readonly oldest?: boolean;
  readonly limit: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

type Query = NonNullable<Operations['GET /instances']['query']>;

/** `flowctl instances`: runs, the newest first; with --watch as they change, until Ctrl-C. */
export async function instancesCommand(cli: Cli, options: InstancesOptions): Promise<number> {
  const limit = countGiven('--limit', options.limit, 1, 100_000);
  const query = queryFrom(options);
  const client = ServiceClient.of(cli, options);
  const dagId = options.dag === undefined ? undefined : (await findDag(client, options.dag)).id;
  const read = (signal?: AbortSignal) =>
    readInstances(client, { query, limit, ...(dagId && { dagId }), ...(signal && { signal }) });
  const titles = new Titles(client);
  if (options.watch) return watch(cli.terminal, read, titles, options);
  const { items, more } = await read();
  if (options.json) cli.terminal.json({ items, more });
  else {
    for (const line of await table(cli.terminal, items, titles)) cli.terminal.say(line);
    if (items.length === 0) cli.terminal.tell('There is no such run.');
    if (more) cli.terminal.tell(`There are more than ${countText(limit, 'run')}: raise --limit to see them.`);
  }
  return EXIT.done;
}

function queryFrom({ status, label, since, from, to, oldest }: InstancesOptions): Query {
  if (since !== undefined && from !== undefined)
    throw new UsageWrong('--since and --from say the same: give one of them.');
  const createdFrom = since === undefined ? from : new Date(Date.now() - durationGiven('--since', since)).toISOString();
  if (label !== undefined && !label.includes('=')) throw new UsageWrong(`--label wants key=value, not "${label}".`);
  return {
    sort: oldest ? 'createdAt' : '-createdAt',
    ...(status !== undefined && { status }),
    ...(label !== undefined && { label: label.replace('=', ':') }),
    ...(createdFrom !== undefined && { createdFrom }),
    ...(to !== undefined && { createdTo: to }),
  };
}

async function readInstances(
  client: ServiceClient,
  { query, limit, dagId, signal }: { query: Query; limit: number; dagId?: string; signal?: AbortSignal },
): Promise<{ items: readonly Instance[]; more: boolean }> {
  const items: Instance[] = [];
  let cursor: string | null | undefined;
  do {
    const asked: Query = { ...query, limit: Math.min(PAGE, limit - items.length), ...(cursor && { cursor }) };
    const more = signal && { signal };
    const page: { items: readonly unknown[]; nextCursor: string | null } =
      dagId === undefined
        ? await client.ask('GET /instances', { query: asked }, more)
        : await client.ask('GET /dags/{id}/instances', { path: { id: dagId }, query: asked }, more);
    items.push(...(page.items as readonly Instance[]));
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < limit);
  return { items, more: cursor !== null };
}

/** Titles of DAGs, each asked for once; a DAG that is gone is told by its id. */
class Titles {
  private readonly known = new Map<string, string>();

  constructor(private readonly client: ServiceClient) {}

  async of(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const fresh = [...new Set(ids)].filter((id) => !this.known.has(id));
    for (let at = 0; at < fresh.length; at += PAGE) {
      const part = fresh.slice(at, at + PAGE);
      const { items = [] } = await this.client.ask('POST /dags/batch-get', { body: { ids: part, fields: ['title'] } });
      for (const id of part) this.known.set(id, items.find((dag) => dag.id === id)?.title ?? id);
    }
    return this.known;
  }
}

async function table(terminal: Terminal, items: readonly Instance[], titles: Titles): Promise<string[]> {
  if (items.length === 0) return [];
  const known = await titles.of(items.map(({ dagId }) => dagId));
  const heads = ['INSTANCE', 'STATUS', 'DAG', 'VERSION', 'STARTED', 'TOOK', 'STEPS'];
  return columns([
    heads.map((head) => terminal.paint('dim', head)),
    ...items.map((one) => {
      const ms = lastedMs(one);
      return [
        one.id,
        terminal.paint(STATUS_STYLES[one.status] ?? 'dim', one.status),
        known.get(one.dagId) ?? one.dagId,
        one.version,
        (one.startedAt ?? one.createdAt).replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
        ms === undefined ? '-' : timeText(ms),
        `${one.progress.done}/${one.progress.total}`,
      ];
    }),
  ]);
}

/** On a terminal the table is drawn anew in its place; elsewhere, and as JSON, there is a line for each change. */
async function watch(
  terminal: Terminal,
  read: (signal: AbortSignal) => Promise<{ items: readonly Instance[] }>,
  titles: Titles,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const leaving = new Leaving();
  const seen = new Map<string, string>();
  const isDrawn = terminal.isLive && !json;
  const onAway = () => terminal.tell('The service does not answer; trying on.');
  const patience = new Patience({ signal: leaving.signal, onAway });
  const look = async () => {
    const { items } = await read(leaving.signal);
    patience.renew();
    if (isDrawn) {
      terminal.draw(await table(terminal, items, titles));
      return;
    }
    for (const one of [...items].reverse()) {
      const state = JSON.stringify([one.status, one.progress]);
      if (seen.get(one.id) === state) continue;
      seen.set(one.id, state);
      if (json) terminal.jsonLine(one);
      else for (const line of (await table(terminal, [one], titles)).slice(1)) terminal.say(line);
    }
  };
  try {
    for (;;) {
      await look().catch((error: unknown) => patience.endure(error));
      await pause(WATCH_MS, undefined, { signal: leaving.signal });
    }
  } catch (error) {
    if (leaving.why && leaving.why !== 'timeout') throw new Interrupted(leaving.why, 'No longer watching.');
    throw error;
  } finally {
    leaving.forget();
  }
}
