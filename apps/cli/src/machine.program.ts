import type { Command } from 'commander';
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
    .description('bring the tables of MariaDB up to date')
    .option('--down-to <schema>', 'back to an older schema: what came later is dropped, with what is in it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      lines(
        'A start does it as well, if the user of MARIADB_URL may change tables. Let another user do it here, and the',
        'service needs no such right. Before --down-to stop the service and dump the database.',
        '',
        'Examples:',
        '  MARIADB_URL="$(cat owner-url)" flowctl migrate',
        '  MARIADB_URL="$(cat owner-url)" flowctl migrate --down-to 2',
      ),
    )
    .action(async (options: MigrateOptions, command: Command) => {
      const { migrateCommand } = await import('./migrate.command.js');
      done(await migrateCommand(cliOf(command), options));
    });
}
