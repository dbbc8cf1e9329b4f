import { compact } from '@flow/adapters/embedded';
import { CommandFailed, EXIT } from './command.errors';
import { DATABASES } from './databases';
import { expectedMessage } from './expected';
import { demandFolder } from './folder.only';
import type { Cli } from './installation';
import { columns, sizeText } from './layout';
import { dataDirOf, settingsOf } from './local.settings';
import type { Output } from './program.parts';

/** `flowctl compact`: writes the databases of a data folder that nobody uses anew, without what is free in them. */
export function compactCommand(cli: Cli, options: Output): number {
  const { terminal } = cli;
  demandFolder('compact', settingsOf(cli).settings);
  const dataDir = dataDirOf(cli);
  terminal.tell(`Compacting ${dataDir} ...`);
  const files = compacted(dataDir);
  if (options.json) terminal.json({ dataDir, files });
  else
    for (const line of columns(
      files.map(({ name, bytesBefore, bytes }) => [`  ${name}`, `${sizeText(bytesBefore)} -> ${sizeText(bytes)}`]),
    ))
      terminal.say(line);
  return EXIT.done;
}

function compacted(dataDir: string) {
  try {
    return compact(dataDir, DATABASES);
  } catch (error) {
    const message = expectedMessage(error);
    throw message === undefined ? error : new CommandFailed(message);
  }
}
