import { LOCK_FILE, MANIFEST_FILE, type BackupManifest } from '@flow/adapters/embedded';
import { FolderLock } from '@flow/adapters/sqlite';
import { KEY_FILE } from '@flow/secrets';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandFailed, EXIT, Interrupted } from './command.errors';
import { CopyProgress, bytesOf, copy, demandSpace, summaryOf, totalOf } from './copying';
import { DATABASES } from './databases';
import { dataDirOf, type Cli } from './installation';
import { timeText } from './layout';

/** Ends the names of files that `restore` has not vouched for yet. */
const UNFINISHED = '.restoring';
const NAMES = [...DATABASES.map(({ file }) => file), KEY_FILE];

/** `flowctl restore <backup>`: puts a backup into the data folder, which must be empty and unused. */
export async function restoreCommand(cli: Cli, given: string, options: { json?: boolean }): Promise<number> {
  const dataDir = dataDirOf(cli);
  const source = resolve(cli.cwd, given);
  if (!existsSync(source)) throw new CommandFailed(`There is no ${source}.`);
  const files = NAMES.map((name) => ({
    title: name,
    bytes: bytesOf(join(source, name)),
    names: [join(dataDir, name + UNFINISHED), join(dataDir, name)],
  })).filter(({ bytes }) => bytes > 0);
  demandSpace(
    dataDir,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );

  const wasEmpty = contentOf(dataDir).length === 0;
  const { terminal } = cli;
  terminal.tell(`Restoring ${source} to ${dataDir} ...`);
  const progress = new CopyProgress(files);
  const copied = await copy(cli, { kind: 'restore', dataDir, source }, progress);
  if ('interruptedBy' in copied)
    throw new Interrupted(copied.interruptedBy, wasEmpty ? clear(dataDir) : 'Interrupted: nothing was restored.');

  const { manifest } = copied;
  if (options.json) terminal.json({ dataDir, ...manifest });
  else report(cli, dataDir, manifest, progress.tookMs);
  return EXIT.done;
}

function report({ terminal }: Cli, dataDir: string, manifest: BackupManifest, tookMs: number): void {
  for (const line of summaryOf(manifest)) terminal.say(line);
  terminal.say(`Restored in ${timeText(tookMs)}: ${totalOf(manifest)} in ${dataDir}, all as ${MANIFEST_FILE} says.`);
  terminal.say(`It was made ${manifest.createdAt} by version ${manifest.version}. Start the service with: npm start`);
  if (!manifest.files.some(({ name }) => name === KEY_FILE))
    terminal.say(
      `The backup holds no ${KEY_FILE}: set SECRETS_KEY to the key that was used, or the secrets cannot be read.`,
    );
}

/** What is in a folder, the lock aside. */
function contentOf(dataDir: string): string[] {
  return existsSync(dataDir) ? readdirSync(dataDir).filter((name) => !name.startsWith(LOCK_FILE)) : [];
}

/**
 * Takes away what an interrupted restore left in a folder that was empty before it, and says what is there now. As long as one file
 * has its unfinished name the restore was not at its end, and nobody has taken the others into use.
 */
function clear(dataDir: string): string {
  if (!existsSync(dataDir)) return 'Interrupted: nothing was restored.';
  const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
  if (!lock) return `Interrupted: another process has ${dataDir} now, so nothing in it was touched.`;
  try {
    const unfinished = contentOf(dataDir).filter((name) => name.endsWith(UNFINISHED));
    if (unfinished.length > 0)
      for (const name of [...unfinished, ...NAMES]) rmSync(join(dataDir, name), { force: true });
    const left = contentOf(dataDir);
    return left.length === 0
      ? `Interrupted: nothing was restored, and ${dataDir} is as empty as before (${LOCK_FILE} aside).`
      : `Interrupted: ${dataDir} holds ${left.join(', ')}.`;
  } finally {
    lock.release();
  }
}
