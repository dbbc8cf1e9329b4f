import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@flow/adapters/sqlite';
import type { DagId, DomainId } from '@flow/kernel';
import { DOCUMENT_PARTS, type MovedDag } from '@flow/moving';
import { aDag } from '@flow/testing/dags';
import { aDelivery } from '@flow/testing/deliveries';
import { anEvent } from '@flow/testing/events';
import { FileBlobStore } from './blob-store.files';
import { SqliteDagOutbox } from './dag-outbox.sqlite';
import { SqliteDagStore } from './dag-store.sqlite';
import { SqliteDeliveryStore } from './delivery-store.sqlite';
import { SqliteEventOutbox } from './event-outbox.sqlite';
import { FOLDER_TABLES } from './folder-tables';
import { openDocuments } from './documents.schema';
import { FolderMoveSource } from './move-source.sqlite';

const PRODUCTION = readFileSync(join(__dirname, '../../../../docs/production.md'), 'utf8');

describe('moving a data folder', () => {
  let folder: string;
  let db: Database;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flow-move-'));
    db = openDocuments(folder);
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  it('knows what becomes of every table and every column, and the manual tells it', () => {
    const names = db
      .all(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'dag_titles_%'`,
      )
      .map(({ name }) => String(name));
    const found = Object.fromEntries(
      names.map((name) => [name, db.all(`PRAGMA table_info(${name})`).map((column) => String(column.name))]),
    );
    expect(Object.fromEntries(Object.entries(FOLDER_TABLES).map(([name, { columns }]) => [name, columns]))).toEqual(
      found,
    );
    expect(new Set(Object.values(FOLDER_TABLES).flatMap(({ moved }) => moved ?? []))).toEqual(
      new Set(DOCUMENT_PARTS.filter((part) => part !== 'values')),
    );
    for (const [name, { moved, left }] of Object.entries(FOLDER_TABLES)) {
      expect([name, moved !== undefined, left === undefined]).toEqual([name, moved !== undefined, moved !== undefined]);
      expect(PRODUCTION).toContain(`\`${name}\``);
    }
  });

  it('reads what is to be told: facts with their DAG, traces with deliveries and events', async () => {
    const [outbox, silent] = [new SqliteDagOutbox(db), new SqliteDagStore(db)];
    const { dag } = await new SqliteDagStore(db, outbox).create(aDag({ id: 'D1' as DagId }));
    // Ids that the first one's begins with, or that begin with it, are others'.
    for (const id of ['D', 'D12']) await silent.create(aDag({ id: id as DagId }));
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await new SqliteDeliveryStore(db).add(aDelivery({ traceparent }), new Date());
    await new SqliteEventOutbox(db).put([anEvent('A', 1, { traceparent }), anEvent('A', 2)]);
    const facts = await outbox.waiting(10);
    db.close();
    const source = FolderMoveSource.open(folder, { changes: false, uploads: () => new Map() });
    const dags = ((await source.page('dags', null)) as readonly { content: MovedDag }[]).map(({ content }) => [
      content.dag.id,
      content.facts,
    ]);
    expect(dags).toEqual([
      [dag.id, facts],
      ['D', undefined],
      ['D12', undefined],
    ]);
    expect(await source.page('deliveries', null)).toMatchObject([{ content: { traceparent } }]);
    const events = (await source.page('events', null)).map(({ content }) => content);
    expect(events).toEqual([anEvent('A', 1, { traceparent }), anEvent('A', 2)]);
    source.close();
  });

  it('reads the values of instances and of uploaded files, and no others', async () => {
    const acme = 'acme' as DomainId;
    const blobs = new FileBlobStore(folder);
    for (const owner of ['i1', 'file_named', 'file_gone'])
      await blobs.put({ domain: acme, owner }, bytesOf(owner), 100);
    db.write(
      'test.fill',
      `INSERT INTO instances (no, id, domain, dag_id, status, created_ms, owner, epoch, seq, doc, wake_ms)
       VALUES (1, 'i1', 'acme', 'd', 5, 0, NULL, 1, 7, '{"domain":"acme"}', NULL)`,
    );
    db.close();
    const source = FolderMoveSource.open(folder, { changes: false, uploads: () => new Map([['file_named', acme]]) });
    expect((await source.page('values', null)).map(({ content }) => content)).toMatchObject([
      { owner: 'file_named', domain: acme, bytes: 10 },
      { owner: 'i1', domain: acme, bytes: 2 },
    ]);
    expect(await source.count('values')).toBe(2);
    source.close();
  });

  it('reads large rows in short pages, whole instances but none that is being removed, and letters without a delivery', async () => {
    const doc = (id: string) => JSON.stringify({ id, domain: 'acme' });
    db.transaction('test.fill', () => {
      for (let no = 1; no <= 3; no += 1)
        db.run(
          `INSERT INTO instances (no, id, domain, dag_id, status, created_ms, owner, epoch, seq, doc, wake_ms)
           VALUES (?, ?, 'acme', 'd', 5, 0, NULL, 1, 7, ?, NULL)`,
          no,
          `i${no}`,
          doc(`i${no}`),
        );
      db.run('INSERT INTO purging (instance) VALUES (3)');
      const task = (id: string, text = '') => JSON.stringify({ id, text });
      for (let n = 0; n < 3; n += 1)
        db.run(
          'INSERT INTO tasks (instance, id, seq, doc) VALUES (1, ?, 1, ?)',
          `t${n}`,
          task(`t${n}`, 'x'.repeat(3 << 20)),
        );
      db.run(`INSERT INTO tasks (instance, id, seq, doc) VALUES (3, 'gone', 1, ?)`, task('gone'));
      db.run('INSERT INTO short_runs (instance, tasks) VALUES (2, ?)', `[${task('s1')},${task('s2')}]`);
      db.run(
        `INSERT INTO dead_letters (id, domain, instance, host, url, attempts, last_error, created_ms, died_ms, body)
         VALUES ('l1', 'acme', 'removed', 'h', 'http://h/', 1, 'no', 1, 2, '{}')`,
      );
      db.run(`INSERT INTO purged (id, until_ms) VALUES ('old', 9)`);
    });
    db.close();
    const source = FolderMoveSource.open(folder, { changes: false, uploads: () => new Map() });
    const pages: string[][] = [];
    for (let place: string | null = null; ;) {
      const page = await source.page('tasks', place);
      if (page.length === 0) break;
      pages.push(page.map(({ key }) => key));
      place = page.at(-1)?.place ?? null;
    }
    expect(pages).toEqual([['["i1","t0"]', '["i1","t1"]'], ['["i1","t2"]'], ['["i2","s1"]', '["i2","s2"]']]);
    expect(await source.count('tasks')).toBe(5);
    expect((await source.page('instances', null)).map(({ key }) => key)).toEqual(['i1', 'i2']);
    const [letter] = await source.page('deliveries', null);
    expect(letter).toMatchObject({ key: 'l1', content: { status: 'dead', letter: { diedMs: 2 }, body: '{}' } });
    expect(await source.page('tombstones', null)).toMatchObject([{ key: 'old', content: { untilMs: 9 } }]);
    expect(() => FolderMoveSource.open(folder, { changes: false, uploads: () => new Map() })).toThrow(
      'is in use: stop the service first',
    );
    source.close();
  });
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
