import { Option, type Command } from 'commander';
import type { MigrateOptions } from './migrate.command';
import { lines, type Output, type Parts } from './program.parts';

/** settings, doctor, backup, restore, compact, migrate: they work on this machine itself, and ask no service. */
export function addMachineCommands({ program, cliOf, done }: Parts): void {
  program
    .command('settings')
    .description('print every setting: its value (secrets masked), where it comes from, what it is for')
    .option('--json', 'print JSON')
    .addHelpText('after', lines('Examples:', '  flowctl settings', '  API_SERVER_PORT=9000 flowctl settings --json'))
    .action(async (options: Output, command: Command) => {
      const { settingsCommand } = await import('./settings.command.js');
      done(settingsCommand(cliOf(command), options));
    });

  program
    .command('doctor')
    .description('look at Node, settings, data folder and ports; change nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      lines(
        'Works while the service runs and when it does not. Each line is OK, WARNING (can wait) or FAULT (keeps the',
        'service from working), with what to do. The exit code is 1 when there is a fault.',
        '',
        'Examples:',
        '  flowctl doctor',
        '  flowctl doctor --json | jq .healthy',
      ),
    )
    .action(async (options: Output, command: Command) => {
      const { doctorCommand } = await import('./doctor.command.js');
      done(await doctorCommand(cliOf(command), options));
    });

  program
    .command('backup')
    .argument('<target>', 'a folder that does not exist yet')
    .description('copy the data folder, also while it is served')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      lines(
        'The target appears when the backup is whole, under its name, and not before. Only its owner can read it: it',
        'holds the key of the secrets.',
        '',
        'Examples:',
        '  flowctl backup /backups/monday',
        '  flowctl backup "/backups/$(date +%F)" && rsync -a /backups/ elsewhere:',
      ),
    )
    .action(async (target: string, options: Output, command: Command) => {
      const { backupCommand } = await import('./backup.command.js');
      done(await backupCommand(cliOf(command), target, options));
    });

  program
    .command('restore')
    .argument('<backup>', 'a folder that `flowctl backup` made')
    .description('put a backup into the data folder, which must be empty and unused')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      lines(
        'Every file is checked against the manifest of the backup. Stop the service and move its data folder away first.',
        '',
        'Examples:',
        '  flowctl restore /backups/monday',
        '  DATA_DIR=/tmp/look flowctl restore /backups/monday      into another folder, to look at it',
      ),
    )
    .action(async (source: string, options: Output, command: Command) => {
      const { restoreCommand } = await import('./restore.command.js');
      done(await restoreCommand(cliOf(command), source, options));
    });

  program
    .command('compact')
    .description('make the databases as small as what is in them, while the service is stopped')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      lines(
        'The service gives back by itself what removed runs took. This is for a data folder of a version that could not,',
        'and for whoever wants the rest now. It needs as much room on the disk as what is in the largest database.',
        '',
        'Examples:',
        '  flowctl compact',
      ),
    )
    .action(async (options: Output, command: Command) => {
      const { compactCommand } = await import('./compact.command.js');
      done(compactCommand(cliOf(command), options));
    });

  program
    .command('migrate')
    .description('bring the tables of MariaDB up to date, or move a data folder into the servers')
    .option('--down-to <schema>', 'back to an older schema: what came later is dropped, with what is in it')
    .addOption(new Option('--from <stores>', 'with --to: what is moved').choices(['embedded']))
    .addOption(new Option('--to <stores>', 'with --from: where to').choices(['production']))
    .option('--dry-run', 'with --from and --to: count what would be moved, and change nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      lines(
        'A start does it as well, if the user of MARIADB_URL may change tables. Let another user do it here, and the',
        'service needs no such right. Before --down-to stop the service and dump the database.',
        '',
        '--from embedded --to production copies the data folder (DATA_DIR), which nobody may serve meanwhile, into the',
        'empty databases of MONGODB_URL and MARIADB_URL, and compares both. Runs that have not ended go on there. The',
        'folder stays as it is. Cut off at any moment, it goes on when it is typed again; until it has ended no service',
        'starts there. SECRETS_KEY must be the key of the folder (secrets.key). See docs/production.md.',
        '',
        'Examples:',
        '  MARIADB_URL="$(cat owner-url)" flowctl migrate',
        '  MARIADB_URL="$(cat owner-url)" flowctl migrate --down-to 2',
        '  flowctl migrate --from embedded --to production --dry-run',
        '  SECRETS_KEY="$(grep -v \'^#\' data/secrets.key)" flowctl migrate --from embedded --to production',
      ),
    )
    .action(async (options: MigrateOptions, command: Command) => {
      const { migrateCommand } = await import('./migrate.command.js');
      done(await migrateCommand(cliOf(command), options));
    });
}
