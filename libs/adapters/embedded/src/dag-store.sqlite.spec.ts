import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, migrate } from '@flow/adapters/sqlite';
import { dagStoreContract } from '@flow/testing/dags';
import { SqliteDagStore } from './dag-store.sqlite';
import { DAGS_SCHEMA } from './dags.schema';

const folder = mkdtempSync(join(tmpdir(), 'dags-'));
let opened: Database[] = [];

function open(): SqliteDagStore {
  const db = Database.open(join(folder, `${opened.length}-${Date.now()}.db`));
  // A test's file needs no disk: what survives a power cut is the door's own promise.
  db.exec('PRAGMA synchronous = OFF');
  migrate(db, [{ version: 1, sql: DAGS_SCHEMA }]);
  opened.push(db);
  return new SqliteDagStore(db);
}

afterAll(() => {
  opened.forEach((db) => db.close());
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

dagStoreContract('SqliteDagStore', open);
