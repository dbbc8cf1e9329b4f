import { CommandFailed, Interrupted } from './command.errors';
import { wrap } from './layout';
import { ServiceRefused } from './service.errors';
import type { Terminal } from './terminal';

/** Tells what kept a command from its end, and what to do about it: to a person, or as one document to a program. */
export async function tellFailure(terminal: Terminal, error: unknown, { asJson }: { asJson: boolean }): Promise<void> {
  const message = error instanceof CommandFailed ? error.message : await messageOf(error);
  const advice = error instanceof CommandFailed ? error.advice : undefined;
  const refused = error instanceof ServiceRefused ? error : undefined;
  if (asJson && !(error instanceof Interrupted)) {
    const { status, code, requestId, faults } = refused ?? {};
    terminal.tellJson({ error: { message, code, status, requestId, errors: faults, advice } });
    return;
  }
  const faults = refused?.faults ?? [];
  // The detail repeats the first of the faults.
  if (refused && faults.length > 0) terminal.tell(`The service refused it (${refused.code}):`);
  else terminal.tell(refused ? `${message} (${refused.code})` : message);
  for (const { pointer, message: what } of faults)
    terminal.tell(`${terminal.paintTold('red', 'FAULT')}    ${pointer}  ${what}`);
  if (advice === undefined) return;
  wrap(advice, terminal.width - 3).forEach((line, i) => {
    terminal.tell(terminal.paintTold('cyan', `${i === 0 ? '-> ' : '   '}${line}`));
  });
}

async function messageOf(error: unknown): Promise<string> {
  const { expectedMessage } = await import('./expected.js');
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return expectedMessage(error) ?? `This is a fault of flowctl:\n${stack}`;
}
