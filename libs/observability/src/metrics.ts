import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface ObservedRequest {
  readonly server: string;
  readonly method: string;
  /** The route's pattern: addresses would make a series each. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Seconds: from a read in the cache to a long poll. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * What Prometheus reads of this process. prom-client itself, with a registry of its own: @willsoto/nestjs-prometheus brings a controller
 * that declares no access, and registers in prom-client's global registry, where two applications in one process (every spec) collide.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests: Histogram<'server' | 'method' | 'route' | 'status'>;

  constructor(labels: Readonly<Record<string, string>> = {}) {
    this.registry.setDefaultLabels(labels);
    collectDefaultMetrics({ register: this.registry, prefix: 'flow_' });
    this.requests = new Histogram({
      name: 'flow_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer.',
      labelNames: ['server', 'method', 'route', 'status'],
      buckets: BUCKETS,
      registers: [this.registry],
    });
  }

  /** Fits `onAnswered` of libs/http. */
  readonly observeRequest = ({ server, method, route, status, durationMs }: ObservedRequest): void => {
    this.requests.observe({ server, method, route, status: String(status) }, durationMs / 1000);
  };

  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ name: `flow_${name}`, help, labelNames, registers: [this.registry] });
  }

  histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    buckets: readonly number[] = BUCKETS,
  ): Histogram<Label> {
    return new Histogram({ name: `flow_${name}`, help, labelNames, buckets: [...buckets], registers: [this.registry] });
  }

  /** A value that is asked for when Prometheus reads. One that cannot be told (its store is away) is NaN, and holds up no other. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    // The registry keeps it; nobody else needs it.
    new Gauge({
      name: `flow_${name}`,
      help,
      registers: [this.registry],
      async collect() {
        try {
          this.set(await read());
        } catch {
          this.set(NaN);
        }
      },
    });
  }

  /** As `gauge`, of several series: those that are not read any more are gone. */
  gauges<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => Promise<
      readonly { readonly labels: Readonly<Record<Label, string | number>>; readonly value: number }[]
    >,
  ): void {
    new Gauge({
      name: `flow_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      async collect() {
        const series = await read();
        this.reset();
        for (const { labels, value } of series) this.set(labels, value);
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything, in Prometheus' text format. */
  async read(): Promise<string> {
    return this.registry.metrics();
  }
}
