import type { Service } from './service';
import { modelOf, twoEffects, type Sink } from './sink';

interface Start {
  readonly n: number;
  readonly key: string;
  /** Once it was acknowledged. */
  id?: string;
}

interface Instance {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
  readonly reason: unknown;
}

const ENDED = new Set(['succeeded', 'failed', 'cancelled']);

/**
 * Callers who start runs and write down what was acknowledged, over any number of processes on the same folder; and the checker: what must
 * be true of all of it at the end, computed from what was asked only.
 */
export class Load {
  readonly starts: Start[] = [];
  private dag = '';
  private stopped = false;

  constructor(private readonly sink: Sink) {}

  async prepare(service: Service): Promise<void> {
    this.dag = (await service.must<{ id: string }>('POST', '/dags', twoEffects('Two effects', this.sink.url))).id;
  }

  get acknowledged(): readonly Start[] {
    return this.starts.filter(({ id }) => id !== undefined);
  }

  /** Starts runs one after another until the process refuses or is gone; first those whose outcome nobody knows. */
  async call(service: Service, callers: number): Promise<void> {
    this.stopped = false;
    const unknown = this.starts.filter(({ id }) => id === undefined);
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (!this.stopped && service.running) {
          const start = unknown.pop() ?? this.newStart();
          try {
            if (!(await this.ask(service, start))) return;
          } catch {
            // The process is gone, and with it the answer: asked again by the next one, under the same key.
            return;
          }
        }
      }),
    );
  }

  hush(): void {
    this.stopped = true;
  }

  /** Asks again for whatever nobody knows about, then waits for the end of all runs. */
  async settle(service: Service): Promise<void> {
    for (const start of this.starts) if (start.id === undefined) await this.ask(service, start);
    await this.ended(service);
  }

  /** Waits for the end of all runs. */
  async ended(service: Service, withinMs = 20_000): Promise<void> {
    for (const endMs = Date.now() + withinMs; ;) {
      const { total } = await service.must<{ total: number }>(
        'GET',
        '/instances?status=queued,running,waiting,paused,cancelling&count=true&limit=1',
      );
      if (total === 0) return;
      if (Date.now() > endMs) throw new Error(`${total} instances have not ended.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Everything that is not as it must be. */
  async faults(service: Service): Promise<string[]> {
    const faults: string[] = [];
    const all = await this.instances(service);
    const byId = new Map(all.map((instance) => [instance.id, instance]));
    for (const { id, n, key } of this.starts) {
      const instance = id === undefined ? undefined : byId.get(id);
      if (!instance) faults.push(`lost: ${key} (${String(id)})`);
      else if (!ENDED.has(instance.status)) faults.push(`not ended: ${instance.id} ${instance.status}`);
      else if (instance.status !== 'succeeded' || JSON.stringify(instance.result) !== JSON.stringify(modelOf(n)))
        faults.push(
          `wrong: ${instance.id} ${instance.status} ${JSON.stringify(instance.result)} ${JSON.stringify(instance.reason)}`,
        );
    }
    if (all.length !== this.starts.length) faults.push(`${this.starts.length} keys made ${all.length} instances`);
    const completedAt = new Map<string, number>();
    for (let i = 0; i < all.length; i += 20)
      await Promise.all(
        all.slice(i, i + 20).map(async ({ id }) => {
          const { items } = await service.must<{ items: { type: string; at: string; path?: string }[] }>(
            'GET',
            `/instances/${id}/history?limit=200`,
          );
          for (const { at, path } of items.filter(({ type }) => type === 'task.succeeded')) {
            const key = `${id}:${String(path)}`;
            if (completedAt.has(key)) faults.push(`completed twice: ${key}`);
            completedAt.set(key, Date.parse(at));
          }
        }),
      );
    for (const { key, at, n, step } of this.sink.effects) {
      const completed = completedAt.get(key);
      if (completed === undefined) faults.push(`an effect that no run knows: ${key} (${step} of ${n})`);
      else if (at > completed) faults.push(`an effect ${at - completed} ms after its durable completion: ${key}`);
    }
    const effects = new Set(this.sink.effects.map(({ key }) => key));
    for (const { id } of all)
      for (const step of ['double', 'next'])
        if (!effects.has(`${id}:${step}`)) faults.push(`no effect ${step} of ${id}`);
    return faults;
  }

  private async ask(service: Service, start: Start): Promise<boolean> {
    const { status, text } = await service.call(
      'POST',
      `/dags/${this.dag}/run`,
      { data: { n: start.n } },
      { 'idempotency-key': start.key },
    );
    if (status === 202) start.id = (JSON.parse(text) as { id: string }).id;
    else if (status !== 503) throw new Error(`${status} ${text}`);
    return status === 202;
  }

  private newStart(): Start {
    const n = this.starts.length;
    const start: Start = { n, key: `start-${n}` };
    this.starts.push(start);
    return start;
  }

  private async instances(service: Service): Promise<Instance[]> {
    const all: Instance[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: Instance[]; nextCursor: string | null } = await service.must(
        'GET',
        `/instances?limit=200&sort=createdAt${cursor && `&cursor=${cursor}`}`,
      );
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  }
}
