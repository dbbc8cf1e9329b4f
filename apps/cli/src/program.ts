import { Command } from 'commander';
import { resolve } from 'node:path';
import type { Cli } from './installation';
import type { RunOptions } from './run.command';
import type { ServiceOptions } from './service.client';

type Global = { readonly home?: string };
type Output = { readonly json?: boolean };

/** The commands, their options and their help. `done` is told the exit code. A command's code is loaded when it is called. */
export function flowctl(base: Omit<Cli, 'home'>, done: (code: number) => void): Command {
  const program = new Command('flowctl')
    .description('Looks after a Flow Automation service: its settings, its data, its flows.')
    .version(base.installation.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--home <folder>', 'the folder of .env and .env.local (default: where this product stands)')
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride()
    .addHelpText(
      'after',
      text(
        'Examples:',
        '  flowctl doctor                          is everything as it should be?',
        '  flowctl backup /backups/monday          copy the data while it is served',
        '  flowctl validate flows/*.yaml           is a definition right?',
        "  flowctl run 'Late flights' --wait       start a flow and watch it",
        '',
        'Exit codes: 0 done, 1 could not be done, 2 wrongly asked.',
        'Colours are left out with NO_COLOR=1, and wherever the output is no terminal.',
      ),
    );
  const cliOf = (command: Command): Cli => {
    const { home } = command.optsWithGlobals<Global>();
    return { ...base, home: home === undefined ? base.installation.root : resolve(base.cwd, home) };
  };

  program
    .command('settings')
    .description('print every setting: its value (secrets masked), where it comes from, what it is for')
    .option('--json', 'print JSON')
    .addHelpText('after', text('Examples:', '  flowctl settings', '  API_SERVER_PORT=9000 flowctl settings --json'))
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
      text(
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
      text(
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
      text(
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

  asksService(program.command('validate'))
    .argument('<file...>', 'JSON or YAML; - is the input')
    .description('check definitions against a running service; store nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      text('Examples:', '  flowctl validate flows/*.yaml', '  flowctl validate - < flow.yaml', TOKEN),
    )
    .action(async (files: string[], options: Output & ServiceOptions, command: Command) => {
      const { validateCommand } = await import('./definitions.command.js');
      done(await validateCommand(cliOf(command), files, options));
    });

  asksService(program.command('import'))
    .argument('<file...>', 'JSON or YAML, one definition or many; - is the input')
    .description('store definitions in a running service; each file whole or not at all')
    .option('--upsert', 'change the DAGs that have these titles already, instead of refusing them')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      text('Examples:', '  flowctl import flows/*.yaml', '  flowctl import --upsert flows/report.yaml', TOKEN),
    )
    .action(async (files: string[], options: Output & ServiceOptions & { upsert?: boolean }, command: Command) => {
      const { importCommand } = await import('./definitions.command.js');
      done(await importCommand(cliOf(command), files, options));
    });

  asksService(program.command('run'))
    .argument('<dag>', 'its id or its whole title')
    .description('start a run of a DAG')
    .option('--data <json>', 'what the trigger takes: a JSON object, or @file (@- is the input)')
    .option('--dag-version <version>', 'an older version (default: the newest)')
    .option('--wait', 'stay until it has ended, and show how it goes on')
    .option('--json', 'print the whole instance as JSON')
    .addHelpText(
      'after',
      text(
        'The result is written to the output as JSON, all else to the error output. With --wait the exit code is 1 unless',
        'the run succeeds; Ctrl-C ends the watching, not the run.',
        '',
        'Examples:',
        "  flowctl run 'Late flights' --wait",
        "  flowctl run 'Late flights' --data '{\"lateMinutes\": 45}' --wait | jq .verdict",
        '  flowctl run 01JZ8Q4VXK5T9N3W7C2B6M1RDE --data @input.json',
        TOKEN,
      ),
    )
    .action(async (dag: string, options: RunOptions, command: Command) => {
      const { runCommand } = await import('./run.command.js');
      done(await runCommand(cliOf(command), dag, options));
    });

  return program;
}

const TOKEN = text(
  'The token is taken from the environment variable FLOW_TOKEN or from --token-file; never give it as an argument, where',
  'other users of the machine can read it.',
);

function asksService(command: Command): Command {
  return command
    .option('--url <address>', 'where the service listens (default: as the settings say)')
    .option('--token-file <file>', 'a file that holds the token (default: the variable FLOW_TOKEN)')
    .option('--domain <name>', "the business domain (default: the token's own)");
}

function text(...lines: string[]): string {
  return `\n${lines.join('\n')}`;
}
