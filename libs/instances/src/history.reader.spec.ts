import type { Instance } from '@flow/instances';
import { done, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { START, type HistoryPosition, type ToldEvent } from './history';
import { HistoryReader } from './history.reader';
import { PlanCache } from './plan-cache';

const ann = aCaller();
const STEPS = 80;
const steps = Array.from({ length: STEPS }, (_, i): Step => ({ id: `s${i}`, operator: '@test/call' }));

describe('reading a history', () => {
  let world: RunWorld;
  let instance: Instance;
  let all: readonly ToldEvent[];

  const reader = () => new HistoryReader(world.store, new PlanCache(world.dags, world.catalogue));
  const pagesOf = async (from: HistoryReader, limit: number, position: HistoryPosition = START) => {
    const told: ToldEvent[] = [];
    for (let at = position, more = true; more;) {
      const page = await from.behind(instance, at, limit);
      expect(page.events.length).toBeLessThanOrEqual(limit);
      told.push(...page.events);
      at = told.at(-1) ?? at;
      more = page.more;
    }
    return told;
  };
  /** Chunks that are read from the store while `work` goes on. */
  const chunksRead = async (work: () => Promise<unknown>) => {
    let read = 0;
    const history = world.store.history.bind(world.store);
    world.store.history = async (...args) => {
      const chunks = await history(...args);
      read += chunks.length;
      return chunks;
    };
    await work();
    world.store.history = history;
    return read;
  };

  beforeAll(async () => {
    world = await RunWorld.open();
    const dag = await world.aDag(steps);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    for (let i = 0; i < STEPS; i += 1) {
      await world.answer(done({ i }));
      // A chunk of its own for each step.
      await world.runner.projector.caughtUp();
    }
    instance = await world.service.get(ann, id);
    all = await pagesOf(reader(), 1_000);
  });
  afterAll(() => world.close());

  it('gives the same events in pages of any size', async () => {
    expect(instance.status).toBe('succeeded');
    expect(all.map(({ event }) => event.type).filter((type) => type === 'task.succeeded')).toHaveLength(STEPS + 1);
    for (const limit of [1, 2, 7, 100]) expect(await pagesOf(reader(), limit)).toEqual(all);
  });

  it('goes on behind every event, whoever read before', async () => {
    const one = reader();
    const places = [...all.keys()].sort((a, b) => ((a * 37) % all.length) - ((b * 37) % all.length));
    for (const i of places) expect(await pagesOf(one, 50, all[i])).toEqual(all.slice(i + 1));
    await Promise.all(places.map(async (i) => expect(await pagesOf(one, 9, all[i])).toEqual(all.slice(i + 1))));
  });

  it('reads what a page needs: on from the last page, and from the snapshot where there is one', async () => {
    const one = reader();
    let position: HistoryPosition = START;
    const first = await chunksRead(async () => {
      position = (await one.behind(instance, START, 10)).events.at(-1) ?? START;
    });
    const second = await chunksRead(() => one.behind(instance, position, 10));
    expect([first, second].every((read) => read <= 16)).toBe(true);
    const near = all.find(({ seq }) => seq > 65);
    expect(await chunksRead(() => reader().behind(instance, near ?? START, 1_000))).toBeLessThan(STEPS - 60);
    expect(await pagesOf(reader(), 10, near)).toEqual(all.slice(all.indexOf(near as ToldEvent) + 1));
  });

  it('goes on at the snapshot itself and around it, without a reader before', async () => {
    const cursor = await world.store.cursor(ann.domain, instance.id);
    expect(cursor?.seq).toBe(64);
    const near = all.filter(({ seq }) => Math.abs(seq - 64) <= 1);
    expect(near.length).toBeGreaterThan(5);
    for (const event of near) expect(await pagesOf(reader(), 100, event)).toEqual(all.slice(all.indexOf(event) + 1));
  });

  it('reads once for many who stand at the same place', async () => {
    const one = reader();
    const position = all.at(-20) ?? START;
    const alone = await chunksRead(() => reader().behind(instance, position, 10));
    const together = await chunksRead(() =>
      Promise.all(Array.from({ length: 30 }, () => one.behind(instance, position, 10))),
    );
    expect(together).toBeLessThan(alone + 30);
  });

  it('pages whole transitions for the history of the API', async () => {
    for (const limit of [1, 3, 50, 1_000]) {
      const one = reader();
      const told = [];
      for (let after: number | null = 0; after !== null;) {
        const { items, nextSeq } = await one.page(instance, after, limit);
        expect(items.length).toBeLessThanOrEqual(limit + 4);
        told.push(...items);
        after = nextSeq;
      }
      expect(told).toEqual(all.map(({ event }) => event));
    }
  });

  it('refuses a place at which there is no event', async () => {
    const last = all.at(-1) as ToldEvent;
    for (const position of [
      { seq: last.seq, index: last.index + 1 },
      { seq: last.seq + 1, index: 1 },
      { seq: 3, index: 99 },
    ])
      await expect(reader().behind(instance, position, 10)).rejects.toMatchObject({ code: 'last_event_id.invalid' });
  });
});

describe('reading a long history', () => {
  let world: RunWorld;
  let instance: Instance;
  let all: readonly ToldEvent[];
  const GROUPS = 12;
  const PURE_STEPS = 150;

  const reader = () => new HistoryReader(world.store, new PlanCache(world.dags, world.catalogue));
  const read = async (from: HistoryReader, position: HistoryPosition, limit: number) =>
    (await from.behind(instance, position, limit)).events;

  beforeAll(async () => {
    world = await RunWorld.open({ limits: { instanceBytes: 100_000_000 } });
    const dag = await world.aDag(
      Array.from({ length: GROUPS }, (_group, g): Step[] => [
        { id: `c${g}`, operator: '@test/call' },
        ...Array.from({ length: PURE_STEPS }, (_, i) => ({ id: `p${g}-${i}`, operator: '@test/pure' })),
      ]).flat(),
    );
    const { id } = await world.service.start(ann, dag.id, {});
    for (let g = 0; g < GROUPS; g += 1) {
      while (world.calls.length === 0) await settle();
      await world.answer(done({ g }));
      await world.runner.projector.caughtUp();
    }
    instance = await world.service.get(ann, id);
    expect(instance.status).toBe('succeeded');
    const { events, more } = await reader().behind(instance, START, 100_000);
    expect([more, events.length > 3_500]).toEqual([false, true]);
    all = events;
  });
  afterAll(() => world.close());

  it('forgets what was told long ago, and tells it again to whoever asks', async () => {
    const one = reader();
    const fast: ToldEvent[] = [];
    const slow: ToldEvent[] = [];
    for (let i = 0; fast.length < all.length; i += 1) {
      fast.push(...(await read(one, fast.at(-1) ?? START, 130)));
      if (i % 4 === 0) slow.push(...(await read(one, slow.at(-1) ?? START, 30)));
    }
    expect(fast).toEqual(all);
    expect(slow).toEqual(all.slice(0, slow.length));
    expect(slow.length).toBeGreaterThan(100);
  });

  it('goes on within a transition and at its borders, from any teller that is there', async () => {
    const one = reader();
    const borders = all.flatMap(({ seq }, i) => (all[i + 1]?.seq === seq ? [] : [i - 1, i, i + 1]));
    const places = [...borders, ...Array.from({ length: 40 }, (_, i) => (i * 997) % all.length)].filter(
      (i) => i >= 0 && i < all.length,
    );
    for (const i of places) expect(await read(one, all[i] ?? START, 7)).toEqual(all.slice(i + 1, i + 8));
  });
});
