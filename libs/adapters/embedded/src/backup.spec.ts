import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, FolderLock } from '@flow/adapters/sqlite';
import type { DomainId, WorkerId } from '@flow/kernel';
import { KEY_FILE, openSecretBox } from '@flow/secrets';
import { startScript } from '@flow/testing/adapters/sqlite';
import { SeededRandom } from '@flow/testing/kernel';
import { piecesOf, textIn } from '@flow/testing/platform';
import { MANIFEST_FILE, backup, type BackupManifest } from './backup';
import { BackupRefused, RestoreRefused } from './backup.errors';
import { BLOBS_FOLDER, FileBlobStore, INCOMING } from './blob-store.files';
import { checkFolder } from './check-folder';
import { DOCUMENTS, LOCK_FILE } from './data-folder';
import { DOCUMENT_MIGRATIONS, openDocuments } from './documents.schema';
import { restore } from './restore';
import { documentSteps } from './testing/document-steps';
import { SqliteWorkerLog } from './worker-log.sqlite';

const databases = [DOCUMENTS];
const about = { databases, version: '0.1.0', now: new Date('2026-01-01T00:00:00.000Z') };
let root: string;
let data: string;
let target: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'backup-'));
  data = join(root, 'data');
  target = join(root, 'backup');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function fill(): Promise<void> {
  const db = openDocuments(data);
  db.exec('PRAGMA synchronous = OFF');
  for (const takeStep of documentSteps(db).slice(0, 19)) await takeStep();
  db.close();
  openSecretBox(data, undefined, new SeededRandom());
}

function rewriteManifest(change: (manifest: BackupManifest) => unknown): void {
  const file = join(target, MANIFEST_FILE);
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as BackupManifest)));
}

describe('backup', () => {
  it('copies databases and keys for their owner alone, and says what it copied', async () => {
    await fill();
    const manifest = backup(data, target, about);
    expect(readdirSync(target).sort()).toEqual(['documents.db', MANIFEST_FILE, KEY_FILE].sort());
    for (const name of readdirSync(target)) expect(statSync(join(target, name)).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(join(target, MANIFEST_FILE), 'utf8'))).toEqual(manifest);
    expect(manifest).toMatchObject({ format: 1, version: '0.1.0', createdAt: '2026-01-01T00:00:00.000Z' });
    expect(manifest.files).toMatchObject([
      {
        name: 'documents.db',
        schema: DOCUMENT_MIGRATIONS.at(-1)?.version,
        rows: { dags: 1, instances: 1, tasks: 1, task_lines: 2, log_records: 2 },
      },
      { name: KEY_FILE },
    ]);
  });

  it('gives everything back when it is restored, keys too', async () => {
    await fill();
    const box = openSecretBox(data, undefined, new SeededRandom(2));
    const place = { tenant: 'a', type: 'secret', id: '1', field: 'value' };
    backup(data, target, about);
    const again = join(root, 'again');
    restore(target, again, databases);
    expect(openSecretBox(again, undefined, new SeededRandom(3)).open(box.seal('value', place), place)).toBe('value');
    const [before, after] = [data, again].map((folder) => {
      const db = openDocuments(folder);
      const rows = ['dags', 'instances', 'tasks', 'history', 'workers', 'idempotency_keys'].map((table) =>
        db.all(`SELECT * FROM ${table}`),
      );
      db.close();
      return rows;
    });
    expect(after).toEqual(before);
  });

  it('brings large values along, and restores them to their owners', async () => {
    await fill();
    const place = { domain: 'north' as DomainId, owner: 'one' };
    const { sha256 } = await new FileBlobStore(data).put(place, piecesOf('large'), 100);
    writeFileSync(join(data, BLOBS_FOLDER, INCOMING, '1'), 'half of one that is being written');
    const manifest = backup(data, target, about);
    expect(manifest.files.map(({ name }) => name).filter((name) => name.startsWith(BLOBS_FOLDER))).toHaveLength(1);
    const again = join(root, 'again');
    restore(target, again, databases);
    expect(await textIn(new FileBlobStore(again).get(place, sha256))).toBe('large');
    expect(checkFolder(again, databases)).toContainEqual({
      about: BLOBS_FOLDER,
      state: 'ok',
      message: 'Large values: 1, together 1 MiB.',
    });
  });

  it('leaves the folder empty when a large value of the backup is damaged', async () => {
    await fill();
    await new FileBlobStore(data).put({ domain: 'north' as DomainId, owner: 'one' }, piecesOf('large'), 100);
    const { files } = backup(data, target, about);
    writeFileSync(join(target, files.at(-1)?.name ?? ''), 'LARGE');
    const again = join(root, 'again');
    expect(() => restore(target, again, databases)).toThrow(RestoreRefused);
    expect(readdirSync(again).filter((name) => !name.startsWith(LOCK_FILE))).toEqual([]);
  });

  it.each(['blobs/../../x', 'blobs/x', '../blobs/x', `blobs/${'0'.repeat(32)}/one/../../../x`])(
    'restores nothing that is named %s',
    async (name) => {
      await fill();
      backup(data, target, about);
      rewriteManifest((manifest) => ({ ...manifest, files: [...manifest.files, { ...manifest.files[0], name }] }));
      expect(() => restore(target, join(root, 'again'), databases)).toThrow(/does not know/);
    },
  );

  it('copies a consistent moment while another process serves the folder', async () => {
    mkdirSync(data);
    const server = startScript(join(__dirname, 'testing', 'append-for-ever.ts'), [data]);
    let said = '';
    server.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    while (said.length < 200) await once(server.stdout, 'data');
    const known = said.trim().split('\n').length - 1;
    backup(data, target, about);
    expect(checkFolder(data, databases).filter(({ state }) => state === 'fault')).toEqual([]);
    expect(checkFolder(data, databases)).toContainEqual(
      expect.objectContaining({ message: 'A process has the folder.' }),
    );
    expect(() => restore(target, data, databases)).toThrow(/in use/);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const again = join(root, 'again');
    restore(target, again, databases);
    const db = openDocuments(again);
    const records = await new SqliteWorkerLog(db).read('w' as WorkerId, 0, 1_000_000);
    expect(records.length).toBeGreaterThanOrEqual(known);
    expect(records.map(({ n }) => n)).toEqual(records.map((_, i) => i + 1));
    expect(db.integrityFaults()).toEqual([]);
    db.close();
  });

  it('refuses a folder without data and a target that holds something', async () => {
    expect(() => backup(data, target, about)).toThrow(BackupRefused);
    expect(existsSync(target)).toBe(false);
    await fill();
    mkdirSync(target);
    writeFileSync(join(target, 'precious'), '');
    expect(() => backup(data, target, about)).toThrow(/not empty/);
    expect(readdirSync(target)).toEqual(['precious']);
  });
});

describe('restore', () => {
  beforeEach(async () => {
    await fill();
    backup(data, target, about);
  });

  it.each<[string, () => void, RegExp]>([
    ['has no manifest', () => rmSync(join(target, MANIFEST_FILE)), /no manifest.json/],
    ['has a broken manifest', () => writeFileSync(join(target, MANIFEST_FILE), '{'), /no JSON/],
    ['has a manifest of another form', () => rewriteManifest((m) => ({ ...m, format: 2 })), /does not know/],
    ['lacks a file', () => rmSync(join(target, 'documents.db')), /missing/],
    ['was cut', () => truncateSync(join(target, 'documents.db'), 4096), /damaged/],
    [
      'names a file elsewhere',
      () => rewriteManifest((m) => ({ ...m, files: [{ ...m.files[0], name: '../data/documents.db' }] })),
      /does not know/,
    ],
    [
      'was made by a newer version',
      () => rewriteManifest((m) => ({ ...m, files: m.files.map((file) => ({ ...file, schema: 99 })) })),
      /newer version/,
    ],
  ])('refuses a backup that %s and leaves the folder empty', (_what, damage, message) => {
    damage();
    const again = join(root, 'again');
    expect(() => restore(target, again, databases)).toThrow(RestoreRefused);
    expect(() => restore(target, again, databases)).toThrow(message);
    expect(existsSync(again) ? readdirSync(again).filter((name) => name !== LOCK_FILE) : []).toEqual([]);
  });

  it('refuses a folder that holds something, and changes nothing in it', () => {
    const before = readFileSync(join(data, KEY_FILE));
    expect(() => restore(target, data, databases)).toThrow(/not empty/);
    expect(readFileSync(join(data, KEY_FILE))).toEqual(before);
  });

  it('refuses a folder that is in use', () => {
    const again = join(root, 'again');
    const lock = FolderLock.acquire(join(again, LOCK_FILE));
    expect(() => restore(target, again, databases)).toThrow(/in use/);
    lock?.release();
    expect(restore(target, again, databases).files).toHaveLength(2);
  });
});

describe('checkFolder', () => {
  const states = () => Object.fromEntries(checkFolder(data, databases).map(({ about: what, state }) => [what, state]));

  it('finds no fault in a sound folder', async () => {
    await fill();
    expect(states()).toMatchObject({ folder: 'ok', lock: 'ok', 'documents.db': 'ok', [KEY_FILE]: 'ok' });
  });

  it('changes nothing', async () => {
    await fill();
    FolderLock.acquire(join(data, LOCK_FILE))?.release();
    backup(data, target, about);
    const restored = join(root, 'restored');
    restore(target, restored, databases);
    for (const folder of [data, restored]) {
      // SQLite's own index of its log is no content: it is made anew by whoever opens the file first.
      const content = () =>
        readdirSync(folder).map((name) => [name, name.endsWith('-shm') ? '' : readFileSync(join(folder, name), 'hex')]);
      const before = content();
      checkFolder(folder, databases);
      expect(content()).toEqual(before);
    }
    expect(checkFolder(join(root, 'none'), databases)).toMatchObject([{ about: 'folder', state: 'warning' }]);
    expect(existsSync(join(root, 'none'))).toBe(false);
  });

  it('says what is wrong with each part', async () => {
    await fill();
    chmodSync(join(data, KEY_FILE), 0o644);
    writeFileSync(join(data, 'documents.db.restoring'), '');
    expect(states()).toMatchObject({ [KEY_FILE]: 'fault', 'documents.db.restoring': 'fault' });
    rmSync(join(data, KEY_FILE));
    expect(states()).toMatchObject({ [KEY_FILE]: 'warning' });
    const db = Database.open(join(data, 'documents.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(states()).toMatchObject({ 'documents.db': 'fault' });
    writeFileSync(join(data, 'documents.db'), 'no database at all'.repeat(500));
    expect(states()).toMatchObject({ 'documents.db': 'fault' });
    rmSync(join(data, 'documents.db'));
    expect(states()).toMatchObject({ 'documents.db': 'warning' });
  });
});
