import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, migrate } from '@flow/adapters/sqlite';
import { aDag, dagStoreContract, step } from '@flow/testing/dags';
import { SqliteDagStore } from './dag-store.sqlite';
import { DOCUMENT_MIGRATIONS } from './documents.schema';

const folder = mkdtempSync(join(tmpdir(), 'dags-'));
let opened: Database[] = [];

function open(): SqliteDagStore {
  const db = Database.open(join(folder, `${opened.length}-${Date.now()}.db`));
  // A test's file needs no disk: what survives a power cut is the door's own promise.
  db.exec('PRAGMA synchronous = OFF');
  migrate(db, DOCUMENT_MIGRATIONS);
  opened.push(db);
  return new SqliteDagStore(db);
}

afterAll(() => {
  opened.forEach((db) => db.close());
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

dagStoreContract('SqliteDagStore', open);

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
