import { setTimeout as pause } from 'node:timers/promises';
import type { ItemOf } from '@flow/client';
import { EXIT, Interrupted } from './command.errors';
import type { ServiceOptions } from './connection';
import type { Cli } from './installation';
import { Leaving } from './leaving';
import { Patience } from './patience';
import { ServiceClient } from './service.client';
import type { Style, Terminal } from './terminal';

export interface LogsOptions extends ServiceOptions {
  readonly follow?: boolean;
  readonly step?: string;
  readonly json?: boolean;
}

type Line = ItemOf<'GET /instances/{id}/logs'>;

const CUT_PAUSE_MS = 100;
const STYLE_OF: Readonly<Partial<Record<string, Style>>> = { warn: 'yellow', error: 'red', debug: 'dim' };

/** `flowctl logs <instance>`: what its steps have logged; with --follow until it ends. As JSON it is a stream: one line each. */
export async function logsCommand(cli: Cli, id: string, options: LogsOptions): Promise<number> {
  const { terminal } = cli;
  const client = ServiceClient.of(cli, options);
  const leaving = new Leaving();
  try {
    for await (const line of linesOf(client, terminal, id, {
      follow: options.follow === true,
      signal: leaving.signal,
    })) {
      if (options.step !== undefined && line.path !== options.step && line.stepId !== options.step) continue;
      if (options.json) terminal.jsonLine(line);
      else terminal.say(lineText(terminal, line));
    }
    return EXIT.done;
  } catch (error) {
    if (leaving.why && leaving.why !== 'timeout')
      throw new Interrupted(leaving.why, `No longer watching; the run goes on. To end it: flowctl cancel ${id}`);
    throw error;
  } finally {
    leaving.forget();
  }
}

async function* linesOf(
  client: ServiceClient,
  terminal: Terminal,
  id: string,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Line> {
  const patience = new Patience({ signal, onAway: () => terminal.tell('The service does not answer; trying on.') });
  let after: string | undefined;
  for (;;) {
    try {
      const stream = client.stream('GET /instances/{id}/logs', { path: { id }, query: { follow } }, { signal, after });
      for (;;) {
        const { done, value } = await stream.next();
        patience.renew();
        if (done === true) {
          if (value || !follow) return;
          break;
        }
        yield* value;
        after = value.at(-1)?.id ?? after;
      }
      await pause(CUT_PAUSE_MS, undefined, { signal });
    } catch (error) {
      if (!follow) throw error;
      await patience.endure(error);
    }
  }
}

/** For the output. */
export function lineText(
  terminal: Terminal,
  { at, level, path, attempt, message, fields }: Omit<Line, 'id' | 'seq' | 'type'>,
): string {
  const parts = [
    terminal.paint('dim', at.slice(11, 23)),
    terminal.paint(STYLE_OF[level] ?? 'cyan', level.padEnd(5)),
    terminal.paint('bold', attempt > 1 ? `${path}#${attempt}` : path),
    message,
    ...(fields && Object.keys(fields).length > 0 ? [terminal.paint('dim', JSON.stringify(fields))] : []),
  ];
  return parts.join('  ');
}
