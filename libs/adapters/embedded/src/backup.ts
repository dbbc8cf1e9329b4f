import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Database } from '@flow/adapters/sqlite';
import { KEY_FILE } from '@flow/secrets';
import { BackupRefused } from './backup.errors';
import { blobFiles } from './blob-store.files';
import { copyPrivately, digestOf, sync } from './backup.files';
import { newestSchema, type FolderDatabase } from './data-folder';

export const MANIFEST_FILE = 'manifest.json';

export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of databases: the schema's number and how many rows each table has. */
  readonly schema?: number;
  readonly rows?: Readonly<Record<string, number>>;
}

/** What `manifest.json` says: written last, so a backup without one is not whole. */
export interface BackupManifest {
  readonly format: 1;
  /** The product's version that made it. */
  readonly version: string;
  readonly createdAt: string;
  readonly files: readonly BackupFile[];
}

/**
 * Copies the data folder while it is served: each database as one consistent moment (`VACUUM INTO`), then the key file and the blobs, so
 * that the keys are never older than what they encrypt, and every blob that a row names is there. `target` is made, or is an empty folder; only its owner can read what is in it.
 * Throws BackupRefused, and leaves no manifest when it fails.
 */
export function backup(
  dataDir: string,
  target: string,
  about: { readonly databases: readonly FolderDatabase[]; readonly version: string; readonly now: Date },
): BackupManifest {
  const present = about.databases.filter(({ file }) => existsSync(join(dataDir, file)));
  if (present.length === 0) throw new BackupRefused(`${dataDir} holds no data of this service.`);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new BackupRefused(`${target} is not empty: a backup wants a new or an empty folder.`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const files = present.map((database) => copyDatabase(dataDir, target, database));
  if (existsSync(join(dataDir, KEY_FILE))) {
    copyPrivately(join(dataDir, KEY_FILE), join(target, KEY_FILE));
    files.push({ name: KEY_FILE, ...digestOf(join(target, KEY_FILE)) });
  }
  // After the rows: whatever they name was kept before they were written. What went meanwhile no row needs any more.
  for (const name of blobFiles(dataDir))
    if (copyBlob(dataDir, target, name)) files.push({ name, ...digestOf(join(target, name)) });
  const manifest: BackupManifest = { format: 1, version: about.version, createdAt: about.now.toISOString(), files };
  writeFileSync(join(target, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  sync(join(target, MANIFEST_FILE));
  sync(target);
  return manifest;
}

function copyBlob(dataDir: string, target: string, name: string): boolean {
  mkdirSync(dirname(join(target, name)), { recursive: true, mode: 0o700 });
  try {
    copyPrivately(join(dataDir, name), join(target, name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    rmSync(join(target, name), { force: true });
    return false;
  }
}

function copyDatabase(dataDir: string, target: string, database: FolderDatabase): BackupFile {
  const copy = join(target, database.file);
  const source = Database.open(join(dataDir, database.file), { readOnly: true });
  try {
    const schema = source.schemaVersion();
    if (schema > newestSchema(database))
      throw new BackupRefused(`${source.file} was written by a newer version; make the backup with that one.`);
    source.copyTo(copy);
  } finally {
    source.close();
  }
  chmodSync(copy, 0o600);
  sync(copy);
  return { name: database.file, ...digestOf(copy), ...contentOf(copy) };
}

/** Counted in the copy, which nobody writes. */
function contentOf(file: string): { schema: number; rows: Record<string, number> } {
  const db = Database.open(file, { readOnly: true });
  try {
    const tables = db.all(
      "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    );
    const count = (table: string) => Number(db.get(`SELECT count(*) AS n FROM "${table}"`)?.n);
    return {
      schema: db.schemaVersion(),
      rows: Object.fromEntries(tables.map(({ name }) => [String(name), count(String(name))])),
    };
  } finally {
    db.close();
  }
}
