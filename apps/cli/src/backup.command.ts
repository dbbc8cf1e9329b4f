import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { CommandFailed, EXIT, Interrupted } from './command.errors';
import { copy, summaryOf, totalOf } from './copying';
import { demandFolder } from './folder.only';
import type { Cli } from './installation';
import { settingsOf } from './local.settings';
import { timeText } from './layout';

/** Ends the name of a backup that is being made; the whole one gets its name in one step. */
const UNFINISHED = '.unfinished';

/** `flowctl backup <target>`: one consistent copy of the data folder, while it is served or not. */
export async function backupCommand(cli: Cli, given: string, options: { json?: boolean }): Promise<number> {
  const { terminal, home, cwd, installation } = cli;
  const { settings } = settingsOf(cli);
  demandFolder('backup', settings);
  const dataDir = resolve(home, settings.dataDir);
  const target = resolve(cwd, given);
  const unfinished = target + UNFINISHED;
  checkTarget(dataDir, target, unfinished);

  terminal.tell(`Backing up ${dataDir} to ${target} ...`);
  const job = { kind: 'backup', dataDir, target: unfinished, version: installation.version } as const;
  const clear = () => rmSync(unfinished, { recursive: true, force: true });
  const copied = await copy(terminal, job).catch((error: unknown) => {
    clear();
    throw error;
  });
  if ('interruptedBy' in copied) {
    clear();
    throw new Interrupted(copied.interruptedBy, 'Interrupted: there is no backup, and nothing is left of it.');
  }
  publish(unfinished, target);

  const { manifest, tookMs } = copied;
  if (options.json) terminal.json({ target, ...manifest });
  else {
    for (const line of summaryOf(manifest)) terminal.say(line);
    terminal.say(`Backed up in ${timeText(tookMs)}: ${totalOf(manifest)} in ${target}.`);
    terminal.say(
      settings.secretsKey
        ? 'The key that reads the secrets is not in it: keep SECRETS_KEY elsewhere.'
        : 'It holds the key that reads the secrets: keep it where only you can read it.',
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
