// Workload 7: lists, filters and searches over very many DAGs and instances, at their first page and at the thousandth.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from './load.mjs';
import { root, startService } from './service.mjs';

const CALLERS = 10;
const PAGE = 50;
const FAR = 1_000;
const MOST_A_PAGE = 200;

/** What is asked; `busy` stands for a DAG with very many instances, `quiet` for one with few. */
const LISTS = [
  ['DAGs', '/dags'],
  ['DAGs by title', '/dags?sort=title'],
  ['DAGs last changed', '/dags?sort=-updatedAt'],
  ['DAGs that are stopped', '/dags?status=stopped'],
  ['DAGs by trigger', '/dags?trigger=cron'],
  ['DAGs by tag', '/dags?tag=team-7'],
  ['DAGs by a rare tag', '/dags?tag=rare'],
  ['DAGs by maker and tag', '/dags?createdBy=person-7&tag=team-7'],
  ['DAGs by maker and a tag that none of them has', '/dags?createdBy=person-7&tag=team-8'],
  ['DAGs by tag and trigger that none of them has', '/dags?trigger=cron&tag=team-4'],
  ['DAGs, search of a frequent word', '/dags?keyword=invoice'],
  ['DAGs, search of a rare word', '/dags?keyword=quarterly'],
  ['DAGs, search of two letters', '/dags?keyword=in'],
  ['DAGs, search of what is not there', '/dags?keyword=nobody'],
  ['instances', '/instances'],
  ['instances, the oldest first', '/instances?sort=createdAt'],
  ['instances that have failed', '/instances?status=failed'],
  ['instances that live', '/instances?status=running,waiting,paused,queued'],
  ['instances of a busy DAG', '/dags/{busy}/instances'],
  ['instances of a busy DAG that have failed', '/dags/{busy}/instances?status=failed'],
  ['instances of a quiet DAG', '/dags/{quiet}/instances'],
  ['instances of an hour', '/instances?createdFrom=2026-01-01T20:00:00Z&createdTo=2026-01-01T21:00:00Z'],
  ['instances by label', '/instances?label=team:t3'],
  ['instances by a rare label', '/instances?label=case:rare'],
  ['instances by label and status', '/instances?label=team:t3&status=failed'],
  ['instances by label and a status that none has', '/instances?label=team:t3&status=paused'],
  ['instances by label of a quiet DAG', '/dags/{quiet}/instances?label=team:t3'],
];

/** Figures of each list: `[{ what, pages: [{ page, p50, p99 }] }]`, and how long the data took to be made. */
export async function lists({ dags, instances, seconds, progress }) {
  const folder = mkdtempSync(join(tmpdir(), 'flow-lists-'));
  try {
    progress(`Making ${dags} DAGs and ${instances} instances ...`);
    const startedAt = performance.now();
    const runner = join(root, 'libs/adapters/sqlite/src/testing/run-ts.cjs');
    const script = join(root, 'scripts/lib/many-rows.ts');
    const made = spawnSync(process.execPath, [runner, script, folder, String(dags), String(instances)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (made.status !== 0) throw new Error('The data could not be made.');
    const madeMs = performance.now() - startedAt;
    // What ended long ago stays.
    const service = await startService({ folder, env: { RETENTION: 'forever' } });
    const fileMb = Math.round(statSync(join(folder, 'documents.db')).size / 2 ** 20);
    const page = (path) => service.call('GET', path);
    const oldest = (await page('/dags?sort=createdAt&limit=200')).items;
    const names = { busy: oldest[7].id, quiet: oldest[150].id };
    const figures = [];
    for (const [what, template] of LISTS) {
      progress(`Listing: ${what} ...`);
      const path = template.replace(/\{(\w+)\}/, (_, name) => names[name]);
      const pages = [];
      for (const cursor of [undefined, await cursorOfPage(page, path, FAR)]) {
        if (cursor === null) continue;
        const asked = `/api/automation/v1${withQuery(path, `limit=${PAGE}${cursor ? `&cursor=${cursor}` : ''}`)}`;
        const request = { method: 'GET', path: asked, headers: service.headers, body: '' };
        const { p50, p99 } = await load(service.origin, request, CALLERS, seconds);
        const alone = await load(service.origin, request, 1, Math.min(1, seconds));
        pages.push({ page: cursor ? FAR : 1, p50, p99, alone: alone.p50 });
      }
      figures.push({ what, pages });
    }
    await service.stop();
    return { figures, madeMs, fileMb };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const withQuery = (path, query) => `${path}${path.includes('?') ? '&' : '?'}${query}`;

/** Behind the page before; null where there are not so many. */
async function cursorOfPage(page, path, number) {
  let cursor = '';
  for (let passed = 0; passed < (number - 1) * PAGE;) {
    const limit = Math.min(MOST_A_PAGE, (number - 1) * PAGE - passed);
    const { items, nextCursor } = await page(withQuery(path, `limit=${limit}${cursor && `&cursor=${cursor}`}`));
    if (nextCursor === null) return null;
    passed += items.length;
    cursor = nextCursor;
  }
  return cursor;
}
