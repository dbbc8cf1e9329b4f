import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What becomes of what is sent: it arrives; it arrives late, each piece by up to so much; it stays on the way, and nobody hangs up. */
export type Passage = 'open' | 'held' | { readonly mostMs: number };

/** What a way has done to those who use it. It only grows. */
export interface Harm {
  /** Connections that the server ended or that broke behind the proxy. */
  ended: number;
  /** Connections that the server did not take. */
  refused: number;
  /** Connections that were reset here. */
  reset: number;
  /** Bytes that had to stay on the way for a while. */
  heldBytes: number;
  /** Pieces that came late. */
  late: number;
  /** Pieces that were passed on to the server, and by it. */
  asked: number;
  answered: number;
}

/**
 * A way to a server, with faults. What was held arrives when the way is open again, also of those who have hung up meanwhile: so late
 * may a write come.
 */
export class TcpProxy {
  readonly harm: Harm = { ended: 0, refused: 0, reset: 0, heldBytes: 0, late: 0, asked: 0, answered: 0 };
  private passage: Passage = 'open';
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private whenOpen: Promise<void> = Promise.resolve();
  private open = (): void => undefined;

  private constructor(
    private readonly server: Server,
    private readonly to: { readonly host: string; readonly port: number },
    private readonly fraction: () => number,
  ) {
    server.on('connection', (near: Socket) => this.join(near));
  }

  /** `fraction` is chance, in [0, 1). */
  static async before(to: { readonly host: string; readonly port: number }, fraction: () => number): Promise<TcpProxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, to, fraction);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The same address by this way. */
  of(address: string): string {
    const url = new URL(address);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  get connections(): number {
    return this.pairs.size;
  }

  set(passage: Passage): void {
    this.passage = passage;
    this.open();
    if (passage === 'held') this.whenOpen = new Promise((resolve) => (this.open = resolve));
  }

  /** Every connection that stands breaks off. */
  reset(): void {
    for (const pair of this.pairs) {
      this.harm.reset += 1;
      for (const socket of pair) resetNow(socket);
    }
    this.pairs.clear();
  }

  async close(): Promise<void> {
    this.set('open');
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    const far = connect({ ...this.to, noDelay: true, allowHalfOpen: true });
    const pair = [near, far] as const;
    this.pairs.add(pair);
    far.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') this.harm.refused += 1;
    });
    near.on('error', () => undefined);
    far.once('close', () => {
      // Whoever ends it takes it off the list first.
      if (this.pairs.delete(pair)) this.harm.ended += 1;
    });
    this.carry(
      near,
      far,
      () => (this.harm.asked += 1),
      () => this.pairs.delete(pair),
    );
    this.carry(
      far,
      near,
      () => (this.harm.answered += 1),
      () => undefined,
    );
  }

  /** One direction: piece by piece in their order, and its end behind them. */
  private carry(from: Socket, to: Socket, onPiece: () => void, onEnd: () => void): void {
    let before = Promise.resolve();
    from.on('data', (piece: Buffer) => {
      before = before.then(async () => {
        await this.pass(piece.length);
        onPiece();
        if (to.writable) to.write(piece);
      });
    });
    from.once('end', () => {
      before = before.then(async () => {
        await this.pass(0);
        to.end();
      });
    });
    from.once('close', () => {
      void before.then(async () => {
        await this.pass(0);
        onEnd();
        to.destroySoon();
      });
    });
  }

  private async pass(bytes: number): Promise<void> {
    while (this.passage === 'held') {
      this.harm.heldBytes += bytes;
      await this.whenOpen;
    }
    if (typeof this.passage !== 'object' || bytes === 0) return;
    this.harm.late += 1;
    const ms = this.fraction() * this.passage.mostMs;
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

/** One that is on its way up or down cannot be reset: the system refuses it, and Node would keep the handle for ever. */
function resetNow(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
