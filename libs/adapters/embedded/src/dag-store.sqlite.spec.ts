import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, migrate } from '@flow/adapters/sqlite';
import type { Dag, DagFilter, DagSummary } from '@flow/dags';
import type { Page } from '@flow/kernel';
import { aDag, dagOutboxContract, dagStoreContract, step } from '@flow/testing/dags';
import { SqliteDagOutbox } from './dag-outbox.sqlite';
import { SqliteDagStore } from './dag-store.sqlite';
import { DOCUMENT_MIGRATIONS } from './documents.schema';

const folder = mkdtempSync(join(tmpdir(), 'dags-'));
let opened: Database[] = [];

function openFile(): Database {
  const db = Database.open(join(folder, `${opened.length}-${Date.now()}.db`));
  // A test's file needs no disk: what survives a power cut is the door's own promise.
  db.exec('PRAGMA synchronous = OFF');
  migrate(db, DOCUMENT_MIGRATIONS);
  opened.push(db);
  return db;
}

const open = () => new SqliteDagStore(openFile());

afterAll(() => {
  opened.forEach((db) => db.close());
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

dagStoreContract('SqliteDagStore', open);
dagStoreContract('SqliteDagStore with an outbox', () => {
  const db = openFile();
  return new SqliteDagStore(db, new SqliteDagOutbox(db));
});
dagOutboxContract('SqliteDagOutbox', async () => {
  const db = openFile();
  const view = () => {
    const outbox = new SqliteDagOutbox(db);
    return { outbox, store: new SqliteDagStore(db, outbox) };
  };
  return { ...view(), silent: new SqliteDagStore(db), reopen: async () => view() };
});

describe('lists of very many DAGs', () => {
  it('give the same pages as a look at each of them, whatever is rare or frequent', async () => {
    const store = open();
    const all: Dag[] = [];
    for (let i = 0; i < 3_300; i += 1)
      all.push(
        aDag({
          title: `${i % 3 === 0 ? 'invoice' : 'order'} ${(i * 7) % 3_300}${i % 500 === 499 ? ' rare' : ''}`,
          status: i % 10 === 3 ? 'stopped' : 'normal',
          tags: [`t${i % 2}`, ...(i === 5 ? ['one'] : [])],
          steps: [step('0', { operator: i % 4 === 1 ? '@trigger/cron' : '@trigger/manual' })],
          createdBy: i < 40 ? 'ann' : 'bob',
          createdAt: new Date(Date.UTC(2026, 0, 1) + i * 1_000).toISOString(),
          updatedAt: new Date(Date.UTC(2026, 0, 1) + ((i * 11) % 3_300) * 1_000).toISOString(),
        }),
      );
    for (const dag of all) await store.create(dag);
    const holds = (dag: Dag, { keyword, tag, status, trigger, createdBy }: DagFilter) =>
      (keyword === undefined || dag.title.includes(keyword)) &&
      (tag === undefined || dag.tags.includes(tag)) &&
      (status === undefined || dag.status === status) &&
      (trigger === undefined || dag.steps[0]?.operator === `@trigger/${trigger}`) &&
      (createdBy === undefined || dag.createdBy === createdBy);
    const filters: DagFilter[] = [
      { tag: 'one' },
      { tag: 't1' },
      { createdBy: 'ann' },
      { createdBy: 'ann', tag: 't0' },
      // Both frequent, and never together.
      { tag: 't0', trigger: 'cron' },
      { tag: 't1', trigger: 'cron', status: 'stopped' },
      { keyword: 'rare' },
      { keyword: 'rare', tag: 't1' },
      { keyword: 'invoice', status: 'stopped' },
      { keyword: 'nobody' },
      { keyword: '7' },
      { keyword: 'invoice', createdBy: 'ann' },
    ];
    const key = { createdAt: 'createdAt', updatedAt: 'updatedAt', title: 'title' } as const;
    for (const filter of filters)
      for (const sort of ['-createdAt', 'updatedAt', 'title'] as const) {
        const by = key[sort.replace('-', '') as keyof typeof key];
        const wanted = all.filter((dag) => holds(dag, filter)).sort((a, b) => (a[by] < b[by] ? -1 : 1));
        if (sort.startsWith('-')) wanted.reverse();
        const found: string[] = [];
        let cursor: string | null = null;
        for (let page = 0; page < 3 && (page === 0 || cursor !== null); page += 1) {
          const answer: Page<DagSummary> = await store.list(
            all[0]!.domain,
            { ...filter, sort },
            { limit: 40, ...(cursor !== null && { cursor }), count: page === 0 },
          );
          if (page === 0) expect({ filter, total: answer.total }).toEqual({ filter, total: wanted.length });
          found.push(...answer.items.map(({ id }) => id));
          cursor = answer.nextCursor;
        }
        expect({ filter, sort, found }).toEqual({ filter, sort, found: wanted.slice(0, 120).map(({ id }) => id) });
        if (wanted.length <= 120) expect(cursor).toBeNull();
      }
  });
});

describe('documents.db of an older build', () => {
  it('learns at its first start which DAGs name a secret', async () => {
    const db = Database.open(join(folder, 'older.db'));
    opened.push(db);
    const first = DOCUMENT_MIGRATIONS.findIndex(({ fill }) => fill);
    migrate(db, DOCUMENT_MIGRATIONS.slice(0, first));
    // What an older build wrote: the same rows, without the table that came later.
    db.exec('CREATE TEMP TABLE dag_secrets (domain TEXT, secret TEXT, seq INTEGER)');
    const store = new SqliteDagStore(db);
    const naming = (secret: string) => step('0', { parameters: { value: `{{secrets.${secret}}}` } });
    const { dag } = await store.create(aDag({ steps: [naming('first')] }));
    const changed = await store.update({ ...dag, steps: [naming('key')], version: 'v0.0.1' }, 1, { publish: true });
    const { dag: gone } = await store.create(aDag({ steps: [naming('key')] }));
    await store.remove(gone.domain, gone.id, { at: gone.createdAt, by: 'ann' });
    for (let i = 0; i < 450; i += 1) await store.create(aDag({ steps: [naming('many')] }));
    db.exec('DROP TABLE dag_secrets');
    migrate(db, DOCUMENT_MIGRATIONS);
    const found = await store.namingSecrets(dag.domain, ['first', 'key', 'many'], 1);
    expect(found.get('key')).toEqual({ total: 1, dags: [{ id: dag.id, title: changed.title }] });
    expect([found.has('first'), found.get('many')?.total]).toEqual([false, 450]);
  });

  it('finds them in an index', () => {
    const db = Database.open(join(folder, 'plan.db'));
    opened.push(db);
    migrate(db, DOCUMENT_MIGRATIONS);
    const plan = db.all(`EXPLAIN QUERY PLAN SELECT d.id, d.title FROM dag_secrets s JOIN dags d ON d.seq = s.seq
      WHERE s.domain = 'a' AND s.secret = 'b' ORDER BY s.seq LIMIT 20`);
    expect(plan.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('SEARCH s USING PRIMARY KEY (domain=? AND secret=?)'),
      expect.stringContaining('SEARCH d USING INTEGER PRIMARY KEY'),
    ]);
  });
});
