import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface Hit {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** What TLS named, when there was TLS. */
  readonly servername: string | false | null | undefined;
}

export interface LocalServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Every request that arrived, in order. */
  readonly hits: readonly Hit[];
  /** Connections that were opened, with or without a request. */
  connections(): number;
  close(): Promise<void>;
}

/** A real server on a free port of 127.0.0.1 that writes down what reaches it. */
export async function localServer(
  answer: (hit: Hit, response: ServerResponse) => void = (_hit, response) => response.end('hello'),
  tls?: { key: string; cert: string },
): Promise<LocalServer> {
  const hits: Hit[] = [];
  let opened = 0;
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const hit: Hit = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        servername: (request.socket as Socket & { servername?: string | false | null }).servername,
      };
      hits.push(hit);
      answer(hit, response);
    });
  };
  const server = tls ? createTlsServer(tls, serve) : createServer(serve);
  server.on('connection', () => (opened += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    hits,
    connections: () => opened,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
