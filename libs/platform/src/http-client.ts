import { Readable } from 'node:stream';
import type { Clock } from '@flow/kernel';
import type { Agent } from 'undici';
import { readBody } from './http-client-body';
import { guardedConnector, resolveBySystem, type ResolveHost } from './http-client-connector';
import { OutboundGuard, plainHost } from './http-client-guard';
import { nextHop, type Hop } from './http-client-redirect';
import {
  OutboundAborted,
  OutboundBlocked,
  OutboundError,
  OutboundFailed,
  OutboundInvalid,
  OutboundRedirectRefused,
  OutboundTimeout,
  OutboundTooLarge,
} from './http-client.errors';
import { SystemClock } from './system-clock';

export interface OutboundConfig {
  /** The setting OUTBOUND_ALLOW, split: hosts, host:port, addresses, CIDRs that may be called although they are not public. */
  readonly allow?: readonly string[];
  /** Further certificate authorities (PEM) beside the machine's own; verification cannot be turned off. */
  readonly ca?: string;
  readonly connectTimeoutMs?: number;
  /** How host names become addresses; the machine's resolver unless given. */
  readonly resolve?: ResolveHost;
  readonly clock?: Clock;
}

export interface OutboundRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A function gives the bytes anew each time that they are sent. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Bound of the whole exchange, redirects included; 30 s. */
  readonly timeoutMs?: number;
  /** Bound of the body, before and after decompression; 10 MiB. */
  readonly maxResponseBytes?: number;
  /** Only the status and the headers of the answer are wanted: its body is let go, however long it is. */
  readonly dropsBody?: boolean;
  /** How many redirects are followed; none, so that a 3xx comes back as it is. */
  readonly redirects?: number;
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; values that came several times are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Uint8Array;
  /** The URL that answered: another than was asked for when redirects were followed. */
  readonly url: string;
}

/** Headers that this client writes itself, or that would let a request say another host than its URL does. */
const OWN_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const DROP_BYTES = 64 * 1024;
const DROP_MS = 1_000;
const METHOD = /^[A-Z]{1,20}$/;

/**
 * The one way out for everything that a tenant can aim: HTTP steps, webhooks, callbacks, token and key URLs.
 * Every connection goes to an address that OutboundGuard permits, whatever the URL, the DNS or a redirect says.
 */
export class HttpClient {
  private readonly guard: OutboundGuard;
  private readonly clock: Clock;
  private readonly connectTimeoutMs: number;
  private agent: Promise<Agent> | undefined;

  /** Throws OutboundAllowInvalid. */
  constructor(private readonly config: OutboundConfig = {}) {
    this.guard = new OutboundGuard(config.allow);
    this.clock = config.clock ?? new SystemClock();
    this.connectTimeoutMs = config.connectTimeoutMs ?? 10_000;
  }

  /** Judges an address as `request` would before it opens anything; throws OutboundInvalid or OutboundBlocked. */
  check(url: string): void {
    this.checkLiteral(firstHop({ url }).url);
  }

  /** Any status is an answer; throws an OutboundError when none came. */
  async request(request: OutboundRequest): Promise<OutboundResponse> {
    let hop: Hop = firstHop(request);
    const timeoutMs = request.timeoutMs ?? 30_000;
    const stop = new AbortController();
    const given = request.signal;
    const abort = () => {
      stop.abort(new OutboundAborted(hop.url.host));
    };
    if (given?.aborted) abort();
    given?.addEventListener('abort', abort, { once: true });
    const disarm = this.clock.after(timeoutMs, () => {
      stop.abort(new OutboundTimeout(hop.url.host, timeoutMs));
    });
    try {
      for (let left = request.redirects ?? 0; ; left -= 1) {
        const answer = await unlessStopped(stop.signal, this.exchange(hop, request, stop.signal));
        const next = (request.redirects ?? 0) > 0 ? nextHop(hop, answer) : undefined;
        if (!next) return answer;
        if (left === 0)
          throw new OutboundRedirectRefused(
            `${hop.url.host} redirects more often than ${request.redirects ?? 0} times.`,
          );
        checkUrl(next.url);
        hop = next;
      }
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : asOutboundError(error, hop.url, this.connectTimeoutMs);
    } finally {
      disarm();
      given?.removeEventListener('abort', abort);
    }
  }

  /** Ends idle connections and lets those under way finish. */
  async close(): Promise<void> {
    const agent = this.agent;
    this.agent = undefined;
    await (await agent)?.close();
  }

  private async exchange(hop: Hop, request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> {
    this.checkLiteral(hop.url);
    const agent = await (this.agent ??= this.open());
    const limitBytes = request.maxResponseBytes ?? 10 * 1024 * 1024;
    const response = await agent.request({
      origin: hop.url.origin,
      path: hop.url.pathname + hop.url.search,
      method: hop.method,
      headers: { 'accept-encoding': 'gzip, deflate, br', ...hop.headers },
      body: typeof hop.body === 'function' ? Readable.from(hop.body(), { objectMode: false }) : (hop.body ?? null),
      signal,
    });
    const headers = plainHeaders(response.headers);
    if (request.dropsBody) {
      await this.drop(response.body);
      return { status: response.statusCode, headers, body: new Uint8Array(), url: hop.url.href };
    }
    const bodiless = hop.method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
    const body = await readBody(
      response.body,
      bodiless ? undefined : headers['content-encoding'],
      limitBytes,
      () => new OutboundTooLarge(hop.url.host, limitBytes),
    );
    return { status: response.statusCode, headers, body, url: hop.url.href };
  }

  /** Takes what little comes at once, so that the connection can be used again; whoever sends more, or slowly, is cut off. */
  private async drop(body: { dump(limits: { limit: number }): Promise<unknown>; destroy(): unknown }): Promise<void> {
    const disarm = this.clock.after(DROP_MS, () => body.destroy());
    // The answer is known: what becomes of the rest of it changes nothing.
    await body.dump({ limit: DROP_BYTES }).catch(() => undefined);
    disarm();
  }

  /** Refuses a denied literal before anything is opened; the connector judges it again, and names too. */
  private checkLiteral(url: URL): void {
    const host = plainHost(url.hostname);
    const literal = /^[\d.]+$/.test(host) || host.includes(':');
    const port = url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80;
    if (literal && !this.guard.permits(host, port, host)) throw new OutboundBlocked(url.host);
  }

  private async open(): Promise<Agent> {
    // Loaded with the first call: a process that calls nobody need not pay for it at start.
    const undici = await import('undici');
    const connect = guardedConnector(undici.buildConnector, this.guard, this.config.resolve ?? resolveBySystem, {
      connectTimeoutMs: this.connectTimeoutMs,
      ...(this.config.ca !== undefined && { ca: this.config.ca }),
    });
    // The time limits of a request are its own; those of the library are off.
    return new undici.Agent({ connect, connections: 64, headersTimeout: 0, bodyTimeout: 0 });
  }
}

function firstHop({ url: text, method = 'GET', headers = {}, body }: OutboundRequest): Hop {
  if (!URL.canParse(text))
    throw new OutboundInvalid('The URL is not valid; it starts with http:// or https:// and names a host.');
  const url = new URL(text);
  checkUrl(url);
  if (!METHOD.test(method)) throw new OutboundInvalid(`"${method.slice(0, 20)}" is no HTTP method.`);
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (OWN_HEADERS.has(key)) throw new OutboundInvalid(`The header "${name}" cannot be set.`);
    plain[key] = value;
  }
  return { url, method, headers: plain, ...(body !== undefined && { body }) };
}

function checkUrl(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new OutboundInvalid(`URLs start with http:// or https://, not with ${url.protocol.slice(0, 20)}.`);
  if (url.username !== '' || url.password !== '')
    throw new OutboundInvalid('User and password do not stand in a URL; use an Authorization header.');
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && name !== '__proto__') plain[name] = Array.isArray(value) ? value.join(', ') : value;
  return plain;
}

/** The library keeps a request that still waits for its connection although its signal fired; the caller need not. */
function unlessStopped<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

const TLS_FAULT = /^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function asOutboundError(error: unknown, url: URL, connectTimeoutMs: number): unknown {
  // What the network and the libraries throw carries a code; anything else is a bug and stays as it is.
  const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (error instanceof OutboundError || typeof code !== 'string') return error;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new OutboundTimeout(url.host, connectTimeoutMs);
  if (code === 'UND_ERR_INVALID_ARG')
    return new OutboundInvalid(`The request to ${url.host} cannot be sent: ${message ?? ''}.`);
  if (TLS_FAULT.test(code))
    return new OutboundFailed(`The certificate or TLS of ${url.host} is not trusted (${code}).`, false, {
      cause: error,
    });
  return new OutboundFailed(
    `The connection to ${url.host} failed${code === '' ? '' : ` (${code})`}.`,
    !code.startsWith('HPE_'),
    { cause: error },
  );
}
