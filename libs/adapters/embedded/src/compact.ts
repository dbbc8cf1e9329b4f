import { chmodSync, existsSync, renameSync, rmSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { Database, FolderLock } from '@flow/adapters/sqlite';
import { AppError } from '@flow/kernel';
import { sync } from './backup.files';
import { LOCK_FILE, type FolderDatabase } from './data-folder';

export class CompactRefused extends AppError {
  readonly kind = 'conflict';
  readonly code = 'compact.refused';
}

/** Ends the name of a file that is being written anew. */
const FRESH = '.compacting';

export interface CompactedFile {
  readonly name: string;
  readonly bytesBefore: number;
  readonly bytes: number;
}

/**
 * Writes every database of a folder that nobody uses anew, without what is free in it, as one that shrinks by itself from then on. The new
 * file takes the place of the old one in one step, when it is whole and on the disk. Throws CompactRefused, and then nothing has changed.
 */
export function compact(dataDir: string, databases: readonly FolderDatabase[]): readonly CompactedFile[] {
  const present = databases.filter(({ file }) => existsSync(join(dataDir, file)));
  if (present.length === 0) throw new CompactRefused(`${dataDir} holds no data of this service.`);
  const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
  if (!lock) throw new CompactRefused(`${dataDir} is in use: stop the service first.`);
  try {
    return present.map(({ file }) => compactOne(dataDir, file));
  } finally {
    lock.release();
  }
}

function compactOne(dataDir: string, name: string): CompactedFile {
  const file = join(dataDir, name);
  const fresh = file + FRESH;
  rmSync(fresh, { force: true });
  const db = Database.open(file);
  try {
    const { pages, freePages, pageBytes } = db.space();
    const needed = (pages - freePages) * pageBytes;
    const { bavail, bsize } = statfsSync(dataDir);
    if (bavail * bsize < needed)
      throw new CompactRefused(`${name} needs ${needed} bytes beside it, and the disk has ${bavail * bsize}.`);
    db.copyTo(fresh);
    chmodSync(fresh, statSync(file).mode & 0o777);
    sync(fresh);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    // What its log holds is in it now, and the log is empty: it says nothing of the file that comes into its place.
    db.close();
  }
  const bytesBefore = statSync(file).size;
  renameSync(fresh, file);
  for (const beside of ['-wal', '-shm']) rmSync(file + beside, { force: true });
  sync(dataDir);
  return { name, bytesBefore, bytes: statSync(file).size };
}
