import { BLOBS_FOLDER, LOCK_FILE, UNFINISHED, blobFiles } from '@flow/adapters/embedded';
import { FolderLock } from '@flow/adapters/sqlite';
import { KEY_FILE } from '@flow/secrets';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASES } from './databases';

/**
 * Takes away what an interrupted restore left in a folder that was empty before it, and says what is there now. As long as one file
 * has its unfinished name the restore was not at its end, and nobody has taken the others into use.
 */
export function clearLeftovers(dataDir: string): string {
  if (!existsSync(dataDir)) return 'Interrupted: nothing was restored.';
  const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
  if (!lock) return `Interrupted: another process has ${dataDir} now, so nothing in it was touched.`;
  try {
    const content = () => readdirSync(dataDir).filter((name) => !name.startsWith(LOCK_FILE));
    const unfinished = [...content(), ...blobFiles(dataDir)].filter((name) => name.endsWith(UNFINISHED));
    if (unfinished.length > 0)
      for (const name of [...unfinished, ...DATABASES.map(({ file }) => file), KEY_FILE, BLOBS_FOLDER])
        rmSync(join(dataDir, name), { recursive: true, force: true });
    const left = content();
    return left.length === 0
      ? `Interrupted: nothing was restored, and ${dataDir} is as empty as before (${LOCK_FILE} aside).`
      : `Interrupted: ${dataDir} holds ${left.join(', ')}.`;
  } finally {
    lock.release();
  }
}
