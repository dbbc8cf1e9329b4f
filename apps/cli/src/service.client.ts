import type { Fault } from '@flow/kernel';
import {
  requestOf,
  type AnswerOf,
  type Given,
  type InputOf,
  type ItemOf,
  type Operation,
  type Streaming,
} from '@flow/client';
import { EXIT } from './command.errors';
import { EventStreamReader } from './event-stream';
import { connectionOf, type ServiceOptions } from './connection';
import type { Cli } from './installation';
import { ServiceAway, ServiceRefused } from './service.errors';

const PREFIX = '/api/automation/v1';
const LONGEST_MS = 60_000;
const MEDIA = { json: 'application/json', yaml: 'application/yaml' } as const;

/** The service writes something every 15 seconds, be it nothing: when three of those are missing, the connection is dead. */
const LONGEST_SILENCE_MS = 45_000;

/** The body of a request as the text of a file. */
export class FileText {
  constructor(
    readonly format: 'json' | 'yaml',
    readonly text: string,
  ) {}
}

interface More {
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the asking; without one it ends by itself after a minute. */
  readonly signal?: AbortSignal;
}

/** Asks a running service over HTTP, as any other client does. */
export class ServiceClient {
  private constructor(
    readonly address: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** @throws UsageWrong without a token or with an address that is none */
  static of(cli: Cli, options: ServiceOptions): ServiceClient {
    return ServiceClient.at(cli, connectionOf(cli, options));
  }

  static at(cli: Cli, { address, token, domain }: { address: string; token: string; domain?: string }): ServiceClient {
    return new ServiceClient(address, {
      authorization: `Bearer ${token}`,
      ...(domain !== undefined && { 'x-business-domain': domain }),
      'user-agent': `flowctl/${cli.installation.version}`,
    });
  }

  /** One operation and its answer. @throws ServiceRefused, ServiceAway */
  async ask<O extends Operation>(operation: O, ...[input, more]: [...Given<O>, more?: More]): Promise<AnswerOf<O>> {
    const answer = await this.send(operation, input, more);
    const text = await this.read(() => answer.text());
    if (answer.status === 204) return undefined;
    const value = parsed(text);
    if (value === undefined) throw this.strange(answer.status);
    return value;
  }

  /** The answer as it comes, for those that are no JSON. @throws ServiceRefused, ServiceAway */
  async text<O extends Operation>(operation: O, input: InputOf<O>): Promise<string> {
    const answer = await this.send(operation, input);
    return this.read(() => answer.text());
  }

  /**
   * The items behind `after`, as many at once as have come, until the stream has ended (then the result is true) or is cut: whoever asks
   * again goes on behind the last item. @throws ServiceRefused, ServiceAway
   */
  async *stream<O extends Streaming>(
    operation: O,
    input: InputOf<O>,
    { after, signal }: { readonly after?: string | undefined; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly ItemOf<O>[], boolean> {
    const cut = new AbortController();
    let timer = setTimeout(() => cut.abort(), LONGEST_SILENCE_MS);
    try {
      const headers = { accept: 'text/event-stream', ...(after !== undefined && { 'last-event-id': after }) };
      const more = { headers, signal: AbortSignal.any([signal, cut.signal]) };
      const answer = await this.send(operation, input, more);
      if (answer.status === 204) return true;
      const events = new EventStreamReader();
      const decoder = new TextDecoder();
      for await (const piece of answer.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => cut.abort(), LONGEST_SILENCE_MS);
        const told = events.take(decoder.decode(piece as Uint8Array, { stream: true }));
        const items = told.filter(({ event }) => event === 'message');
        if (items.length > 0) yield items.map(({ data }) => JSON.parse(data) as ItemOf<O>);
        if (told.some(({ event }) => event === 'end')) return true;
      }
      return false;
    } catch (error) {
      // A stream that breaks in the middle is a stream that is cut.
      if (signal.aborted || error instanceof ServiceRefused || error instanceof ServiceAway) throw error;
      if (cut.signal.aborted || isBroken(error)) return false;
      throw error;
    } finally {
      clearTimeout(timer);
      cut.abort();
    }
  }

  /** The answer piece by piece as it comes. @throws ServiceRefused, ServiceAway also when it is cut off or nothing comes for long */
  async *bytes<O extends Streaming>(operation: O, input: InputOf<O>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const cut = new AbortController();
    let timer = setTimeout(() => cut.abort(), LONGEST_SILENCE_MS);
    try {
      const answer = await this.send(operation, input, { signal: AbortSignal.any([signal, cut.signal]) });
      for await (const piece of answer.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => cut.abort(), LONGEST_SILENCE_MS);
        yield piece as Uint8Array;
      }
    } catch (error) {
      if (!signal.aborted && (cut.signal.aborted || isBroken(error)))
        throw new ServiceAway(`The answer of ${this.address} was cut off.`);
      throw error;
    } finally {
      clearTimeout(timer);
      cut.abort();
    }
  }

  urlOf(path: string): string {
    return `${this.address}${PREFIX}${path}`;
  }

  private async send(operation: Operation, input: object | undefined, more: More = {}): Promise<Response> {
    const { method, path } = requestOf(operation, input);
    const { body } = (input ?? {}) as { body?: unknown };
    const file = body === undefined || body instanceof FileText ? body : new FileText('json', JSON.stringify(body));
    const answer = await this.read(() =>
      fetch(this.urlOf(path), {
        method,
        headers: { ...this.headers, ...(file && { 'content-type': MEDIA[file.format] }), ...more.headers },
        ...(file && { body: file.text }),
        // A token goes nowhere but where it belongs.
        redirect: 'error',
        signal: more.signal ?? AbortSignal.timeout(LONGEST_MS),
      }),
    );
    if (answer.ok) return answer;
    throw await this.refusal(answer);
  }

  private async refusal(answer: Response): Promise<Error> {
    const { code, detail, errors, requestId } = (parsed(await this.read(() => answer.text())) ?? {}) as {
      code?: unknown;
      detail?: unknown;
      errors?: readonly Fault[];
      requestId?: string;
    };
    const { status, headers } = answer;
    if (typeof code !== 'string' || typeof detail !== 'string') return this.strange(status);
    const words = status === 401 ? `The service at ${this.address} does not accept the token: ${detail}` : detail;
    return new ServiceRefused(status, code, words, errors ?? [], requestId, headers.get('retry-after'));
  }

  private strange(status: number): ServiceAway {
    return new ServiceAway(`What answers at ${this.address} is not this service (status ${status}).`);
  }

  private async read<T>(what: () => Promise<T>): Promise<T> {
    try {
      return await what();
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      const late = (error as Error).name === 'TimeoutError';
      throw new ServiceAway(
        `No service answers at ${this.address} (${late ? `nothing within ${LONGEST_MS / 1_000} seconds` : whyOf(error)}). Is it started, and is the address right?`,
        late ? EXIT.timeout : EXIT.away,
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
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

/** What undici throws when the other side goes away in the middle of an answer. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError && (error.message === 'terminated' || error.cause !== undefined);
}
