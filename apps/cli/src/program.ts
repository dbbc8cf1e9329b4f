import { Command } from 'commander';
import { resolve } from 'node:path';
import { addAccessCommands } from './access.program';
import { addAuditCommands } from './audit.program';
import { addControlCommands } from './control.program';
import { addDebugCommands } from './debug.program';
import { addFlowCommands } from './flows.program';
import type { Cli } from './installation';
import { addMachineCommands } from './machine.program';
import { lines } from './program.parts';
import { addRunCommands } from './runs.program';

/** The commands, their options and their help. `done` is told the exit code. A command's code is loaded when it is called. */
export function flowctl(base: Omit<Cli, 'home'>, done: (code: number) => void): Command {
  const program = new Command('flowctl')
    .description(
      'Stores, runs and watches the flows of a Flow Automation service, and looks after its settings and data.',
    )
    .version(base.installation.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--home <folder>', 'the folder of .env and .env.local (default: where this product stands)')
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride()
    .addHelpText(
      'after',
      lines(
        'Examples:',
        '  flowctl login http://127.0.0.1:8082     keep an address and a token',
        '  flowctl validate flows/*.yaml           is a definition right?',
        "  flowctl run 'Late flights' --follow     start a flow and watch it",
        '  flowctl instances --status failed       what went wrong?',
        '  flowctl doctor                          is everything as it should be?',
        '  flowctl backup /backups/monday          copy the data while it is served',
        '',
        'Exit codes: 0 done, 1 it failed, 2 wrongly asked, 3 nobody answers, 4 not allowed, 5 not found, 6 in conflict,',
        '7 not in time, 130 Ctrl-C. Colours are left out with NO_COLOR=1, and wherever the output is no terminal.',
      ),
    );
  const cliOf = (command: Command): Cli => {
    const { home } = command.optsWithGlobals<{ readonly home?: string }>();
    return { ...base, home: home === undefined ? base.installation.root : resolve(base.cwd, home) };
  };
  const parts = { program, cliOf, done };
  program.addHelpCommand(
    new Command('help').argument('[command]').description('print the help of a command').helpGroup('This machine:'),
  );
  program.commandsGroup('Flows:');
  addFlowCommands(parts);
  program.commandsGroup('Runs:');
  addRunCommands(parts);
  addControlCommands(parts);
  addAuditCommands(parts);
  program.commandsGroup('Debugging:');
  addDebugCommands(parts);
  program.commandsGroup('Logins:');
  addAccessCommands(parts);
  program.commandsGroup('This machine:');
  addMachineCommands(parts);
  return program;
}
