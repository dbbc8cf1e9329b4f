import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers when it is told to: a step that asks it lasts exactly as long as a test wants. */
export class Gate {
  private readonly waiting: ServerResponse[] = [];
  private opened = false;
  private arrived: (() => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      if (this.opened) response.end('{}');
      else this.waiting.push(response);
      for (const tell of this.arrived.splice(0)) tell();
    });
  }

  static async open(): Promise<Gate> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Gate(server);
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/`;
  }

  /** Resolves when someone waits here. */
  async someone(): Promise<void> {
    if (this.waiting.length === 0) await new Promise<void>((resolve) => this.arrived.push(resolve));
  }

  /** Answers all who wait and, until it is shut again, all who come. */
  release(): void {
    this.opened = true;
    for (const response of this.waiting.splice(0)) response.end('{}');
  }

  shut(): void {
    this.opened = false;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
