import type { Command } from 'commander';
import type { ServiceOptions } from './connection';
import { lines, asksService, type Output, type Parts } from './program.parts';

/** login, logout, whoami, profiles, use. */
export function addAccessCommands({ program, cliOf, done }: Parts): void {
  program
    .command('login')
    .argument('[address]', 'where the service listens (default: asked for, or as the settings say)')
    .description('keep the address and the token of a service')
    .option('--profile <name>', 'the name to keep it under', 'default')
    .option('--token-file <file>', 'a file that holds the token (default: asked for, or read from the input)')
    .option('--domain <name>', "the business domain to work in (default: the token's own)")
    .option('--json', 'print JSON; faults too, on the error output')
    .addHelpText(
      'after',
      lines(
        'The token is asked for without being shown or, when the input is no terminal, read from it. It is kept once the',
        'service has accepted it, in $XDG_CONFIG_HOME/flowctl/profiles.json (~/.config), which only its owner can read.',
        '',
        'Examples:',
        '  flowctl login http://127.0.0.1:8082',
        '  flowctl login https://flows.example.com --profile prod < token-file',
      ),
    )
    .action(async (address: string | undefined, options: ServiceOptions & Output, command: Command) => {
      const { loginCommand } = await import('./login.command.js');
      done(await loginCommand(cliOf(command), address, options));
    });

  program
    .command('logout')
    .description('forget a login; the token itself stays valid')
    .option('--profile <name>', 'which (default: the current one)')
    .option('--all', 'all of them')
    .option('--json', 'print JSON; faults too, on the error output')
    .addHelpText('after', lines('Examples:', '  flowctl logout', '  flowctl logout --profile prod'))
    .action(async (options: Output & { profile?: string; all?: boolean }, command: Command) => {
      const { logoutCommand } = await import('./login.command.js');
      done(logoutCommand(cliOf(command), options));
    });

  asksService(program.command('whoami'))
    .description('say who the service takes you for, and what you may do')
    .addHelpText(
      'after',
      lines('Examples:', '  flowctl whoami', '  flowctl whoami --profile prod --json | jq .permissions'),
    )
    .action(async (options: ServiceOptions & Output, command: Command) => {
      const { whoamiCommand } = await import('./login.command.js');
      done(await whoamiCommand(cliOf(command), options));
    });

  program
    .command('profiles')
    .description('list the logins of this user')
    .option('--json', 'print JSON; faults too, on the error output')
    .addHelpText('after', lines('The current one is marked with *.', '', 'Examples:', '  flowctl profiles'))
    .action(async (options: Output, command: Command) => {
      const { profilesCommand } = await import('./login.command.js');
      done(profilesCommand(cliOf(command), options));
    });

  program
    .command('use')
    .argument('<profile>', 'the name of a login')
    .description('make another login the current one')
    .option('--json', 'print JSON; faults too, on the error output')
    .addHelpText(
      'after',
      lines('FLOW_PROFILE=<name> and --profile <name> do so for one command.', '', 'Examples:', '  flowctl use prod'),
    )
    .action(async (name: string, options: Output, command: Command) => {
      const { useCommand } = await import('./login.command.js');
      done(useCommand(cliOf(command), name, options));
    });
}
