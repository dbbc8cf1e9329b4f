import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Who is told how runs ended, by address: `/ok/<name>` takes it, `/busy/<name>` does so when it is asked once more, `/gone/<name>` never.
 */
export class Receiver {
  /** The `webhook-id` of everything that was taken, by address. */
  private readonly taken = new Map<string, string[]>();
  private readonly asked = new Set<string>();

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.statusCode = receiver.answerTo(request.url ?? '', String(request.headers['webhook-id']));
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new Receiver(server);
    return receiver;
  }

  addressOf(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${path}`;
  }

  /** Ids under which something was taken there. */
  idsAt(path: string): readonly string[] {
    return [...new Set(this.taken.get(`/${path}`))];
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answerTo(url: string, id: string): number {
    const isFirst = !this.asked.has(url);
    this.asked.add(url);
    if (url.startsWith('/gone/')) return 410;
    if (url.startsWith('/busy/') && isFirst) return 503;
    this.taken.set(url, [...(this.taken.get(url) ?? []), id]);
    return 200;
  }
}
