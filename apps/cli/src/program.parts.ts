import type { Command } from 'commander';
import type { Cli } from './installation';

/** What the parts of the command line are given to make their commands. */
export interface Parts {
  readonly program: Command;
  readonly cliOf: (command: Command) => Cli;
  /** Told the exit code. */
  readonly done: (code: number) => void;
}

export interface Output {
  readonly json?: boolean;
}

export const TOKEN = lines(
  'The token is taken from --token-file, else from the environment variable FLOW_TOKEN, else from `flowctl login`; it is',
  'never given as an argument, where other users of the machine can read it.',
);

/** Text that stands behind the options in a help. */
export function lines(...texts: string[]): string {
  return `\n${texts.join('\n')}`;
}

export function asksService(command: Command): Command {
  return command
    .option('--profile <name>', 'whose login to use (default: the current one; see `flowctl profiles`)')
    .option('--url <address>', 'where the service listens (default: that of the login, else as the settings say)')
    .option('--token-file <file>', 'a file that holds the token; - is the input')
    .option('--domain <name>', "the business domain (default: the token's own)")
    .option('--json', 'print JSON; faults too, on the error output');
}

/** For an option that can be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
