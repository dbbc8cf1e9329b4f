import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What happens to what is said: it passes; nothing passes any more; the connection is cut with a statement, before or after the server has it. */
export type GateMode = 'open' | 'silent' | { readonly cut: 'before' | 'after'; readonly at: string };

/** A way to a server that a test can bar. */
export class TcpGate {
  mode: GateMode = 'open';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly to: { readonly host: string; readonly port: number },
  ) {
    server.on('connection', (client: Socket) => this.join(client));
  }

  static async before(url: URL): Promise<TcpGate> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpGate(server, { host: url.hostname, port: Number(url.port || 3306) });
  }

  /** The address through the gate. */
  of(url: URL): URL {
    const through = new URL(url);
    through.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return through;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const server = connect(this.to);
    let isCut = false;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.on('data', (said) => {
      const { mode } = this;
      if (mode === 'silent') return;
      if (mode !== 'open' && said.includes(mode.at)) {
        if (mode.cut === 'before') {
          end();
          return;
        }
        isCut = true;
      }
      server.write(said);
    });
    server.on('data', (said) => {
      if (isCut) end();
      else if (this.mode !== 'silent') client.write(said);
    });
  }
}
