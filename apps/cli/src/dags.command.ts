import type { DagItem, Whole } from '@flow/client';
import { EXIT } from './command.errors';
import type { ServiceOptions } from './connection';
import { countGiven } from './given.input';
import type { Cli } from './installation';
import { columns, countText } from './layout';
import { ServiceClient } from './service.client';

const PAGE = 200;

export interface DagsOptions extends ServiceOptions {
  readonly tag?: string;
  readonly limit: string;
  readonly json?: boolean;
}

/** `flowctl dags [keyword]`: what the service has, by title. */
export async function dagsCommand(cli: Cli, keyword: string | undefined, options: DagsOptions): Promise<number> {
  const limit = countGiven('--limit', options.limit, 1, 100_000);
  const { terminal } = cli;
  const client = ServiceClient.of(cli, options);
  const items: Whole<DagItem>[] = [];
  let cursor: string | null | undefined;
  do {
    const page: { items: readonly DagItem[]; nextCursor: string | null } = await client.ask('GET /dags', {
      query: {
        sort: 'title',
        limit: Math.min(PAGE, limit - items.length),
        ...(keyword !== undefined && { keyword }),
        ...(options.tag !== undefined && { tag: options.tag }),
        ...(cursor && { cursor }),
      },
    });
    items.push(...(page.items as readonly Whole<DagItem>[]));
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < limit);
  if (options.json) terminal.json({ items, more: cursor !== null });
  else {
    const heads = ['DAG', 'TITLE', 'VERSION', 'STATUS', 'TRIGGER', 'UPDATED'].map((head) =>
      terminal.paint('dim', head),
    );
    const rows = items.map(({ id, title, version, status, trigger, updatedAt }) => {
      const shown = status === 'stopped' ? terminal.paint('yellow', status) : status;
      return [id, title, version, shown, trigger, updatedAt.replace('T', ' ').replace(/\.\d+Z$/, 'Z')];
    });
    if (rows.length > 0) for (const line of columns([heads, ...rows])) terminal.say(line);
    else terminal.tell('There is no such DAG.');
    if (cursor !== null) terminal.tell(`There are more than ${countText(limit, 'DAG')}: raise --limit to see them.`);
  }
  return EXIT.done;
}
