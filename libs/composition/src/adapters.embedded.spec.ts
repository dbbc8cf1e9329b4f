import { DOCUMENTS_FILE, SqliteWorkerLog, openDocuments } from '@flow/adapters/embedded';
import { RELATIONAL_FILE } from '@flow/adapters/sql';
import { Database, FolderLock } from '@flow/adapters/sqlite';
import type { WorkerId } from '@flow/kernel';
import { FailpointHit, StoresMixed, armFailpoint } from '@flow/platform';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from './adapters.embedded';

describe('A data folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'folder-'));
  });
  afterEach(() => {
    armFailpoint(undefined);
    rmSync(root, { recursive: true, force: true });
  });

  const at = (folder: string, file: string) => join(root, folder, file);

  let starts = 0;
  /** As a start that serves leaves it. */
  async function served(folder: string): Promise<void> {
    const stores = await openEmbedded(join(root, folder));
    await stores.log.open(`worker-${(starts += 1)}` as WorkerId);
    await stores.close();
  }

  function idsIn(folder: string): unknown[] {
    return [DOCUMENTS_FILE, RELATIONAL_FILE].map((file) => {
      const db = Database.open(at(folder, file), { readOnly: true });
      const row = db.get('SELECT id FROM installation');
      db.close();
      return row?.id;
    });
  }

  /** One that a build of before there were ids has served. */
  async function older(folder: string): Promise<void> {
    await served(folder);
    for (const file of [DOCUMENTS_FILE, RELATIONAL_FILE]) {
      const db = Database.open(at(folder, file));
      db.transaction('test.older', () => db.run('DELETE FROM installation'));
      db.close();
    }
  }

  it('is of one installation from its first start on', async () => {
    await served('one');
    const [documents, relational] = idsIn('one');
    expect(documents).toMatch(/^[0-9A-Z]{26}$/);
    expect(relational).toBe(documents);
    await served('one');
    expect(idsIn('one')).toEqual([documents, documents]);
    await served('other');
    expect(idsIn('other')[0]).not.toBe(documents);
  });

  it('of before there were ids gets one at its next start, though it holds no token', async () => {
    await older('old');
    await served('old');
    const [documents, relational] = idsIn('old');
    expect(documents).toMatch(/^[0-9A-Z]{26}$/);
    expect(relational).toBe(documents);
  });

  it.each([DOCUMENTS_FILE, RELATIONAL_FILE])(
    'with %s of another one is refused, named, and can be put right again',
    async (file) => {
      await served('one');
      await served('other');
      copyFileSync(at('one', file), join(root, 'kept'));
      copyFileSync(at('other', file), at('one', file));
      const before = idsIn('one');
      await expect(openEmbedded(join(root, 'one'))).rejects.toThrow(StoresMixed);
      await expect(openEmbedded(join(root, 'one'))).rejects.toThrow(`${at('one', DOCUMENTS_FILE)} belongs to`);
      expect(idsIn('one')).toEqual(before);
      expect(FolderLock.isHeld(at('one', 'lock.db'))).toBe(false);
      copyFileSync(join(root, 'kept'), at('one', file));
      await served('one');
    },
  );

  it.each([DOCUMENTS_FILE, RELATIONAL_FILE])('that lacks %s is refused, and none is made', async (file) => {
    await served('one');
    rmSync(at('one', file));
    await expect(openEmbedded(join(root, 'one'))).rejects.toThrow(`${at('one', file)} is missing`);
    expect(existsSync(at('one', file))).toBe(false);
  });

  it('of before there were ids that lacks its relational.db is refused too', async () => {
    const documents = openDocuments(join(root, 'old'));
    await new SqliteWorkerLog(documents).open('worker-1' as WorkerId);
    documents.close();
    await expect(openEmbedded(join(root, 'old'))).rejects.toThrow(StoresMixed);
  });

  it.each(
    ['installation.decide', 'installation.follow', 'installation.settle'].flatMap((write) => [
      `${write}.before`,
      `${write}.after`,
    ]),
  )('whose first start was cut off at %s comes to one id with the next', async (point) => {
    armFailpoint(`${point}:throw`);
    await expect(openEmbedded(join(root, 'one'))).rejects.toThrow(FailpointHit);
    armFailpoint(undefined);
    await served('one');
    const [documents, relational] = idsIn('one');
    expect(documents).toMatch(/^[0-9A-Z]{26}$/);
    expect(relational).toBe(documents);
  });
});
