import type { Fault } from '@flow/kernel';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailed, UsageWrong } from './command.errors';
import { readGiven, type Cli } from './installation';
import { addressOf } from './service.address';

const PREFIX = '/api/automation/v1';
const LONGEST_MS = 60_000;
const MEDIA = { json: 'application/json', yaml: 'application/yaml' } as const;

export interface ServiceOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly domain?: string;
}

/** What the service refused, in its words. */
export class ServiceRefused extends CommandFailed {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly faults: readonly Fault[],
  ) {
    super(detail);
  }
}

/** Nobody answered, or not in time. */
export class ServiceAway extends CommandFailed {}

export interface Body {
  readonly format: 'json' | 'yaml';
  readonly text: string;
}

/** Asks a running service over HTTP, as any other client does. */
export class ServiceClient {
  private constructor(
    readonly address: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** @throws UsageWrong without a token or with an address that is none */
  static of(cli: Cli, { url, tokenFile, domain }: ServiceOptions): ServiceClient {
    return new ServiceClient(addressOf(cli, url), {
      authorization: `Bearer ${tokenOf(cli, tokenFile)}`,
      ...(domain !== undefined && { 'x-business-domain': domain }),
      'user-agent': `flowctl/${cli.installation.version}`,
    });
  }

  get(path: string): Promise<unknown> {
    return this.call('GET', path);
  }

  /** The body as a value, or as the text of a file. */
  post(path: string, body: object | Body): Promise<unknown> {
    const sent: Body = 'format' in body && 'text' in body ? body : { format: 'json', text: JSON.stringify(body) };
    return this.call('POST', path, sent);
  }

  urlOf(path: string): string {
    return `${this.address}${PREFIX}${path}`;
  }

  private async call(method: string, path: string, body?: Body): Promise<unknown> {
    const { status, text } = await this.answerTo(method, path, body);
    const value = parsed(text);
    if (status < 300 && value !== undefined) return value;
    const { code, detail, errors } = (value ?? {}) as { code?: unknown; detail?: unknown; errors?: readonly Fault[] };
    if (typeof code !== 'string' || typeof detail !== 'string')
      throw new CommandFailed(`What answers at ${this.address} is not this service (status ${status}).`);
    if (status === 401) throw new CommandFailed(`The service at ${this.address} does not accept the token: ${detail}`);
    throw new ServiceRefused(status, code, detail, errors ?? []);
  }

  private async answerTo(method: string, path: string, body?: Body): Promise<{ status: number; text: string }> {
    try {
      const answer = await fetch(this.urlOf(path), {
        method,
        headers: { ...this.headers, ...(body && { 'content-type': MEDIA[body.format] }) },
        ...(body && { body: body.text }),
        redirect: 'error',
        signal: AbortSignal.timeout(LONGEST_MS),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      throw new ServiceAway(
        `No service answers at ${this.address} (${whyOf(error)}). Is it started, and is the address right?`,
      );
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whyOf(error: unknown): string {
  if ((error as Error).name === 'TimeoutError') return `nothing within ${LONGEST_MS / 1_000} seconds`;
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

/** Never from the command line itself: other users of a machine can read that. */
function tokenOf(cli: Cli, file: string | undefined): string {
  const token = (file === undefined ? cli.environment.FLOW_TOKEN : readGiven(cli, file))?.trim();
  if (!token)
    throw new UsageWrong(
      file === undefined
        ? 'A token is needed: set FLOW_TOKEN, or name a file that holds it with --token-file.'
        : `${file} is empty: it should hold a token.`,
    );
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageWrong('The token holds characters that no token has.');
  if (file !== undefined && file !== '-') warnOfReaders(cli, file);
  return token;
}

function warnOfReaders({ terminal, cwd }: Cli, file: string): void {
  if (process.platform === 'win32' || (statSync(resolve(cwd, file)).mode & 0o077) === 0) return;
  terminal.tell(`${terminal.paintTold('yellow', 'WARNING')} ${file} can be read by others. Run: chmod 600 ${file}`);
}
