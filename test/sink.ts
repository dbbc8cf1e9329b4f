import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Effect {
  /** The step's stable key: `instanceId:taskPath`. */
  readonly key: string;
  readonly n: number;
  readonly step: string;
  /** Milliseconds since 1970, when it came and when its answer left (never, when the caller was gone). */
  readonly at: number;
  answeredAt?: number;
}

/** What the steps of test flows do to the world: every call is written down. Lives in the test's process, so that no kill reaches it. */
export class Sink {
  readonly effects: Effect[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** How long the nth call from 0 on takes: milliseconds, or until something has happened. */
  static async open(takes: (call: number) => number | Promise<void>): Promise<Sink> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        const { n, step } = JSON.parse(text) as { n: number; step: string };
        const effect: Effect = { key: String(request.headers['idempotency-key']), n, step, at: Date.now() };
        const call = sink.effects.push(effect) - 1;
        const answer = () => {
          effect.answeredAt = Date.now();
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ value: valueOf(step, n) }));
        };
        const end = takes(call);
        if (typeof end === 'number') setTimeout(answer, end);
        else void end.then(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sink = new Sink(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return sink;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function valueOf(step: string, n: number): number {
  return step === 'double' ? 2 * n : n + 1;
}

/** A flow with two effects, the second of which needs the first, and its result by the model. */
export function twoEffects(title: string, url: string): object {
  const post = (id: string, n: string) => ({
    id,
    operator: '@http/request',
    parameters: { method: 'POST', url, body: { n, step: id } },
    settings: { retry: { max: 5, delay: 0.1 } },
  });
  return {
    title,
    steps: [
      { id: 'in', operator: '@trigger/form', parameters: { fields: [{ key: 'n', type: 'number', required: true }] } },
      post('double', '{{__in.n}}'),
      { id: 'between', operator: '@internal/define', parameters: { type: 'number', value: '{{__double.body.value}}' } },
      post('next', '{{__between.value}}'),
      { id: 'end', operator: '@internal/return', parameters: { result: 'success', sum: '{{__next.body.value}}' } },
    ],
  };
}

export function modelOf(n: number): object {
  return { sum: 2 * n + 1 };
}
