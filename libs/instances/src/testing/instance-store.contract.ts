import { SNAPSHOT_SCHEMA } from '@flow/engine';
import type { DomainId, InstanceId, WorkerId } from '@flow/kernel';
import { INSTANCE_STATUSES, type Instance, type InstanceStore } from '@flow/instances';
import { aTask, anInstance, rowsOf } from './an-instance';
import { debugRunsContract } from './debug-runs.contract';
import { instanceQueriesContract } from './instance-queries.contract';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const W1 = 'worker-1' as WorkerId;
const W2 = 'worker-2' as WorkerId;
const ALL = { limit: 100 };
const ended = { status: 'succeeded', endedAt: '2026-01-01T00:00:01.000Z' } as const;
const chunk = (fromSeq: number, toSeq: number) => ({
  fromSeq,
  toSeq,
  events: `[["${fromSeq} to ${toSeq} ü \\u0000"]]`,
});
const ids = (instances: readonly Instance[]) => instances.map(({ id }) => id);

/** What every InstanceStore keeps (engine.md B3, B4). */
export function instanceStoreContract(name: string, open: () => Promise<Opened<InstanceStore>>): void {
  describe(`${name} as an InstanceStore`, () => {
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

    describe('projecting', () => {
      it('shows an instance, its tasks and its history as they were written, also after a restart', async () => {
        const instance = anInstance({
          labels: { 'team \u0000': 'ä' },
          result: { n: [1.5, -0.25, true, null, '\ud800'] },
          reason: { code: 'task.failed', message: 'x', stepId: '1', path: '1', attempt: 2 },
        });
        const task = aTask({ error: { code: 'http.status', message: '\u0000' } });
        await store.project([rowsOf(instance, { tasks: [task], history: [chunk(1, 1)] })]);
        for (const view of [store, await world.reopen()]) {
          expect(await view.find(PUBLIC, instance.id)).toEqual(instance);
          expect((await view.tasks(PUBLIC, instance.id, ALL)).items).toEqual([task]);
          expect(await view.task(PUBLIC, instance.id, task.id)).toEqual(task);
          expect(await view.history(PUBLIC, instance.id, 0, 10)).toEqual([chunk(1, 1)]);
        }
      });

      it('changes nothing when it is repeated', async () => {
        const instance = anInstance({ labels: { team: 'a' } });
        const rows = rowsOf(instance, { seq: 2, tasks: [aTask()], history: [chunk(1, 2)] });
        await store.project([rows]);
        await store.project([rows]);
        expect((await store.list(PUBLIC, {}, { limit: 10, count: true })).total).toBe(1);
        expect((await store.tasks(PUBLIC, instance.id, { limit: 10, count: true })).total).toBe(1);
        expect(await store.history(PUBLIC, instance.id, 0, 10)).toEqual([chunk(1, 2)]);
      });

      it('changes nothing when it is not newer', async () => {
        const instance = anInstance();
        await store.project([
          rowsOf({ ...instance, ...ended }, { owner: null, seq: 3, tasks: [aTask({ attempt: 3 })] }),
        ]);
        await store.project([rowsOf(instance, { seq: 2, tasks: [aTask({ attempt: 2 })] })]);
        await store.project([rowsOf(instance, { seq: 3, tasks: [aTask({ attempt: 1 })] })]);
        expect((await store.find(PUBLIC, instance.id))?.status).toBe('succeeded');
        expect((await store.task(PUBLIC, instance.id, aTask().id))?.attempt).toBe(3);
      });

      it("refuses what a worker writes under an epoch that is not the row's", async () => {
        const instance = anInstance();
        await store.project([rowsOf(instance, { seq: 1 })]);
        await store.claim(instance.id, { owner: W1, epoch: 0 }, W2);
        await store.project([rowsOf({ ...instance, ...ended }, { owner: null, epoch: 0, seq: 2 })]);
        expect((await store.find(PUBLIC, instance.id))?.status).toBe('running');
        await store.project([rowsOf({ ...instance, ...ended }, { owner: null, epoch: 1, seq: 2 })]);
        expect((await store.find(PUBLIC, instance.id))?.status).toBe('succeeded');
      });

      it('keeps the newest row of each task and those that a later batch does not name', async () => {
        const instance = anInstance();
        const first = aTask({ path: '1', id: 'a' });
        const running = aTask({ path: '2', id: 'b', status: 'running', endedAt: null, output: null });
        const done = aTask({ path: '2', id: 'b' });
        await store.project([rowsOf(instance, { seq: 1, tasks: [first, running] })]);
        await store.project([rowsOf(instance, { seq: 2, tasks: [done] })]);
        expect((await store.tasks(PUBLIC, instance.id, ALL)).items).toEqual([first, done]);
      });

      it('holds every transition once when chunks are cut anew after a recovery', async () => {
        const instance = anInstance();
        const put = (seq: number, from: number) =>
          store.project([rowsOf(instance, { seq, history: [chunk(from, seq)] })]);
        await put(3, 1);
        await put(6, 4);
        await put(8, 1);
        expect(await store.history(PUBLIC, instance.id, 0, 10)).toEqual([chunk(1, 8)]);
        expect(await store.history(PUBLIC, instance.id, 6, 10)).toEqual([chunk(1, 8)]);
        await put(10, 7);
        expect(await store.history(PUBLIC, instance.id, 8, 10)).toEqual([chunk(7, 10)]);
      });

      it('takes a batch of many instances, or none', async () => {
        await store.project([]);
        const many = Array.from({ length: 50 }, () => anInstance());
        await add(...many);
        expect((await store.list(PUBLIC, {}, ALL)).items).toHaveLength(50);
      });
    });

    describe('claiming', () => {
      it('gives the run to exactly one of many', async () => {
        const instance = anInstance();
        await add(instance);
        const second = await world.reopen();
        const claims = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            (i % 2 ? second : store).claim(instance.id, { owner: W1, epoch: 0 }, `claimer-${i}` as WorkerId),
          ),
        );
        const won = claims.filter((claim) => claim !== undefined);
        expect(won).toHaveLength(1);
        expect(won[0]?.header).toEqual({
          instance,
          owner: expect.stringMatching(/^claimer-/) as string,
          epoch: 1,
          seq: 1,
          wakeAt: null,
        });
      });

      it('takes a parked one, that nobody owns', async () => {
        const instance = anInstance({ status: 'waiting' });
        await store.project([rowsOf(instance, { owner: null, epoch: 4, seq: 9 })]);
        expect(await store.claim(instance.id, { owner: W1, epoch: 4 }, W2)).toBeUndefined();
        expect((await store.claim(instance.id, { owner: null, epoch: 4 }, W2))?.header.epoch).toBe(5);
      });

      it('refuses ended and unknown ones', async () => {
        const instance = anInstance(ended);
        await add(instance);
        expect(await store.claim(instance.id, { owner: null, epoch: 0 }, W2)).toBeUndefined();
        expect(
          await store.claim('01J0NONE000000000000000000' as InstanceId, { owner: null, epoch: 0 }, W2),
        ).toBeUndefined();
      });

      it('gives the cursor and the chunks behind it', async () => {
        const instance = anInstance();
        const cursor = { seq: 4, schema: 2, state: '{"a":"ü"}' };
        await store.project([rowsOf(instance, { seq: 2, history: [chunk(1, 2)] })]);
        await store.project([rowsOf(instance, { seq: 5, history: [chunk(3, 5)], cursor })]);
        await store.project([rowsOf(instance, { seq: 7, history: [chunk(6, 7)] })]);
        const run = await store.claim(instance.id, { owner: W1, epoch: 0 }, W2);
        expect(run).toEqual({
          header: { instance, owner: W2, epoch: 1, seq: 7, wakeAt: null },
          cursor,
          history: [chunk(3, 5), chunk(6, 7)],
        });
      });

      it('says of a header that a newer build has written its cursor, and nothing of an older one', async () => {
        const [old, newer] = [anInstance(), anInstance()];
        const project = (instance: Instance, schema: number) =>
          store.project([
            rowsOf(instance, { seq: 1, history: [chunk(1, 1)], cursor: { seq: 1, schema, state: '{}' } }),
          ]);
        await project(old, SNAPSHOT_SCHEMA);
        await project(newer, SNAPSHOT_SCHEMA + 1);
        expect(await store.header(old.id)).not.toHaveProperty('newerCursor');
        expect(await store.header(newer.id)).toMatchObject({ newerCursor: SNAPSHOT_SCHEMA + 1, epoch: 0 });
        const held = await store.held(null, 10);
        expect(held.filter(({ newerCursor }) => newerCursor !== undefined).map(({ instance: { id } }) => id)).toEqual([
          newer.id,
        ]);
      });

      it('loads the same without taking anything over', async () => {
        const instance = anInstance();
        await store.project([rowsOf(instance, { seq: 2, history: [chunk(1, 2)] })]);
        const loaded = await store.load(instance.id);
        expect(loaded).toEqual({
          header: { instance, owner: W1, epoch: 0, seq: 2, wakeAt: null },
          cursor: null,
          history: [chunk(1, 2)],
        });
        expect(await store.load(instance.id)).toEqual(loaded);
        expect(await store.load('01J0NONE000000000000000000' as InstanceId)).toBeUndefined();
      });

      it('gives all chunks when there is no cursor', async () => {
        const instance = anInstance();
        await store.project([rowsOf(instance, { seq: 2, history: [chunk(1, 2)] })]);
        const run = await store.claim(instance.id, { owner: W1, epoch: 0 }, W2);
        expect(run?.cursor).toBeNull();
        expect(run?.history).toEqual([chunk(1, 2)]);
      });

      it('tells the headers that workers hold, in pages, and who is named by one', async () => {
        const live = INSTANCE_STATUSES.slice(0, 5).map((status) => anInstance({ status }));
        const parked = anInstance({ status: 'waiting' });
        await add(...live, anInstance(ended));
        await store.project([rowsOf(parked, { owner: null })]);
        const firstPage = await store.held(null, 3);
        const rest = await store.held(firstPage.at(-1)?.instance.id ?? null, 3);
        expect([...firstPage, ...rest].map(({ instance }) => instance.id)).toEqual(ids(live));
        expect(firstPage[0]).toEqual({ instance: live[0], owner: W1, epoch: 0, seq: 1, wakeAt: null });
        expect(await store.names(W1)).toBe(true);
        expect(await store.names(W2)).toBe(false);
      });

      it('tells who is named, and what each holds', async () => {
        const [one, two, over] = [anInstance(), anInstance(), anInstance(ended)];
        await add(one, two, over);
        await store.claim(two.id, { owner: W1, epoch: 0 }, W2);
        await store.project([rowsOf(anInstance({ status: 'waiting' }), { owner: null })]);
        expect([...(await store.owners())].sort()).toEqual([W1, W2]);
        expect(await store.heldBy(W1)).toEqual([{ id: one.id, epoch: 0, hasEnded: false }]);
        expect(await store.heldBy(W2)).toEqual([{ id: two.id, epoch: 1, hasEnded: false }]);
        expect(await store.heldBy('worker-3' as WorkerId)).toEqual([]);
        expect(await store.header(two.id)).toEqual({ instance: two, owner: W2, epoch: 1, seq: 1, wakeAt: null });
        expect(await store.header('01J0NONE000000000000000000' as InstanceId)).toBeUndefined();
      });

      it('takes the owner off an instance that has ended, and off no other', async () => {
        const [live, over] = [anInstance(), anInstance(ended)];
        await store.project([rowsOf(live), rowsOf(over)]);
        expect(await store.heldBy(W1)).toContainEqual({ id: over.id, epoch: 0, hasEnded: true });
        expect(await store.release([live.id, over.id, '01J0NONE000000000000000000' as InstanceId])).toBe(1);
        expect(await store.release([over.id])).toBe(0);
        expect(await store.heldBy(W1)).toEqual([{ id: live.id, epoch: 0, hasEnded: false }]);
        expect(await store.header(over.id)).toMatchObject({ instance: over, owner: null, seq: 1 });
      });

      it('names nobody once an instance has ended or is parked', async () => {
        const one = anInstance();
        await add(one);
        await store.project([rowsOf({ ...one, ...ended }, { owner: null, seq: 2 })]);
        expect(await store.names(W1)).toBe(false);
      });
    });

    describe('parking', () => {
      const parked = (wakeAt: number | null) => rowsOf(anInstance({ status: 'waiting' }), { owner: null, wakeAt });

      it('tells whom to wake by when, the earliest first, in pages', async () => {
        const rows = [400, 100, null, 300, 200, 200].map(parked);
        await store.project(rows);
        const byTime = rows
          .flatMap(({ header: { wakeAt, instance } }) => (wakeAt === null ? [] : [{ at: wakeAt, id: instance.id }]))
          .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
        const first = await store.waking(300, null, 2);
        const rest = await store.waking(300, first.at(-1) ?? null, 10);
        expect([...first, ...rest]).toEqual(byTime.slice(0, 4));
        expect(await (await world.reopen()).waking(99, null, 10)).toEqual([]);
      });

      it('gives what nobody holds to one of many, and no longer wakes it', async () => {
        const rows = [parked(100), parked(null)];
        const [one, two] = rows.map(({ header }) => header.instance);
        const other = anInstance();
        const over = anInstance(ended);
        await store.project(rows);
        await add(other, over);
        const all = [one!.id, two!.id, other.id, over.id, '01J0NONE000000000000000000' as InstanceId];
        expect((await store.parked(all)).map(({ instance, wakeAt }) => [instance.id, wakeAt])).toEqual([
          [one!.id, 100],
          [two!.id, null],
        ]);
        const second = await world.reopen();
        const from = all.map((id) => ({ id, epoch: 0 }));
        const later = from.map(({ id }) => ({ id, epoch: 1 }));
        expect(await store.claimParked(later, W1)).toEqual([]);
        const claims = await Promise.all([store.claimParked(from, W1), second.claimParked(from, W2)]);
        const claimed = claims.flat().map(({ header: { instance, epoch, wakeAt } }) => [instance.id, epoch, wakeAt]);
        // Who of the two is first is chance.
        expect(claimed.sort()).toEqual([
          [one!.id, 1, null],
          [two!.id, 1, null],
        ]);
        expect(await store.waking(1_000, null, 10)).toEqual([]);
        expect(await store.parked(all)).toEqual([]);
      });

      it('keeps the moment with the row that says it, and forgets it at the end', async () => {
        const row = parked(100);
        await store.project([row]);
        const { instance } = row.header;
        await store.project([rowsOf(instance, { owner: null, seq: 2, wakeAt: 700 })]);
        expect(await store.waking(1_000, null, 10)).toEqual([{ at: 700, id: instance.id }]);
        await store.project([rowsOf({ ...instance, ...ended }, { owner: null, seq: 3 })]);
        expect(await store.waking(1_000, null, 10)).toEqual([]);
      });
    });

    instanceQueriesContract(open);
    debugRunsContract(open);
  });
}
