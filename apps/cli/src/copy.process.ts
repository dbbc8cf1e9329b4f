import { LOCK_FILE, UNFINISHED, backup, restore } from '@flow/adapters/embedded';
import { KEY_FILE } from '@flow/secrets';
import { existsSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandFailed } from './command.errors';
import type { CopyJob, CopyMessage, PlannedFile } from './copy.job';
import { DATABASES } from './databases';
import { expectedMessage } from './expected';
import { sizeText } from './layout';

// A process of its own, because SQLite copies without a pause: the command stays free to show progress and to end it at once.
// Ctrl-C reaches both; only the command may decide what is to become of a half-made copy.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const tell = (message: CopyMessage): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

function planOf(job: CopyJob): PlannedFile[] {
  const names = [...DATABASES.map(({ file }) => file), KEY_FILE];
  const files = names.map((name) => {
    if (job.kind === 'restore') {
      const bytes = bytesOf(join(job.source, name));
      return { name, bytes, copies: [join(job.dataDir, name + UNFINISHED), join(job.dataDir, name)] };
    }
    // What a log holds is folded into the copy.
    const bytes = bytesOf(join(job.dataDir, name)) + bytesOf(join(job.dataDir, `${name}-wal`));
    return { name, bytes, copies: [join(job.target, name)] };
  });
  return files.filter(({ bytes }) => bytes > 0);
}

function isEmpty(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).every((name) => name.startsWith(LOCK_FILE));
}

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** @throws CommandFailed when the disk has less room than the plan takes. */
function demandSpace(folder: string, plan: readonly PlannedFile[]): void {
  const bytes = plan.reduce((sum, file) => sum + file.bytes, 0);
  let standing = folder;
  while (!existsSync(standing) && dirname(standing) !== standing) standing = dirname(standing);
  const { bavail, bsize } = statfsSync(standing);
  const free = bavail * bsize;
  if (free < bytes)
    throw new CommandFailed(`${sizeText(bytes)} are needed at ${folder}, and ${sizeText(free)} are free there.`);
}

async function carryOut(job: CopyJob): Promise<CopyMessage> {
  try {
    const plan = planOf(job);
    const filled = job.kind === 'backup' ? job.target : job.dataDir;
    demandSpace(dirname(filled), plan);
    await tell({ plan, intoEmpty: isEmpty(filled) });
    const manifest =
      job.kind === 'backup'
        ? backup(job.dataDir, job.target, { databases: DATABASES, version: job.version, now: new Date() })
        : restore(job.source, job.dataDir, DATABASES);
    return { manifest };
  } catch (error) {
    const refused = expectedMessage(error);
    return refused === undefined ? { bug: String((error as Error).stack) } : { refused };
  }
}

process.once('message', (job: CopyJob) => {
  void carryOut(job)
    .then(tell)
    .then(() => process.disconnect());
});
