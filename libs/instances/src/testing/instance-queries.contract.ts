import type { DagId, DomainId, InstanceId, PageRequest, WorkerId } from '@flow/kernel';
import { INSTANCE_STATUSES, type Instance, type InstanceFilter, type InstanceStore } from '@flow/instances';
import { aTask, anInstance, rowsOf } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;
const W1 = 'worker-1' as WorkerId;
const DAG_A = '01HDAG0000000000000000000A' as DagId;
const DAG_B = '01HDAG0000000000000000000B' as DagId;
const ALL = { limit: 100 };
const ended = { status: 'succeeded', endedAt: '2026-01-01T00:00:01.000Z' } as const;
const chunk = (fromSeq: number, toSeq: number) => ({ fromSeq, toSeq, events: `[${fromSeq},${toSeq}]` });
const ids = (instances: readonly Instance[]) => instances.map(({ id }) => id);

/** The questions of instanceStoreContract: what the API asks. */
export function instanceQueriesContract(open: () => Promise<Opened<InstanceStore>>): void {
  describe('asking', () => {
    let store: InstanceStore;
    let world: Opened<InstanceStore>;

    beforeEach(async () => {
      world = await open();
      store = world.store;
    });
    afterEach(() => world.close());

    const add = async (...instances: Instance[]) => {
      await store.project(
        instances.map((instance) => rowsOf(instance, { owner: instance.endedAt === null ? W1 : null })),
      );
    };

    it("does not find another domain's", async () => {
      const instance = anInstance();
      await store.project([rowsOf(instance, { tasks: [aTask()], history: [chunk(1, 1)] })]);
      expect(await store.find(ACME, instance.id)).toBeUndefined();
      expect(await store.task(ACME, instance.id, aTask().id)).toBeUndefined();
      expect(await store.tasks(ACME, instance.id, ALL)).toEqual({ items: [], nextCursor: null });
      expect(await store.history(ACME, instance.id, 0, 10)).toEqual([]);
      expect((await store.list(ACME, {}, ALL)).items).toEqual([]);
      expect(await store.countUnfinished(ACME, instance.dagId)).toBe(0);
    });

    it('lists newest first, or oldest first when asked', async () => {
      const made = [
        anInstance({ status: 'queued' }),
        anInstance(ended),
        anInstance(),
        anInstance({ status: 'failed' }),
      ];
      await add(...made);
      expect(ids((await store.list(PUBLIC, {}, ALL)).items)).toEqual(ids([...made].reverse()));
      expect(ids((await store.list(PUBLIC, { sort: 'createdAt' }, ALL)).items)).toEqual(ids(made));
    });

    it('filters by each field and by all together', async () => {
      const a1 = anInstance({
        dagId: DAG_A,
        labels: { team: 'x', 'k\u0000': 'v' },
        createdAt: '2026-02-01T00:00:00.000Z',
      });
      const a2 = anInstance({
        dagId: DAG_A,
        status: 'failed',
        labels: { team: 'x' },
        createdAt: '2026-02-02T00:00:00.000Z',
      });
      const b1 = anInstance({
        dagId: DAG_B,
        status: 'queued',
        labels: { team: 'y' },
        createdAt: '2026-02-03T00:00:00.000Z',
      });
      const other = anInstance({ domain: ACME, dagId: DAG_A, labels: { team: 'x' } });
      await add(a1, a2, b1, other);
      const found = async (filter: InstanceFilter) =>
        ids((await store.list(PUBLIC, { ...filter, sort: 'createdAt' }, { limit: 10 })).items);
      expect(await found({ dagId: DAG_A })).toEqual(ids([a1, a2]));
      expect(await found({ status: ['failed'] })).toEqual(ids([a2]));
      expect(await found({ status: ['failed', 'queued', 'failed'] })).toEqual(ids([a2, b1]));
      expect(await found({ status: [] })).toEqual(ids([a1, a2, b1]));
      expect(await found({ dagId: DAG_A, status: ['running', 'queued'] })).toEqual(ids([a1]));
      expect(await found({ label: { key: 'team', value: 'x' } })).toEqual(ids([a1, a2]));
      expect(await found({ label: { key: 'k\u0000', value: 'v' } })).toEqual(ids([a1]));
      expect(await found({ label: { key: 'team', value: 'x' }, status: ['failed'], dagId: DAG_A })).toEqual(ids([a2]));
      expect(await found({ label: { key: 'team', value: 'x' }, dagId: DAG_B })).toEqual([]);
      expect(await found({ createdFrom: '2026-02-02T00:00:00.000Z' })).toEqual(ids([a2, b1]));
      expect(await found({ createdTo: '2026-02-02T00:00:00.000Z' })).toEqual(ids([a1]));
      expect(await found({ createdFrom: '2026-02-02T00:00:00.000Z', createdTo: '2026-02-03T00:00:00.000Z' })).toEqual(
        ids([a2]),
      );
      expect(await found({ createdFrom: '2026-02-01T00:00:00Z', label: { key: 'team', value: 'y' } })).toEqual(
        ids([b1]),
      );
    });

    it('follows an instance from one status to the next', async () => {
      const instance = anInstance({ dagId: DAG_A });
      await add(instance);
      await store.project([rowsOf({ ...instance, ...ended }, { owner: null, seq: 2 })]);
      expect((await store.list(PUBLIC, { dagId: DAG_A, status: ['running'] }, ALL)).items).toEqual([]);
      expect((await store.list(PUBLIC, { dagId: DAG_A, status: ['succeeded'] }, ALL)).items).toHaveLength(1);
    });

    it.each<[string, InstanceFilter]>([
      ['newest first', {}],
      ['oldest first', { sort: 'createdAt' }],
      ['of one DAG', { dagId: DAG_A }],
      ['of two statuses', { status: ['running', 'succeeded'], sort: 'createdAt' }],
      ['with a label', { label: { key: 'team', value: 'x' } }],
      ['of a time', { createdFrom: '2026-03-01T00:00:00.000Z', createdTo: '2026-03-01T00:00:00.010Z' }],
    ])('pages %s without a gap or a double, and counts', async (_what, filter) => {
      const made = Array.from({ length: 13 }, (_, i) =>
        anInstance({
          dagId: DAG_A,
          labels: { team: 'x' },
          ...(i % 3 === 0 && ended),
          // Several in one millisecond: the id decides.
          createdAt: new Date(Date.UTC(2026, 2, 1) + Math.floor(i / 4)).toISOString(),
        }),
      );
      await add(...made);
      const seen: InstanceId[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(PUBLIC, filter, {
          limit: 4,
          count: true,
          ...(cursor !== undefined && { cursor }),
        });
        expect(page.total).toBe(13);
        expect(page.items.length).toBeLessThanOrEqual(4);
        seen.push(...ids(page.items));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(filter.sort === 'createdAt' ? ids(made) : ids([...made].reverse()));
    });

    it('pages on while rows are added: what stood is seen once', async () => {
      const stood = Array.from({ length: 9 }, () => anInstance());
      await add(...stood);
      const seen: InstanceId[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(PUBLIC, {}, { limit: 2, ...(cursor !== undefined && { cursor }) });
        seen.push(...ids(page.items));
        cursor = page.nextCursor ?? undefined;
        await add(anInstance());
      } while (cursor !== undefined);
      expect(seen).toEqual(ids([...stood].reverse()));
    });

    it('gives no total unless it is asked for, and no cursor on the last page', async () => {
      await add(anInstance(), anInstance());
      const page = await store.list(PUBLIC, {}, { limit: 2 });
      expect(page.nextCursor).toBeNull();
      expect(page).not.toHaveProperty('total');
    });

    it('refuses a cursor that it did not give', async () => {
      await expect(store.list(PUBLIC, {}, { limit: 2, cursor: 'x' })).rejects.toMatchObject({ kind: 'invalid' });
    });

    const lives = { 'while it runs': {}, 'when it was written once, at its end': ended } as const;
    it.each(Object.entries(lives))('gives tasks in the order of their ids: of a run %s', async (_when, change) => {
      const instance = anInstance(change);
      const tasks = ['9', '1', '2', '0', '3'].map((path, i) => aTask({ path, id: `${instance.id}00${i}` }));
      await store.project([rowsOf(instance, { tasks: [...tasks].reverse() })]);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.tasks(PUBLIC, instance.id, {
          limit: 2,
          count: true,
          ...(cursor !== undefined && { cursor }),
        });
        expect(page.total).toBe(5);
        seen.push(...page.items.map(({ path }) => path));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(['9', '1', '2', '0', '3']);
      for (const task of tasks) expect(await store.task(PUBLIC, instance.id, task.id)).toEqual(task);
      expect(await store.task(PUBLIC, instance.id, 'none')).toBeUndefined();
    });

    it('ends a page of large rows early, and loses none of them', async () => {
      const large = { text: 'x'.repeat(1024 * 1024) };
      const instances = Array.from({ length: 7 }, () => anInstance({ input: large }));
      const tasks = Array.from({ length: 7 }, (_, i) => aTask({ path: `${i}`, id: `t${i}`, output: large }));
      for (const instance of instances) await store.project([rowsOf(instance)]);
      const holder = anInstance({ domain: ACME });
      await store.project([rowsOf(holder, { tasks })]);
      const sizes: number[][] = [];
      for (const list of [
        (page: PageRequest) => store.list(PUBLIC, {}, page),
        (page: PageRequest) => store.tasks(ACME, holder.id, page),
      ]) {
        const pages: number[] = [];
        for (let cursor: string | undefined, more = true; more;) {
          const page = await list({ limit: 200, ...(cursor !== undefined && { cursor }) });
          pages.push(page.items.length);
          cursor = page.nextCursor ?? undefined;
          more = cursor !== undefined;
        }
        sizes.push(pages);
      }
      for (const pages of sizes) {
        expect(pages.length).toBeGreaterThan(1);
        expect(pages.reduce((sum, size) => sum + size)).toBe(7);
      }
    });

    it('gives history behind a transition, so many chunks as were asked for', async () => {
      const instance = anInstance();
      for (const [from, to] of [
        [1, 2],
        [3, 3],
        [4, 6],
      ] as const)
        await store.project([rowsOf(instance, { seq: to, history: [chunk(from, to)] })]);
      expect(await store.history(PUBLIC, instance.id, 0, 2)).toEqual([chunk(1, 2), chunk(3, 3)]);
      expect(await store.history(PUBLIC, instance.id, 2, 10)).toEqual([chunk(3, 3), chunk(4, 6)]);
      expect(await store.history(PUBLIC, instance.id, 5, 10)).toEqual([chunk(4, 6)]);
      expect(await store.history(PUBLIC, instance.id, 6, 10)).toEqual([]);
    });

    it('gives the newest snapshot alone, and not to another domain', async () => {
      const instance = anInstance();
      expect(await store.cursor(PUBLIC, instance.id)).toBeUndefined();
      for (const seq of [64, 128])
        await store.project([rowsOf(instance, { seq, cursor: { seq, schema: 1, state: `{"n":${seq}}` } })]);
      expect(await store.cursor(PUBLIC, instance.id)).toEqual({ seq: 128, schema: 1, state: '{"n":128}' });
      expect(await store.cursor(ACME, instance.id)).toBeUndefined();
    });

    it('counts what has not ended of one DAG', async () => {
      await add(
        ...INSTANCE_STATUSES.map((status) => anInstance({ dagId: DAG_A, status })),
        anInstance({ dagId: DAG_B }),
      );
      expect(await store.countUnfinished(PUBLIC, DAG_A)).toBe(5);
    });
  });
}
