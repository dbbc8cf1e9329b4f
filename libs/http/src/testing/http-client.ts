import { request as send, type IncomingHttpHeaders } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  readonly json: Record<string, unknown>;
}

export interface HttpAsk {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON, unless it is text or bytes already. */
  readonly body?: unknown;
}

/** A client that sends what it is told, broken requests included, over a connection of its own. */
export function httpClient(base: string, defaultToken: string | null = null) {
  return async (method: string, path: string, ask: HttpAsk = {}): Promise<HttpAnswer> => {
    const token = ask.token === undefined ? defaultToken : ask.token;
    const raw = typeof ask.body === 'string' || Buffer.isBuffer(ask.body);
    const body = ask.body === undefined ? undefined : raw ? ask.body : JSON.stringify(ask.body);
    return new Promise((resolve, reject) => {
      const url = new URL(base);
      const request = send(
        {
          host: url.hostname,
          port: url.port,
          path,
          method,
          agent: false,
          headers: {
            ...(token !== null && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            ...ask.headers,
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(parts).toString('utf8');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              get json() {
                return JSON.parse(text) as Record<string, unknown>;
              },
            });
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  };
}
