import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, FolderLock, migrate } from '@flow/adapters/sqlite';
import { anInstance, rowsOf } from '@flow/testing/instances';
import { CompactRefused, compact } from './compact';
import { DOCUMENTS, LOCK_FILE } from './data-folder';
import { DOCUMENTS_FILE, DOCUMENT_MIGRATIONS, openDocuments } from './documents.schema';
import { SqliteDiskSpace } from './disk-space.sqlite';
import { SqliteEndedInstances } from './ended-instances.sqlite';
import { SqliteInstanceStore } from './instance-store.sqlite';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compact-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, DOCUMENTS_FILE);

/** As versions before this one made it: a file that never shrinks. */
function oldFile(): void {
  const db = Database.open(file());
  db.exec('PRAGMA auto_vacuum = NONE; VACUUM');
  migrate(db, DOCUMENT_MIGRATIONS);
  expect(db.space().shrinks).toBe(false);
  db.close();
}

/** Fills the file with instances of `kib` KiB each, and removes all but the last. */
async function fillAndRemove(count: number, kib: number): Promise<{ id: string; before: number }> {
  const db = Database.open(file());
  migrate(db, DOCUMENT_MIGRATIONS);
  db.exec('PRAGMA synchronous = OFF');
  const instances = new SqliteInstanceStore(db);
  const all = Array.from({ length: count }, () =>
    anInstance({ status: 'succeeded', endedAt: '2026-01-01T00:00:00.000Z', input: { text: 'x'.repeat(kib * 1024) } }),
  );
  for (const one of all) await instances.project([rowsOf(one, { owner: null })]);
  db.checkpoint();
  const before = statSync(file()).size;
  const going = all.slice(0, -1).map(({ id }) => id);
  expect(await new SqliteEndedInstances(db).purge(going, new Date('2027-01-01'))).toBe(count - 1);
  db.close();
  return { id: all.at(-1)!.id, before };
}

describe('compacting a data folder', () => {
  it('makes a file as small as what is in it, and one that shrinks from then on', async () => {
    oldFile();
    const { id, before } = await fillAndRemove(20, 1024);
    expect(before).toBeGreaterThan(20 * 1024 * 1024);
    const opened = openDocuments(folder);
    // It is too large to be written anew at a start.
    expect(opened.space().shrinks).toBe(false);
    expect(await new SqliteDiskSpace(opened, { pages: 8, kept: 0 }).giveBack()).toBe(0);
    opened.close();
    const [done] = compact(folder, [DOCUMENTS]);
    expect(done).toMatchObject({ name: DOCUMENTS_FILE, bytes: statSync(file()).size });
    expect(done?.bytesBefore).toBeGreaterThan(20 * 1024 * 1024);
    expect(done?.bytes).toBeLessThan(3 * 1024 * 1024);
    const db = openDocuments(folder);
    expect(db.space()).toMatchObject({ shrinks: true, freePages: 0 });
    expect(db.get('SELECT id FROM instances')).toEqual({ id });
    expect(db.schemaVersion()).toBe(DOCUMENT_MIGRATIONS.at(-1)?.version);
    expect(db.integrityFaults()).toEqual([]);
    db.close();
  });

  it('is not needed for a small file of an older version: its next opening does it', () => {
    oldFile();
    const db = openDocuments(folder);
    expect(db.space().shrinks).toBe(true);
    db.close();
  });

  it('is refused while somebody has the folder, and where there is nothing', () => {
    expect(() => compact(folder, [DOCUMENTS])).toThrow(CompactRefused);
    oldFile();
    const lock = FolderLock.acquire(join(folder, LOCK_FILE));
    expect(() => compact(folder, [DOCUMENTS])).toThrow(CompactRefused);
    lock?.release();
    compact(folder, [DOCUMENTS]);
  });

  it('takes away what one that was cut off has left', () => {
    oldFile();
    writeFileSync(`${file()}.compacting`, 'half');
    compact(folder, [DOCUMENTS]);
    expect(readdirSync(folder).filter((name) => !name.startsWith(LOCK_FILE))).toEqual([DOCUMENTS_FILE]);
  });
});

describe('the space in documents.db', () => {
  it('is given back in steps, and the file gets smaller', async () => {
    const { before } = await fillAndRemove(30, 256);
    const db = openDocuments(folder);
    const space = new SqliteDiskSpace(db, { pages: 64, kept: 16 });
    const steps: number[] = [];
    for (;;) {
      const bytes = await space.giveBack();
      if (bytes === 0) break;
      steps.push(bytes);
    }
    expect(steps.length).toBeGreaterThan(10);
    expect(new Set(steps)).toEqual(new Set([64 * 4096]));
    expect(statSync(file()).size).toBeLessThan(before - steps.length * 60 * 4096);
    expect(statSync(`${file()}-wal`).size).toBe(0);
    expect(db.space().freePages).toBeGreaterThanOrEqual(16);
    expect(db.integrityFaults()).toEqual([]);
    db.close();
  });
});
