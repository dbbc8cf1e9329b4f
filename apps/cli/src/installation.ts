import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandFailed, UsageWrong } from './command.errors';
import type { Terminal } from './terminal';

const NAME = 'flow-automation';

/** Where this product stands on the disk, and which it is. */
export interface Installation {
  readonly root: string;
  readonly version: string;
  /** The oldest Node that it runs on: `20.19`. */
  readonly oldestNode: string;
}

/** What every command is given. */
export interface Cli {
  readonly terminal: Terminal;
  readonly installation: Installation;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative paths on the command line are relative to. */
  readonly cwd: string;
  /** The folder of .env and .env.local, which a relative DATA_DIR is relative to as well. */
  readonly home: string;
}

export function findInstallation(from: string): Installation {
  for (let folder = from; ; folder = dirname(folder)) {
    const about = readPackage(join(folder, 'package.json'));
    // A build has a package.json too, which says the version but not what it runs on.
    if (about?.name === NAME && about.engines?.node !== undefined)
      return { root: folder, version: about.version ?? 'unknown', oldestNode: about.engines.node.replace(/^\D*/, '') };
    if (folder === dirname(folder)) throw new CommandFailed(`No package.json of ${NAME} stands above ${from}.`);
  }
}

function readPackage(file: string): { name?: string; version?: string; engines?: { node?: string } } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name?: string };
  } catch {
    return undefined;
  }
}

/** What stands in a file that the command line names; `-` is the input. @throws UsageWrong */
export function readGiven({ cwd }: Cli, path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : resolve(cwd, path), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'it does not exist' : code === 'EISDIR' ? 'it is a folder' : String(code ?? error);
    throw new UsageWrong(`${path} cannot be read: ${why}.`);
  }
}
