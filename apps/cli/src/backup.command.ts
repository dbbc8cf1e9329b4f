import { KEY_FILE } from '@flow/secrets';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CommandFailed, EXIT, Interrupted } from './command.errors';
import { CopyProgress, bytesOf, copy, demandSpace, summaryOf, totalOf } from './copying';
import { DATABASES } from './databases';
import { settingsOf, type Cli } from './installation';
import { timeText } from './layout';

/** Ends the name of a backup that is being made; the whole one gets its name in one step. */
const UNFINISHED = '.unfinished';

/** `flowctl backup <target>`: one consistent copy of the data folder, while it is served or not. */
export async function backupCommand(cli: Cli, given: string, options: { json?: boolean }): Promise<number> {
  const { settings } = settingsOf(cli);
  const dataDir = resolve(cli.home, settings.dataDir);
  const target = resolve(cli.cwd, given);
  const unfinished = target + UNFINISHED;
  checkTarget(dataDir, target, unfinished);
  const files = DATABASES.map(({ file }) => ({
    title: file,
    bytes: bytesOf(join(dataDir, file)) + bytesOf(join(dataDir, `${file}-wal`)),
    names: [join(unfinished, file)],
  })).filter(({ bytes }) => bytes > 0);
  demandSpace(
    dirname(target),
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );

  const { terminal } = cli;
  terminal.tell(`Backing up ${dataDir} to ${target} ...`);
  const progress = new CopyProgress(files);
  const job = { kind: 'backup', dataDir, target: unfinished, version: cli.installation.version } as const;
  const copied = await copy(cli, job, progress).catch((error: unknown) => {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  });
  if ('interruptedBy' in copied) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Interrupted(copied.interruptedBy, 'Interrupted: there is no backup, and nothing is left of it.');
  }
  publish(unfinished, target);

  const { manifest } = copied;
  if (options.json) terminal.json({ target, ...manifest });
  else {
    for (const line of summaryOf(manifest)) terminal.say(line);
    terminal.say(`Backed up in ${timeText(progress.tookMs)}: ${totalOf(manifest)} in ${target}.`);
    terminal.say(
      settings.secretsKey
        ? 'The key that reads the secrets is not in it: keep SECRETS_KEY elsewhere.'
        : `It holds ${KEY_FILE}, which reads the secrets: keep it where only you can read it.`,
    );
  }
  return EXIT.done;
}

function checkTarget(dataDir: string, target: string, unfinished: string): void {
  if (!relative(dataDir, target).startsWith('..'))
    throw new CommandFailed(`${target} is within the data folder: back up to another place, best on another disk.`);
  if (existsSync(target)) throw new CommandFailed(`${target} exists already: name a folder that does not.`);
  if (existsSync(unfinished))
    throw new CommandFailed(
      `${unfinished} is there: a backup to this place is being made or was cut off. Remove it first.`,
    );
}

/** @throws CommandFailed when something took the place meanwhile; the backup is then whole, under its first name. */
function publish(unfinished: string, target: string): void {
  try {
    if (existsSync(target)) throw new Error('it exists by now');
    renameSync(unfinished, target);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(
      `The backup is whole, but stands at ${unfinished}: it could not be given its name (${why}).`,
    );
  }
  if (process.platform === 'win32') return;
  const parent = openSync(dirname(target), 'r');
  fsyncSync(parent);
  closeSync(parent);
}
