import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What orders are sent to; it fails as long as it is told to, and it holds a large value. */
export class OrderSink {
  /** Orders that came. */
  calls = 0;
  isDown = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<OrderSink> {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/large') return response.end(LARGE);
      sink.calls += 1;
      response.statusCode = sink.isDown ? 503 : 200;
      return response.end(JSON.stringify({ taken: !sink.isDown }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sink = new OrderSink(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return sink;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export const LARGE_ROWS = 80_000;
/** A little less than the 10 MiB that a request may bring in. */
const LARGE = JSON.stringify(
  Array.from({ length: LARGE_ROWS }, (_, id) => ({ id, name: `<b>row ${id}</b>`, pad: 'x'.repeat(78) })),
);
