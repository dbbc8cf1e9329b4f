import { Service, aFolder, type Reply } from '../service';

const LONG = 300_000;
const MOMENTS = ['before', 'commit', 'after'];
const WRITES = [
  'trigger.advance',
  'firing.accept',
  'firing.settle',
  'firing.release',
  'firing.take',
  'trigger.add',
  'trigger.replace',
  'trigger.remove',
  'firing.skip',
] as const;
/** Of each write one moment, each moment for a third of them; all with MOMENTS=all. The stores' own specs kill at every one. */
const points = (...writes: readonly (typeof WRITES)[number][]) =>
  writes.flatMap((write) =>
    MOMENTS.filter((_, i) => process.env.MOMENTS === 'all' || i === WRITES.indexOf(write) % MOMENTS.length).map(
      (moment) => `${write}.${moment}`,
    ),
  );
const ENVIRONMENT = { LOG_LEVEL: 'error' };
const STEPS = [
  { id: '0', operator: '@trigger/manual' },
  { id: '1', operator: '@internal/return', parameters: { at: '{{__0.scheduledAt}}' } },
];

interface Trigger {
  readonly id: string;
  readonly name: string;
}

interface Firing {
  readonly at: string;
  readonly status: string;
  readonly instanceId: string | null;
}

interface Run {
  readonly id: string;
  readonly input: { readonly scheduledAt?: string; readonly n?: number };
  readonly trigger: { readonly id?: string };
}

/** One process after another on one folder; each but the last dies at a write of triggers or firings. */
class House {
  readonly folder = aFolder();
  service!: Service;
  dagId = '';
  schedule = '';
  deaths = 0;
  /** Hand firings by their key, once they were acknowledged. */
  readonly acknowledged = new Set<number>();
  private fires = 0;

  async start(failpoint?: string): Promise<boolean> {
    this.service = Service.spawn(this.folder.path, { ...ENVIRONMENT, ...(failpoint && { FAILPOINT: failpoint }) });
    return this.service.ready().then(
      () => true,
      () => false,
    );
  }

  async dies(): Promise<void> {
    const { signal } = await this.service.exited;
    expect(signal).toBe('SIGKILL');
    this.deaths += 1;
  }

  async prepare(): Promise<void> {
    await this.start();
    this.dagId = (await this.service.must<{ id: string }>('POST', '/dags', { title: 'each second', steps: STEPS })).id;
    const sent = { kind: 'cron', name: 'each second', config: { cron: '* * * * * *', missed: { policy: 'all' } } };
    this.schedule = (await this.service.must<Trigger>('POST', `/dags/${this.dagId}/triggers`, sent)).id;
  }

  /** Fires by hand until the process is gone; whoever got no answer asks again under the same key. */
  async fire(): Promise<void> {
    while (this.service.running) {
      const n = this.fires;
      const reply = await this.ask('POST', `/triggers/${this.schedule}/fire`, { data: { n } }, `fire-${n}`);
      if (reply?.status !== 202) continue;
      this.acknowledged.add(n);
      this.fires += 1;
    }
  }

  /** Undefined when nobody knows what became of it. */
  async ask(method: string, path: string, body: object | undefined, key: string): Promise<Reply | undefined> {
    try {
      return await this.service.call(method, path, body, { 'idempotency-key': key });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return undefined;
    }
  }

  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: T[]; nextCursor: string | null } = await this.service.must(
        'GET',
        `${path}${cursor && `&cursor=${cursor}`}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }

  async settled(): Promise<void> {
    for (const end = Date.now() + 60_000; ;) {
      const pending = await this.service.must<{ items: Firing[] }>(
        'GET',
        `/triggers/${this.schedule}/firings?status=pending&limit=1`,
      );
      if (pending.items.length === 0) return;
      if (Date.now() > end) throw new Error('What was decided is not carried out.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What is asked for so that a process comes to a write that no schedule leads to. */
type Errand = (house: House, key: string) => Promise<Reply | undefined>;

const named = (house: House, name: string) =>
  house.all<Trigger>(`/dags/${house.dagId}/triggers?limit=200`).then((all) => all.filter((one) => one.name === name));
const add: Errand = (house, key) =>
  house.ask('POST', `/dags/${house.dagId}/triggers`, { kind: 'manual', name: key }, key);
/** Of the past: twenty times, others for each moment. */
const rangeOf = (point: string) => {
  const day = 1 + MOMENTS.findIndex((moment) => point.endsWith(moment));
  return { from: `2025-12-0${day}T00:00:00Z`, to: `2025-12-0${day}T00:00:20Z` };
};

describe('triggers whose process is killed at a write', () => {
  const house = new House();

  beforeAll(() => house.prepare(), LONG);
  afterAll(async () => {
    await house.service.kill();
    house.folder.remove();
  });

  it.each(points('trigger.advance', 'firing.accept', 'firing.settle'))(
    'go on behind %s',
    async (point) => {
      await house.service.kill();
      expect(await house.start(`${point}@3`)).toBe(true);
      const fired = house.fire();
      await house.dies();
      await fired;
      expect(await house.start()).toBe(true);
    },
    LONG,
  );

  it.each(points('firing.release', 'firing.take'))(
    'go on behind %s, with what an earlier process has left',
    async (point) => {
      // What one that dies before it settles has claimed is given back and taken by the next one.
      await house.service.kill();
      await house.start('firing.settle.before@2');
      const fired = house.fire();
      await house.dies();
      await fired;
      await house.start(point);
      await house.dies();
      expect(await house.start()).toBe(true);
    },
    LONG,
  );

  it.each(points('trigger.add'))(
    'are made once, though %s kills',
    async (point) => {
      await house.service.kill();
      await house.start(point);
      await add(house, point);
      await house.dies();
      await house.start();
      expect(await named(house, point)).toHaveLength(point.endsWith('.after') ? 1 : 0);
      // A request that was cut off may hold its key for a moment.
      for (let reply = await add(house, point); reply?.status !== 201; reply = await add(house, point));
      expect(await named(house, point)).toHaveLength(1);
    },
    LONG,
  );

  it.each(points('trigger.replace', 'trigger.remove'))(
    'are as they were or as they are to be behind %s',
    async (point) => {
      const isRemoval = point.startsWith('trigger.remove');
      await add(house, point);
      const [{ id } = { id: '' }] = await named(house, point);
      await house.service.kill();
      await house.start(point);
      const change = () =>
        isRemoval
          ? house.ask('DELETE', `/triggers/${id}`, undefined, point)
          : house.ask('PUT', `/triggers/${id}`, { kind: 'manual', name: `${point} changed` }, point);
      expect(await change()).toBeUndefined();
      await house.dies();
      await house.start();
      const isDone = point.endsWith('.after');
      expect(await named(house, point)).toHaveLength(isDone ? 0 : 1);
      expect([200, 204, 404]).toContain((await change())?.status);
      expect(await named(house, point)).toEqual([]);
    },
    LONG,
  );

  it.each(points('firing.skip'))(
    'cancel a backfill behind %s',
    async (point) => {
      const backfilled = await house.service.must<{ id: string }>(
        'POST',
        `/triggers/${house.schedule}/backfill`,
        { ...rangeOf(point), maxParallel: 1 },
        { 'idempotency-key': `backfill-${point}` },
      );
      await house.service.kill();
      await house.start(point);
      const cancel = () =>
        house.ask(
          'DELETE',
          `/triggers/${house.schedule}/backfills/${encodeURIComponent(backfilled.id)}`,
          undefined,
          point,
        );
      expect(await cancel()).toBeUndefined();
      await house.dies();
      await house.start();
      expect((await cancel())?.status).toBe(200);
    },
    LONG,
  );

  it(
    'have started each second, and each that was fired by hand, exactly once; the history says so',
    async () => {
      await house.settled();
      const runs = (await house.all<Run>(`/dags/${house.dagId}/instances?limit=200`)).filter(
        ({ trigger }) => trigger.id === house.schedule,
      );
      const firings = await house.all<Firing>(`/triggers/${house.schedule}/firings?limit=200`);
      const backfilled = (at: string) => at < '2026';
      const scheduled = runs
        .flatMap(({ input }) =>
          input.scheduledAt !== undefined && !backfilled(input.scheduledAt) ? [input.scheduledAt] : [],
        )
        .sort();
      expect(new Set(scheduled).size).toBe(scheduled.length);
      const [first, last] = [Date.parse(scheduled[0]!), Date.parse(scheduled.at(-1)!)];
      // Every second from the first to the last, whoever lived then.
      expect(scheduled).toHaveLength((last - first) / 1_000 + 1);
      expect(Date.now() - last).toBeLessThan(30_000);
      const byHand = runs.flatMap(({ input }) => (input.n === undefined ? [] : [input.n]));
      expect(new Set(byHand).size).toBe(byHand.length);
      expect([...house.acknowledged].filter((n) => !byHand.includes(n))).toEqual([]);
      const ids = new Set(runs.map(({ id }) => id));
      const fired = firings.filter(({ status }) => status === 'fired');
      expect(fired.filter(({ instanceId }) => !ids.has(String(instanceId)))).toEqual([]);
      expect(fired).toHaveLength(runs.length);
      process.stdout.write(`${house.deaths} deaths, ${scheduled.length} seconds, ${byHand.length} by hand\n`);
    },
    LONG,
  );
});
