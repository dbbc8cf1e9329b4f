import type { BackupManifest } from '@flow/adapters/embedded';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailed, EXIT, Interrupted } from './command.errors';
import { copy, summaryOf, totalOf } from './copying';
import { demandFolder } from './folder.only';
import type { Cli } from './installation';
import { dataDirOf, settingsOf } from './local.settings';
import { timeText } from './layout';

/** `flowctl restore <backup>`: puts a backup into the data folder, which must be empty and unused. */
export async function restoreCommand(cli: Cli, given: string, options: { json?: boolean }): Promise<number> {
  const { terminal, cwd } = cli;
  demandFolder('restore', settingsOf(cli).settings);
  const dataDir = dataDirOf(cli);
  const source = resolve(cwd, given);
  if (!existsSync(source)) throw new CommandFailed(`There is no ${source}.`);

  terminal.tell(`Restoring ${source} to ${dataDir} ...`);
  const copied = await copy(terminal, { kind: 'restore', dataDir, source });
  if ('interruptedBy' in copied) {
    const { clearLeftovers } = await import('./restore.leftovers.js');
    throw new Interrupted(
      copied.interruptedBy,
      copied.intoEmpty ? clearLeftovers(dataDir) : 'Interrupted: nothing was restored.',
    );
  }
  if (options.json) terminal.json({ dataDir, ...copied.manifest });
  else report(cli, dataDir, copied.manifest, copied.tookMs);
  return EXIT.done;
}

function report({ terminal }: Cli, dataDir: string, manifest: BackupManifest, tookMs: number): void {
  for (const line of summaryOf(manifest)) terminal.say(line);
  terminal.say(`Restored in ${timeText(tookMs)}: ${totalOf(manifest)} in ${dataDir}, all as its manifest says.`);
  terminal.say(`It was made ${manifest.createdAt} by version ${manifest.version}. Start the service with: npm start`);
  if (!manifest.files.some(({ schema }) => schema === undefined))
    terminal.say('It holds no key: set SECRETS_KEY to the one that was used, or the secrets cannot be read.');
}
