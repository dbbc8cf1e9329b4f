import type { InstanceId, TriggerId } from '@flow/kernel';
import { runOf, type Firing, type FiringOutcome, type FiringStore } from '@flow/triggers';
import { ACME, AT, PUBLIC, TEXT, aFiring, aTrigger, later } from './examples';
import type { TriggerStores } from './trigger-store.contract';

const PAGE = { limit: 50 };
const TRIGGER = aTrigger().id;

/** What every FiringStore keeps. */
export function firingStoreContract(name: string, open: () => Promise<TriggerStores>): void {
  describe(`${name} as a FiringStore`, () => {
    let world: TriggerStores;
    let store: FiringStore;
    const accept = (...firings: Firing[]) => store.accept(firings, 'me', later(60));
    const outcome = (n: number, change: Partial<FiringOutcome> = {}): FiringOutcome => ({
      id: aFiring(n).id,
      status: 'fired',
      reason: null,
      instanceId: null,
      attempts: 1,
      dueAt: AT,
      endedAt: later(n),
      ...change,
    });
    const idsOf = (firings: readonly Firing[]) => firings.map(({ id }) => id);

    beforeEach(async () => {
      world = await open();
      store = world.firings;
    });

    afterEach(() => world.close());

    it('gives back what it was given, to its domain alone', async () => {
      const firing = aFiring(1, {
        orderKey: 'k',
        groupId: 'g',
        status: 'skipped',
        reason: { code: 'x', message: 'y' },
        endedAt: later(1),
      });
      expect(await accept(firing)).toEqual(new Set([firing.id]));
      expect(await store.find(PUBLIC, firing.id)).toEqual(firing);
      expect(await store.find(ACME, firing.id)).toBeUndefined();
      expect(await store.findKey(TRIGGER, firing.key)).toEqual(firing);
      expect(await store.findKey('another' as TriggerId, firing.key)).toBeUndefined();
    });

    it('takes one of a key, and says which are new; asked again it says the same', async () => {
      await accept(aFiring(1));
      const again = [aFiring(2, { key: 'key 1' }), aFiring(3)];
      expect(await accept(...again)).toEqual(new Set([aFiring(3).id]));
      expect(await accept(...again)).toEqual(new Set([aFiring(3).id]));
      expect((await store.findKey(TRIGGER, 'key 1'))?.id).toBe(aFiring(1).id);
    });

    it('tells keys apart by case and blanks, and by their triggers', async () => {
      const keys = ['a', 'A', 'a ', 'á'];
      const firings = keys.map((key, i) => aFiring(i, { key }));
      expect((await accept(...firings, aFiring(9, { key: 'a', triggerId: 'other' as TriggerId }))).size).toBe(5);
    });

    it('lets one of twenty with the same key in', async () => {
      const added = await Promise.all(Array.from({ length: 20 }, (_, i) => accept(aFiring(i, { key: 'same' }))));
      expect(added.filter((ids) => ids.size > 0)).toHaveLength(1);
    });

    describe('pending ones', () => {
      it('belong to whoever accepted them until their claim is over, then to one of those who ask', async () => {
        await accept(aFiring(1), aFiring(2));
        expect(await store.take('other', later(59), later(120), 10)).toEqual([]);
        const taken = await Promise.all(['a', 'b', 'c'].map((owner) => store.take(owner, later(60), later(120), 10)));
        expect(taken.flat()).toHaveLength(2);
        expect(await store.take('d', later(119), later(180), 10)).toEqual([]);
        expect(idsOf(await store.take('d', later(120), later(180), 10))).toEqual([aFiring(1).id, aFiring(2).id]);
      });

      it('that are due later are claimed by nobody until then', async () => {
        await accept(aFiring(1, { createdAt: AT, dueAt: later(10) }));
        expect(await store.take('other', later(9), later(60), 10)).toEqual([]);
        expect(idsOf(await store.take('other', later(10), later(60), 10))).toEqual([aFiring(1).id]);
      });

      it('come when they are due, in the order in which they came, so many at a time', async () => {
        await store.accept([aFiring(1, { dueAt: later(10) }), aFiring(2), aFiring(3), aFiring(4)], 'me', AT);
        expect(idsOf(await store.take('a', later(9), later(60), 2))).toEqual([aFiring(2).id, aFiring(3).id]);
        expect(idsOf(await store.take('a', later(10), later(60), 10))).toEqual([aFiring(1).id, aFiring(4).id]);
      });

      it('of one order key come one behind the other', async () => {
        const keyed = (n: number, orderKey: string) => aFiring(n, { orderKey });
        await store.accept([keyed(1, 'a'), keyed(2, 'a'), keyed(3, 'b'), keyed(4, '')], 'me', AT);
        expect(idsOf(await store.take('x', later(1), later(60), 10))).toEqual([1, 3, 4].map((n) => aFiring(n).id));
        expect(await store.take('y', later(1), later(60), 10)).toEqual([]);
        await store.settle([outcome(1)]);
        expect(idsOf(await store.take('y', later(1), later(60), 10))).toEqual([aFiring(2).id]);
      });

      it('are given back by their owner, or from all others', async () => {
        await accept(aFiring(1));
        await store.accept([aFiring(2)], 'other', later(60));
        await store.release({ by: 'me' });
        expect(idsOf(await store.take('a', AT, later(60), 10))).toEqual([aFiring(1).id]);
        await store.release({ notBy: 'a' });
        expect(idsOf(await store.take('b', AT, later(60), 10))).toEqual([aFiring(2).id]);
        await store.release({ by: 'b' });
        expect(idsOf(await store.take('b', AT, later(60), 10))).toEqual([aFiring(2).id]);
      });
    });

    it('settles what is pending, once', async () => {
      await accept(aFiring(1), aFiring(2), aFiring(3), aFiring(4));
      const reason = { code: 'dag.stopped', message: 'It is stopped.' };
      await store.settle([
        outcome(1),
        outcome(2, { status: 'skipped', reason, attempts: 3 }),
        outcome(3, { status: 'pending', attempts: 1, dueAt: later(5), endedAt: null, reason }),
      ]);
      await store.settle([outcome(1, { status: 'failed' }), outcome(2)]);
      const of = async (n: number) => store.find(PUBLIC, aFiring(n).id);
      expect(await of(1)).toMatchObject({
        status: 'fired',
        instanceId: runOf(aFiring(1)),
        attempts: 1,
        endedAt: later(1),
      });
      expect(await of(2)).toMatchObject({ status: 'skipped', reason, instanceId: null, attempts: 3 });
      expect(await of(3)).toMatchObject({ status: 'pending', dueAt: later(5), endedAt: null, instanceId: null });
      expect(await of(4)).toMatchObject({ status: 'pending', attempts: 0 });
      expect(await store.take('x', later(4), later(60), 10)).toEqual([]);
      expect(idsOf(await store.take('x', later(5), later(60), 10))).toEqual([aFiring(3).id]);
    });

    it('shows the run of the one that came first', async () => {
      await accept(aFiring(1, { status: 'deduplicated', instanceId: 'run-1' as InstanceId, endedAt: AT }));
      expect((await store.find(PUBLIC, aFiring(1).id))?.instanceId).toBe('run-1');
    });

    it('lists the newest first, page by page, by what is asked for', async () => {
      for (let n = 1; n <= 4; n += 1)
        await accept(aFiring(n, { groupId: n > 2 ? 'g' : '', domain: n === 4 ? ACME : PUBLIC }));
      await store.settle([outcome(1)]);
      const first = await store.list(PUBLIC, {}, { limit: 2, count: true });
      expect(first).toMatchObject({ items: [{ id: aFiring(3).id }, { id: aFiring(2).id }], total: 3 });
      const second = await store.list(PUBLIC, {}, { limit: 2, cursor: first.nextCursor! });
      expect(second).toMatchObject({ items: [{ id: aFiring(1).id }], nextCursor: null });
      const ids = async (filter: Parameters<FiringStore['list']>[1]) =>
        idsOf((await store.list(PUBLIC, filter, PAGE)).items);
      expect(await ids({ statuses: ['fired', 'failed'] })).toEqual([aFiring(1).id]);
      expect(await ids({ groupId: 'g' })).toEqual([aFiring(3).id]);
      expect(await ids({ triggerId: 'another' as TriggerId })).toEqual([]);
    });

    it('knows when a trigger last started a run', async () => {
      await accept(aFiring(1), aFiring(2), aFiring(3));
      await store.settle([outcome(1), outcome(2), outcome(3, { status: 'skipped' })]);
      expect(await store.lastFired([TRIGGER, 'another' as TriggerId])).toEqual(new Map([[TRIGGER, later(2)]]));
    });

    it('makes a batch of what is gathered, once', async () => {
      const gathered = (n: number) => aFiring(n, { status: 'gathering', dueAt: later(10) });
      await accept(gathered(1), gathered(2), gathered(3));
      expect(idsOf(await store.gathering(TRIGGER, 10))).toEqual([1, 2, 3].map((n) => aFiring(n).id));
      expect(await store.gatheredBy(later(9), 10)).toEqual([]);
      expect(await store.gatheredBy(later(10), 10)).toEqual([TRIGGER]);
      const batch = (n: number) => aFiring(n, { cause: 'batch' });
      const of = [1, 2].map((n) => aFiring(n).id);
      const made = await Promise.all([10, 11].map((n) => store.batch(batch(n), of, 'me', later(60))));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(idsOf(await store.gathering(TRIGGER, 10))).toEqual([aFiring(3).id]);
      const [batched] = (await store.list(PUBLIC, { statuses: ['batched'] }, PAGE)).items;
      const pending = (await store.list(PUBLIC, { statuses: ['pending'] }, PAGE)).items;
      expect(pending).toMatchObject([{ id: batched?.groupId, cause: 'batch' }]);
    });

    it('redrives dead ones, some or all, as they were or changed', async () => {
      const dead = (n: number) => aFiring(n, { status: 'dead', reason: { code: 'x', message: 'y' }, endedAt: AT });
      await accept(dead(1), dead(2), dead(3), aFiring(4, { status: 'skipped', endedAt: AT }));
      expect(await store.counts()).toEqual({ pending: 0, dead: 3 });
      const now = later(5);
      expect(await store.redrive(ACME, { ids: [aFiring(1).id] }, { now }, 10)).toBe(0);
      expect(
        await store.redrive(PUBLIC, { ids: [aFiring(1).id, aFiring(4).id] }, { event: { data: 1 }, now }, 10),
      ).toBe(1);
      expect(await store.find(PUBLIC, aFiring(1).id)).toMatchObject({
        status: 'pending',
        event: { data: 1 },
        reason: null,
        endedAt: null,
      });
      expect(await store.redrive(PUBLIC, { triggerId: TRIGGER }, { now }, 1)).toBe(1);
      expect(await store.counts()).toEqual({ pending: 2, dead: 1 });
      expect(idsOf(await store.take('x', now, later(60), 10))).toEqual([aFiring(1).id, aFiring(2).id]);
      expect(await store.removeDead(PUBLIC, aFiring(1).id)).toBe(false);
      expect(await store.removeDead(PUBLIC, aFiring(3).id)).toBe(true);
    });

    it('lets what a dead one says be changed, and nothing else', async () => {
      const dead = aFiring(1, { status: 'dead', reason: { code: 'x', message: 'y' }, endedAt: AT });
      await accept(dead, aFiring(2));
      const event = { data: TEXT };
      expect(await store.editDead(ACME, dead.id, event)).toBe(false);
      expect(await store.editDead(PUBLIC, aFiring(2).id, event)).toBe(false);
      expect(await store.editDead(PUBLIC, dead.id, event)).toBe(true);
      expect(await store.editDead(PUBLIC, dead.id, event)).toBe(true);
      expect(await store.find(PUBLIC, dead.id)).toEqual({ ...dead, event });
    });

    it('skips what is pending of a group', async () => {
      await accept(aFiring(1, { groupId: 'g' }), aFiring(2, { groupId: 'g' }), aFiring(3));
      await store.settle([outcome(1)]);
      const reason = { code: 'backfill.cancelled', message: 'by bob' };
      expect(await store.skipGroup(PUBLIC, 'g', reason, later(9))).toBe(1);
      expect(await store.find(PUBLIC, aFiring(2).id)).toMatchObject({ status: 'skipped', reason, endedAt: later(9) });
    });

    it('purges what ended long ago, a few at a time, and no dead ones', async () => {
      await accept(aFiring(1), aFiring(2), aFiring(3), aFiring(4, { status: 'dead', endedAt: AT }), aFiring(5));
      await store.settle([outcome(1), outcome(2), outcome(3)]);
      expect(await store.purge(later(3), 1)).toBe(1);
      expect(await store.purge(later(3), 10)).toBe(1);
      expect(await store.purge(later(3), 10)).toBe(0);
      const left = (await store.list(PUBLIC, {}, PAGE)).items.map(({ id }) => id);
      expect(left).toEqual([5, 4, 3].map((n) => aFiring(n).id));
    });

    it('knows when the first of those came that were fired by hand and are pending', async () => {
      expect(await store.oldestByHand()).toBeUndefined();
      await accept(aFiring(1), aFiring(3, { cause: 'manual' }), aFiring(2, { cause: 'manual' }));
      expect(await store.oldestByHand()).toEqual(later(2));
      await store.settle([outcome(2)]);
      expect(await store.oldestByHand()).toEqual(later(3));
    });

    it('takes a thousand at once', async () => {
      const many = Array.from({ length: 1_000 }, (_, n) => aFiring(n));
      expect((await accept(...many)).size).toBe(1_000);
      await store.settle(many.map((_, n) => outcome(n)));
      expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
    }, 60_000);
  });
}
