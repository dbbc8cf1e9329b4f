import { CommanderError } from 'commander';
import { CommandFailed, EXIT } from './command.errors';
import { findInstallation } from './installation';
import { flowctl } from './program';
import { Terminal } from './terminal';

const { stdout, stderr, env } = process;

/** `flowctl settings | head`: nobody reads on, and that is no fault. */
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

/** `npm run flowctl --` changes into the package's folder and tells where it was called. */
function calledIn(): string {
  return (env.npm_lifecycle_event === 'flowctl' && env.INIT_CWD) || process.cwd();
}

async function main(): Promise<void> {
  const terminal = new Terminal(stdout, stderr, env);
  try {
    const base = { terminal, installation: findInstallation(__dirname), environment: env, cwd: calledIn() };
    await flowctl(base, (code) => (process.exitCode = code)).parseAsync();
  } catch (error) {
    process.exitCode = await codeOf(error, terminal);
  }
}

/** Tells what happened: a sentence for what can happen to anybody, a stack for a fault of this program. */
async function codeOf(error: unknown, terminal: Terminal): Promise<number> {
  // Help, the version and wrong usage: commander has written them.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const { tellFailure } = await import('./failure.js');
  await tellFailure(terminal, error, { asJson: process.argv.includes('--json') });
  return error instanceof CommandFailed ? error.exitCode : EXIT.failed;
}

void main();
