import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FolderLock } from '@flow/adapters/sqlite';
import { isJsonObject } from '@flow/kernel';
import { KEY_FILE } from '@flow/secrets';
import { MANIFEST_FILE, type BackupManifest } from './backup';
import { RestoreRefused } from './backup.errors';
import { BLOBS_FOLDER, isBlobFile } from './blob-store.files';
import { copyPrivately, digestOf, sync } from './backup.files';
import { LOCK_FILE, newestSchema, type FolderDatabase } from './data-folder';

/** Ends the names of files that are being restored. */
export const UNFINISHED = '.restoring';

/**
 * Puts a backup into a folder that is empty and that nobody uses. Every file is checked against the manifest, after it was copied;
 * they get their names when all are there. Throws RestoreRefused, and then leaves the folder as it was.
 */
export function restore(source: string, dataDir: string, databases: readonly FolderDatabase[]): BackupManifest {
  const manifest = readManifest(source, databases);
  mkdirSync(dataDir, { recursive: true });
  const others = readdirSync(dataDir).filter((name) => !name.startsWith(LOCK_FILE));
  const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
  if (!lock) throw new RestoreRefused(`${dataDir} is in use: stop the service, and restore into an empty folder.`);
  try {
    if (others.length > 0)
      throw new RestoreRefused(
        `${dataDir} is not empty: move ${others[0] ?? ''} and the rest away, or restore elsewhere.`,
      );
    const unfinished = manifest.files.map(({ name }) => join(dataDir, `${name}${UNFINISHED}`));
    try {
      for (const { name, bytes, sha256 } of manifest.files) {
        const copy = join(dataDir, `${name}${UNFINISHED}`);
        mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
        copyPrivately(join(source, name), copy);
        const digest = digestOf(copy);
        if (digest.sha256 !== sha256 || digest.bytes !== bytes)
          throw new RestoreRefused(`${join(source, name)} is not what the manifest says: the backup is damaged.`);
      }
    } catch (error) {
      for (const file of unfinished) rmSync(file, { force: true });
      rmSync(join(dataDir, BLOBS_FOLDER), { recursive: true, force: true });
      throw error;
    }
    for (const file of unfinished) renameSync(file, file.slice(0, -UNFINISHED.length));
    for (const folder of new Set(unfinished.flatMap(foldersOf(dataDir)))) sync(folder);
    return manifest;
  } finally {
    lock.release();
  }
}

/** The folder of a file and those around it, up to the data folder. */
function foldersOf(dataDir: string): (file: string) => readonly string[] {
  return (file) => {
    const folders = [dataDir];
    for (let at = dirname(file); at.length > dataDir.length; at = dirname(at)) folders.push(at);
    return folders;
  };
}

function readManifest(source: string, databases: readonly FolderDatabase[]): BackupManifest {
  const file = join(source, MANIFEST_FILE);
  if (!existsSync(file))
    throw new RestoreRefused(`${source} holds no ${MANIFEST_FILE}: it is no backup, or not a whole one.`);
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new RestoreRefused(`${file} is no JSON: the backup is damaged.`);
  }
  if (!isManifest(manifest)) throw new RestoreRefused(`${file} has a form that this version does not know.`);
  for (const { name, schema } of manifest.files) {
    const database = databases.find((one) => one.file === name);
    if (!database && name !== KEY_FILE && !isBlobFile(name))
      throw new RestoreRefused(`${file} names ${name}, which this version does not know.`);
    if (database && (schema ?? 0) > newestSchema(database))
      throw new RestoreRefused(
        `${name} has schema ${schema ?? 0}: it was written by a newer version (${manifest.version}).`,
      );
    if (!existsSync(join(source, name)))
      throw new RestoreRefused(`${join(source, name)} is missing: the backup is damaged.`);
  }
  return manifest;
}

function isManifest(value: unknown): value is BackupManifest {
  return (
    isJsonObject(value) &&
    value.format === 1 &&
    typeof value.version === 'string' &&
    Array.isArray(value.files) &&
    value.files.every((file) => isJsonObject(file) && typeof file.name === 'string' && typeof file.sha256 === 'string')
  );
}
