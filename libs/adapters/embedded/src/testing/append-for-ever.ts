import { once } from 'node:events';
import type { WorkerId } from '@flow/kernel';
import { FolderLock } from '@flow/adapters/sqlite';
import { join } from 'node:path';
import { LOCK_FILE } from '../data-folder';
import { openDocuments } from '../documents.schema';
import { SqliteWorkerLog } from '../worker-log.sqlite';

// Serves the folder that is named on the command line: has its lock and appends, saying each number once it is on disk, until it is killed.
async function main(): Promise<void> {
  const folder = process.argv[2] ?? '';
  const lock = FolderLock.acquire(join(folder, LOCK_FILE));
  const log = new SqliteWorkerLog(openDocuments(folder));
  const worker = 'w' as WorkerId;
  await log.open(worker);
  for (let n = 1; lock; n += 1) {
    await log.append(worker, { n, kind: 'transitions', nonce: `${n}`, body: `["record ${n}"]` });
    if (!process.stdout.write(`${n}\n`)) await once(process.stdout, 'drain');
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

void main();
