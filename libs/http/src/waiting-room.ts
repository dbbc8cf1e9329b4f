import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServerName } from './access';
import { ServerStarting } from './http.errors';
import { PROBLEM_TYPE, toProblem } from './problem';

/** What a start still waits for, by name. */
export type Awaited = () => readonly string[];

/**
 * Listens while a process waits for its stores: probes hear that it lives and is not ready, everybody else 503 with Retry-After. It makes way for
 * the service, on the same ports.
 */
export class WaitingRoom {
  private constructor(private readonly servers: readonly Server[]) {}

  /** A port that is to be chosen (0) is known to nobody yet: nothing listens there. @throws what the listening throws */
  static async open(
    host: string,
    ports: Partial<Readonly<Record<ServerName, number>>>,
    awaited: Awaited,
  ): Promise<WaitingRoom> {
    const opened: Server[] = [];
    const room = new WaitingRoom(opened);
    try {
      for (const port of Object.values(ports).filter((one) => one !== 0))
        opened.push(await listening(host, port, awaited));
      return room;
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const server of this.servers) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }
  }
}

function listening(host: string, port: number, awaited: Awaited): Promise<Server> {
  const server = createServer((request, response) => answer(request, response, awaited()));
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => resolve(server));
  });
}

function answer({ url = '/' }: IncomingMessage, response: ServerResponse, awaited: readonly string[]): void {
  const path = url.split('?')[0] ?? '/';
  const send = (status: number, type: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    response
      .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close', ...headers })
      .end(JSON.stringify(body));
  const checks = Object.fromEntries(awaited.map((name) => [name, 'down']));
  if (path === '/health/alive') send(200, 'application/json', { status: 'up', checks: {} });
  else if (path === '/health/ready' || path === '/health/startup')
    send(503, 'application/json', { status: 'down', checks });
  else {
    const { status, headers, body } = toProblem(new ServerStarting(), '-', path);
    send(status, PROBLEM_TYPE, body, headers);
  }
}
