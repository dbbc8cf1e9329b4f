import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** What the wire between two processes is like. */
export type Weather =
  | { readonly kind: 'clear' }
  | { readonly kind: 'slow'; readonly mostMs: number } // each piece takes up to so long, in its order
  | { readonly kind: 'cut' } // an answer breaks off in its midst, once for each request
  | { readonly kind: 'black hole' } // whatever is sent vanishes, and nobody hangs up
  | { readonly kind: 'half open' }; // the far end has hung up, and the near end does not know

const CLEAR: Weather = { kind: 'clear' };
const KEY = /^idempotency-key: (\S+)/im;

/**
 * A wire to a port of this machine, with faults. One that swallowed something is reset when the weather clears: the end of all
 * waiting in a network.
 */
export class Proxy {
  target = 0;
  /** Pieces and connections that the weather has hurt. */
  hurt = 0;
  private weather: Weather = CLEAR;
  private readonly wires = new Set<Wire>();
  /** Requests of which an answer was cut. */
  private readonly cut = new Set<string>();

  private constructor(
    private readonly server: Server,
    private readonly fraction: () => number,
  ) {
    server.on('connection', (near) => {
      const wire = new Wire(near, this);
      this.wires.add(wire);
      near.once('close', () => this.wires.delete(wire));
    });
  }

  /** `fraction` is chance, in [0, 1). */
  static async open(fraction: () => number): Promise<Proxy> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Proxy(server, fraction);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.wires.size;
  }

  get kind(): Weather['kind'] {
    return this.weather.kind;
  }

  set(weather: Weather): void {
    this.weather = weather;
    for (const wire of this.wires) wire.turned();
  }

  clear(): void {
    this.set(CLEAR);
    for (const wire of this.wires) if (wire.isStuck || !wire.hasFarEnd) wire.reset();
  }

  delayMs(): number {
    if (this.weather.kind !== 'slow') return 0;
    this.hurt += 1;
    return this.fraction() * this.weather.mostMs;
  }

  /** Whether the answer to this request is to be cut. */
  cuts(key: string | undefined): boolean {
    if (this.weather.kind !== 'cut' || key === undefined || this.cut.has(key) || this.fraction() < 0.5) return false;
    this.cut.add(key);
    this.hurt += 1;
    return true;
  }

  async close(): Promise<void> {
    for (const wire of this.wires) wire.reset();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** One connection: the end that asks, and the one that answers. */
class Wire {
  private readonly far: Socket | undefined;
  private toFar: Promise<void> = Promise.resolve();
  private toNear: Promise<void> = Promise.resolve();
  /** Of the last request. */
  private key: string | undefined;
  private isAsked = false;
  /** Something of it has vanished. */
  isStuck = false;

  constructor(
    private readonly near: Socket,
    private readonly proxy: Proxy,
  ) {
    near.on('error', () => this.far?.destroy()).on('data', (piece) => this.asked(piece));
    if (proxy.kind === 'half open') return;
    this.far = connect({ port: proxy.target, host: '127.0.0.1', noDelay: true });
    this.far
      .on('error', () => !this.isStuck && near.resetAndDestroy())
      .on('data', (piece) => this.answered(piece))
      .on('end', () => void this.toNear.then(() => !this.isStuck && near.end()));
    near.on('end', () => void this.toFar.then(() => this.far?.end())).on('close', () => this.far?.destroy());
  }

  /** The weather is another: what is under way feels it. */
  turned(): void {
    const { kind } = this.proxy;
    if (kind !== 'half open' && kind !== 'black hole') return;
    if (kind === 'black hole' && !this.isAsked) return;
    this.isStuck = true;
    if (this.isAsked) this.proxy.hurt += 1;
    if (kind === 'half open') this.far?.destroy();
  }

  /** One that came while the far end had hung up has none. */
  get hasFarEnd(): boolean {
    return this.far !== undefined;
  }

  reset(): void {
    this.isStuck = true;
    this.far?.destroy();
    this.near.resetAndDestroy();
  }

  private asked(piece: Buffer): void {
    this.key = KEY.exec(piece.toString('latin1'))?.[1] ?? this.key;
    this.isAsked = true;
    if (this.vanishes()) return;
    this.toFar = this.passed(this.toFar, this.far, piece);
  }

  private answered(piece: Buffer): void {
    if (this.vanishes()) return;
    this.isAsked = false;
    if (this.proxy.cuts(this.key)) {
      this.isStuck = true;
      this.near.write(piece.subarray(0, piece.length >> 1), () => this.reset());
      return;
    }
    this.toNear = this.passed(this.toNear, this.near, piece);
  }

  private vanishes(): boolean {
    if (this.isStuck) return true;
    const { kind } = this.proxy;
    if (kind !== 'black hole' && kind !== 'half open') return false;
    this.isStuck = true;
    this.proxy.hurt += 1;
    return true;
  }

  private passed(before: Promise<void>, to: Socket | undefined, piece: Buffer): Promise<void> {
    const ms = this.proxy.delayMs();
    return before.then(async () => {
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      if (to?.writable) to.write(piece);
    });
  }
}
