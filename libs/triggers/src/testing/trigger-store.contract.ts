import type { DagId, TriggerId } from '@flow/kernel';
import type { FiringStore, Trigger, TriggerStore } from '@flow/triggers';
import { ACME, AT, PUBLIC, aFiring, aTrigger, later } from './examples';

export interface TriggerStores {
  readonly triggers: TriggerStore;
  readonly firings: FiringStore;
  readonly close: () => Promise<void>;
}

const ID = (n: number) => `01JTRIGGER00000000000000${String(n).padStart(2, '0')}` as TriggerId;
const PAGE = { limit: 50 };

/** What every TriggerStore keeps. */
export function triggerStoreContract(name: string, open: () => Promise<TriggerStores>): void {
  describe(`${name} as a TriggerStore`, () => {
    let world: TriggerStores;
    let store: TriggerStore;

    beforeEach(async () => {
      world = await open();
      store = world.triggers;
    });

    afterEach(() => world.close());

    it('gives back what it was given, to its domain alone', async () => {
      expect(await store.add(aTrigger())).toBe(true);
      expect(await store.find(PUBLIC, ID(1))).toEqual(aTrigger());
      expect(await store.find(ACME, ID(1))).toBeUndefined();
      expect(await store.findMany([ID(1), ID(2)])).toEqual([aTrigger()]);
    });

    it('adds an id once', async () => {
      await store.add(aTrigger());
      expect(await store.add(aTrigger({ name: 'another' }))).toBe(false);
      expect((await store.find(PUBLIC, ID(1)))?.name).toBe(aTrigger().name);
    });

    it('replaces the revision that was read, and no other', async () => {
      await store.add(aTrigger());
      const next = aTrigger({
        revision: 2,
        enabled: false,
        disabled: { code: 'failures', message: 'five' },
        nextFireAt: null,
      });
      expect(await store.replace(next, 2)).toBe(false);
      expect(await store.replace(next, 1)).toBe(true);
      expect(await store.replace(next, 1)).toBe(false);
      expect(await store.find(PUBLIC, ID(1))).toEqual(next);
    });

    it('lets one of twenty who replace the same revision do so', async () => {
      await store.add(aTrigger());
      const replaced = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.replace(aTrigger({ revision: 2, name: `${i}` }), 1)),
      );
      expect(replaced.filter(Boolean)).toHaveLength(1);
    });

    it('lists the newest first, page by page, by what is asked for', async () => {
      for (let n = 1; n <= 5; n += 1)
        await store.add(aTrigger({ id: ID(n), kind: n === 5 ? 'webhook' : 'cron', enabled: n !== 1 }));
      await store.add(aTrigger({ id: ID(6), domain: ACME }));
      const first = await store.list(PUBLIC, {}, { limit: 2, count: true });
      expect(first.items.map(({ id }) => id)).toEqual([ID(5), ID(4)]);
      expect(first.total).toBe(5);
      const second = await store.list(PUBLIC, {}, { limit: 2, cursor: first.nextCursor! });
      expect(second.items.map(({ id }) => id)).toEqual([ID(3), ID(2)]);
      const last = await store.list(PUBLIC, {}, { limit: 2, cursor: second.nextCursor! });
      expect(last).toMatchObject({ items: [{ id: ID(1) }], nextCursor: null });
      const ids = async (filter: Parameters<TriggerStore['list']>[1]) =>
        (await store.list(PUBLIC, filter, PAGE)).items.map(({ id }) => id);
      expect(await ids({ kind: 'webhook' })).toEqual([ID(5)]);
      expect(await ids({ enabled: false })).toEqual([ID(1)]);
      expect(await ids({ dagId: 'no other' as DagId })).toEqual([]);
      expect((await store.ofDag(PUBLIC, aTrigger().dagId)).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5].map(ID));
    });

    it('finds by what comes, whatever the domain', async () => {
      await store.add(aTrigger({ id: ID(1), kind: 'webhook', lookup: 'hook-1' }));
      await store.add(aTrigger({ id: ID(2), kind: 'event', lookup: 'hook-1', domain: ACME }));
      await store.add(aTrigger({ id: ID(3), kind: 'event', lookup: 'Hook-1', enabled: false }));
      expect((await store.lookUp('webhook', 'hook-1')).map(({ id }) => id)).toEqual([ID(1)]);
      expect((await store.lookUp('event', 'hook-1')).map(({ id }) => id)).toEqual([ID(2)]);
      expect((await store.enabled('event', '', 10)).map(({ id }) => id)).toEqual([ID(2)]);
      expect(await store.enabled('event', ID(2), 10)).toEqual([]);
    });

    it('knows which schedules are due, the longest first, and which is next', async () => {
      expect(await store.nextDue()).toBeUndefined();
      await store.add(aTrigger({ id: ID(1), nextFireAt: later(2) }));
      await store.add(aTrigger({ id: ID(2), nextFireAt: later(1), domain: ACME }));
      await store.add(aTrigger({ id: ID(3), nextFireAt: later(0), enabled: false }));
      await store.add(aTrigger({ id: ID(4), nextFireAt: null }));
      expect(await store.nextDue()).toEqual(later(1));
      expect(await store.due(AT, 10)).toEqual([]);
      expect((await store.due(later(2), 10)).map(({ id }) => id)).toEqual([ID(2), ID(1)]);
      expect((await store.due(later(2), 1)).map(({ id }) => id)).toEqual([ID(2)]);
      expect((await store.upcoming(PUBLIC, 10)).map(({ id }) => id)).toEqual([ID(1)]);
    });

    describe('a schedule that goes on', () => {
      const move = (trigger: Trigger, n: number, nextFireAt: Date | null = later(5)) => ({
        trigger,
        nextFireAt,
        firings: [aFiring(n, { triggerId: trigger.id, key: trigger.nextFireAt?.toISOString() ?? '' })],
      });

      it('stands at its next time with its firing, in one write', async () => {
        await store.add(aTrigger());
        const done = await store.advance([move(aTrigger(), 1)], 'me', later(60));
        expect(done).toEqual({ moved: new Set([ID(1)]), added: new Set([aFiring(1).id]) });
        expect((await store.find(PUBLIC, ID(1)))?.nextFireAt).toEqual(later(5));
        expect((await store.find(PUBLIC, ID(1)))?.revision).toBe(1);
        expect((await world.firings.list(PUBLIC, {}, PAGE)).items).toHaveLength(1);
      });

      it('is decided once, by one of twenty', async () => {
        await store.add(aTrigger());
        const done = await Promise.all(
          Array.from({ length: 20 }, (_, i) => store.advance([move(aTrigger(), i)], `worker ${i}`, later(60))),
        );
        expect(done.filter(({ moved }) => moved.size > 0)).toHaveLength(1);
        expect((await world.firings.list(PUBLIC, {}, PAGE)).items).toHaveLength(1);
      });

      it('stands still when it was changed, disabled or removed meanwhile', async () => {
        for (const n of [1, 2, 3]) await store.add(aTrigger({ id: ID(n) }));
        const read = await store.due(later(1), 10);
        await store.replace(aTrigger({ id: ID(1), revision: 2 }), 1);
        await store.replace(aTrigger({ id: ID(2), revision: 2, enabled: false }), 1);
        await store.remove(PUBLIC, ID(3));
        const done = await store.advance(
          read.map((trigger, i) => move(trigger, i)),
          'me',
          later(60),
        );
        expect(done).toEqual({ moved: new Set(), added: new Set() });
        expect((await world.firings.list(PUBLIC, {}, PAGE)).items).toEqual([]);
      });

      it('fires no time twice, though it was set back', async () => {
        await store.add(aTrigger());
        await store.advance([move(aTrigger(), 1, later(1))], 'me', later(60));
        const again = await store.advance([move(aTrigger(), 2)], 'me', later(60));
        expect(again).toEqual({ moved: new Set([ID(1)]), added: new Set() });
      });

      it('moves a thousand at once, each to its own time', async () => {
        const all = Array.from({ length: 1_000 }, (_, i) =>
          aTrigger({ id: `01JMANY${String(i).padStart(19, '0')}` as TriggerId, nextFireAt: later(i % 7) }),
        );
        for (const trigger of all) await store.add(trigger);
        const moves = all.map((trigger, i) => move(trigger, i, i % 2 === 0 ? later(100 + i) : null));
        const { moved, added } = await store.advance(moves, 'me', later(60));
        expect([moved.size, added.size]).toEqual([1_000, 1_000]);
        expect((await store.find(PUBLIC, all[10]!.id))?.nextFireAt).toEqual(later(110));
        expect((await store.find(PUBLIC, all[11]!.id))?.nextFireAt).toBeNull();
      }, 60_000);
    });

    it('counts failures in a row', async () => {
      await store.add(aTrigger());
      const firings = [1, 2, 3, 4].map((n) => aFiring(n));
      await world.firings.accept(firings.slice(0, 3), 'w', AT);
      const count = (n: number, failed: boolean, of = ID(1)) => store.countEnd(of, firings[n - 1]!.id, failed);
      expect(await count(1, true)).toBe(1);
      expect(await count(2, true)).toBe(2);
      // Told again, of a firing that is another trigger's, and of one that is gone.
      expect(await count(1, true)).toBe(2);
      expect(await count(2, false)).toBe(2);
      expect(await count(3, true, ID(2))).toBeUndefined();
      expect(await count(4, true)).toBe(2);
      expect(await count(3, false)).toBe(0);
    });

    it('counts failures though it is changed meanwhile, and begins anew when it is enabled again', async () => {
      await store.add(aTrigger());
      await world.firings.accept([aFiring(1), aFiring(2)], 'w', AT);
      const read = aTrigger();
      expect(await store.countEnd(ID(1), aFiring(1).id, true)).toBe(1);
      expect(await store.replace({ ...read, revision: 2 }, 1)).toBe(true);
      expect(await store.countEnd(ID(1), aFiring(2).id, true)).toBe(2);
      expect(await store.replace({ ...read, revision: 3, enabled: false, failures: 7 }, 2)).toBe(true);
      expect(await store.find(PUBLIC, ID(1))).toMatchObject({ revision: 3, failures: 2 });
      expect(await store.replace({ ...read, revision: 4 }, 2)).toBe(false);
      expect(await store.find(PUBLIC, ID(1))).toMatchObject({ revision: 3, failures: 2 });
      expect(await store.replace({ ...read, revision: 4 }, 3)).toBe(true);
      expect(await store.find(PUBLIC, ID(1))).toMatchObject({ revision: 4, enabled: true, failures: 0 });
    });

    it('disables all of an owner in a domain, and only those', async () => {
      await store.add(aTrigger({ id: ID(1) }));
      await store.add(aTrigger({ id: ID(2), owner: 'bob' }));
      await store.add(aTrigger({ id: ID(3), domain: ACME }));
      expect(await store.disableOf(PUBLIC, 'alice', { principal: 'root', at: later(9) })).toBe(1);
      expect(await store.find(PUBLIC, ID(1))).toMatchObject({
        enabled: false,
        disabled: { code: 'owner_revoked' },
        nextFireAt: null,
        modifiedBy: 'root',
        updatedAt: later(9),
        revision: 2,
      });
      expect((await store.find(PUBLIC, ID(2)))?.enabled).toBe(true);
      expect((await store.find(ACME, ID(3)))?.enabled).toBe(true);
    });

    it('removes one, and keeps its firings', async () => {
      await store.add(aTrigger());
      await world.firings.accept([aFiring(1)], 'me', AT);
      expect(await store.remove(ACME, ID(1))).toBe(false);
      expect(await store.remove(PUBLIC, ID(1))).toBe(true);
      expect(await store.find(PUBLIC, ID(1))).toBeUndefined();
      expect(await world.firings.find(PUBLIC, aFiring(1).id)).toBeDefined();
    });
  });
}
