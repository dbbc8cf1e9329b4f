import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a step sends. */
export interface Call {
  readonly n: number;
  readonly step: string;
  /** Of an iteration. */
  readonly i?: number;
  /** Where it waits for an answer. */
  readonly url?: string;
  /** How many calls under its key are to fail. */
  readonly fails?: number;
  /** Characters that come back beside the value. */
  readonly pad?: number;
}

export interface Effect extends Call {
  /** The step's stable key: `instanceId:taskPath`. */
  readonly key: string;
  /** Milliseconds since 1970, when it came and when its answer left (never, when the caller was gone). */
  readonly at: number;
  answeredAt?: number;
  /** It was told that it failed. */
  readonly failed?: boolean;
}

/** What flows do to the world, as the checker reads it. */
export interface Effects {
  readonly url: string;
  readonly effects: readonly Effect[];
}

/** What the steps of test flows do to the world: every call is written down, and nobody kills it. */
export class Sink implements Effects {
  readonly effects: Effect[] = [];
  private readonly failures = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /**
   * How long the nth call from 0 on takes: milliseconds, or until something has happened. `tell` hears of each call as it comes and as it
   * is answered.
   */
  static async open(
    takes: (call: number) => number | Promise<void>,
    tell: (index: number, effect: Effect) => void = () => undefined,
  ): Promise<Sink> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        const effect = sink.note(String(request.headers['idempotency-key']), JSON.parse(text) as Call);
        const index = sink.effects.push(effect) - 1;
        tell(index, effect);
        const answer = () => {
          effect.answeredAt = Date.now();
          tell(index, effect);
          response.statusCode = effect.failed ? 503 : 200;
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ value: valueOf(effect), pad: 'x'.repeat(effect.pad ?? 0) }));
        };
        const end = takes(index);
        if (typeof end === 'number') setTimeout(answer, end);
        else void end.then(answer);
      });
    });
    // A service that was stopped for a while still finds its connections.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sink = new Sink(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return sink;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private note(key: string, call: Call): Effect {
    const failures = this.failures.get(key) ?? 0;
    if (failures >= (call.fails ?? 0)) return { ...call, key, at: Date.now() };
    this.failures.set(key, failures + 1);
    return { ...call, key, at: Date.now(), failed: true };
  }
}

/** What a call answers, by the model. */
export function valueOf({ step, n, i = 0 }: Pick<Call, 'step' | 'n' | 'i'>): number {
  return step === 'double' ? 2 * n : n + 1 + 1_000 * i;
}
