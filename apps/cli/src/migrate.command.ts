import { MARIADB_MIGRATIONS, mariaDbOf, migrateRelational } from '@flow/adapters/sql';
import { resolve } from 'node:path';
import { CommandFailed, EXIT, UsageWrong } from './command.errors';
import type { Cli } from './installation';
import { settingsOf } from './local.settings';
import type { Output } from './program.parts';

export interface MigrateOptions extends Output {
  readonly downTo?: string;
  readonly from?: 'embedded';
  readonly to?: 'production';
  readonly dryRun?: boolean;
}

/** `flowctl migrate`: moves a data folder when it is asked to (`move.command.ts`), else brings the tables of MariaDB up to date, or back to an older version, as the user that MARIADB_URL names here. */
export async function migrateCommand(cli: Cli, options: MigrateOptions): Promise<number> {
  if (asksForMove(options)) {
    const { moveCommand } = await import('./move.command.js');
    return moveCommand(cli, options);
  }
  const { settings } = settingsOf(cli);
  const config = mariaDbOf(settings);
  if (!config)
    throw new CommandFailed(
      'MARIADB_URL is not set: relational.db in the data folder is brought up to date by each start.',
    );
  const to = options.downTo === undefined ? undefined : versionOf(options.downTo);
  // A path in the settings is relative to the installation.
  const tls = config.tls.includes('/') ? resolve(cli.home, config.tls) : config.tls;
  const done = await migrateRelational({ ...config, tls }, to);
  if (options.json) cli.terminal.json(done);
  else
    cli.terminal.say(
      done.from === done.to
        ? `The schema of MariaDB is ${done.to} already.`
        : `The schema of MariaDB was ${done.from} and is ${done.to} now.`,
    );
  return EXIT.done;
}

/** @throws UsageWrong */
function asksForMove({ from, to, dryRun, downTo }: MigrateOptions): boolean {
  const asked = from !== undefined && to !== undefined;
  if (!asked && (from ?? to ?? dryRun) !== undefined)
    throw new UsageWrong('A data folder is moved with --from embedded --to production, and with nothing less.');
  if (asked && downTo !== undefined)
    throw new UsageWrong('--down-to is about MariaDB alone: it does not go with --from and --to.');
  return asked;
}

function versionOf(text: string): number {
  const newest = MARIADB_MIGRATIONS.at(-1)?.version ?? 0;
  const version = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (version < newest) return version;
  throw new UsageWrong(
    `--down-to is a schema before ${newest}, which is the newest that this version knows: 0 to ${newest - 1}.`,
  );
}
