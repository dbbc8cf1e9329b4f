import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SERVER_NAMES, type ServerName } from './access';

const NAME = Symbol('server');
type Named = IncomingMessage & { [NAME]?: ServerName };

/** Which listener a request came in by. */
export function serverOf(request: IncomingMessage): ServerName | undefined {
  return (request as Named)[NAME];
}

/** A head that takes longer is cut off; so is a body. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
/** How often it is looked for those that are too slow: how much later than their time they go. */
const CHECK_EVERY_MS = 5_000;

/**
 * The two listeners of one Fastify instance. Each marks its requests with its name, and Fastify's router takes the name as a constraint: a
 * route of one server does not exist on the other. So both share one Nest container with one set of services, and no second application
 * has to be kept in step.
 */
export class Listeners {
  private readonly servers = new Map<ServerName, Server>();
  private main: Server | undefined;

  constructor(
    private readonly names: readonly ServerName[],
    private readonly onBroken: (error: Error, socket: import('node:net').Socket) => void,
  ) {
    if (names.length === 0) throw new Error('A process without a listener needs no HTTP server.');
  }

  /** Fastify's `serverFactory`: makes all of them and gives the first, which Fastify opens and closes itself. */
  readonly factory = (handler: RequestListener): Server => {
    for (const name of SERVER_NAMES) {
      if (!this.names.includes(name)) continue;
      const server = createServer(
        {
          headersTimeout: HEADERS_TIMEOUT_MS,
          requestTimeout: REQUEST_TIMEOUT_MS,
          keepAliveTimeout: KEEP_ALIVE_MS,
          connectionsCheckingInterval: CHECK_EVERY_MS,
        },
        (request: Named, response: ServerResponse) => {
          request[NAME] = name;
          handler(request, response);
        },
      );
      this.servers.set(name, server);
      if (this.main) server.on('clientError', this.onBroken);
      else this.main = server;
    }
    return this.main as Server;
  };

  get mainName(): ServerName {
    return SERVER_NAMES.find((name) => this.names.includes(name)) as ServerName;
  }

  /** Opens the listener that Fastify does not open. */
  async openOther(name: ServerName, host: string, port: number): Promise<void> {
    const server = this.servers.get(name);
    if (!server) return;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }

  /** `http://127.0.0.1:8082` of each that is open. */
  addresses(): Partial<Record<ServerName, string>> {
    const found: Partial<Record<ServerName, string>> = {};
    for (const [name, server] of this.servers) {
      const at = server.address() as AddressInfo | null;
      if (at) found[name] = `http://${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`;
    }
    return found;
  }

  /** Closes what Fastify does not close, and cuts every connection that is left on any of them. */
  async closeOthers(): Promise<void> {
    for (const server of this.servers.values()) server.closeAllConnections();
    const others = [...this.servers.values()].filter((server) => server !== this.main && server.listening);
    await Promise.all(others.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }
}
