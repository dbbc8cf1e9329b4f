import type { SlotGroup, SlotTickets } from '@flow/instances';
import type { DagId, DomainId, InstanceId } from '@flow/kernel';
import { anId } from './an-instance';
import type { Opened } from './worker-log.contract';

const A: SlotGroup = {
  domain: 'public' as DomainId,
  dagId: '01HDAG0000000000000000000A' as DagId,
  key: '"k"',
};
const OTHERS: readonly SlotGroup[] = [
  { ...A, key: '' },
  { ...A, key: '"k2"' },
  { ...A, dagId: '01HDAG0000000000000000000B' as DagId },
  { ...A, domain: 'acme' as DomainId },
];
const RACERS = 20;

/** What every SlotTickets keeps. */
export function slotTicketsContract(name: string, open: () => Promise<Opened<SlotTickets>>): void {
  describe(`${name} as SlotTickets`, () => {
    let tickets: SlotTickets;
    let world: Opened<SlotTickets>;

    beforeEach(async () => {
      world = await open();
      tickets = world.store;
    });
    afterEach(() => world.close());

    const id = () => anId<InstanceId>();

    it('are as many as there are slots, for each group by itself', async () => {
      const [first, second, third] = [id(), id(), id()];
      expect(await tickets.take(A, first, 2)).toBe(true);
      expect(await tickets.take(A, second, 2)).toBe(true);
      expect(await tickets.take(A, third, 2)).toBe(false);
      for (const group of OTHERS) expect(await tickets.take(group, id(), 1)).toBe(true);
      const taken = await (await world.reopen()).page(null, 10);
      expect(taken.filter(({ group }) => group.key === A.key && group.dagId === A.dagId)).toContainEqual({
        id: first,
        group: A,
      });
      expect(taken).toHaveLength(2 + OTHERS.length);
      expect(taken.some((ticket) => ticket.id === third)).toBe(false);
    });

    it('are one for an instance, however often it asks', async () => {
      const first = id();
      for (let times = 0; times < 3; times += 1) expect(await tickets.take(A, first, 1)).toBe(true);
      expect(await tickets.page(null, 10)).toEqual([{ id: first, group: A }]);
      expect(await tickets.take(A, id(), 1)).toBe(false);
    });

    it('are free again when they are given back, once', async () => {
      const [first, second, third] = [id(), id(), id()];
      await tickets.take(A, first, 1);
      await tickets.giveBack(first);
      await tickets.giveBack(first);
      expect(await tickets.take(A, second, 1)).toBe(true);
      await tickets.giveBack(first);
      expect(await tickets.take(A, third, 1)).toBe(false);
      expect((await tickets.page(null, 10)).map((ticket) => ticket.id)).toEqual([second]);
    });

    it('are never more than those who race for them may have', async () => {
      const views = [tickets, await world.reopen(), await world.reopen()];
      for (const max of [1, 3]) {
        const group = { ...A, key: `"race for ${max}"` };
        const racers = Array.from({ length: RACERS }, id);
        const had = await Promise.all(racers.map((racer, i) => views[i % 3]!.take(group, racer, max)));
        expect(had.filter(Boolean)).toHaveLength(max);
        const standing = (await tickets.page(null, 100)).filter((ticket) => ticket.group.key === group.key);
        expect(standing.map((ticket) => ticket.id).sort()).toEqual(racers.filter((_, i) => had[i]).sort());
      }
    });

    it('are one for an instance that several processes ask for at once', async () => {
      const [first, other] = [id(), await world.reopen()];
      const had = await Promise.all([tickets.take(A, first, 5), other.take(A, first, 5)]);
      expect(had).toEqual([true, true]);
      expect(await tickets.page(null, 10)).toHaveLength(1);
    });

    it('are not given anew while more are out than there are slots by now', async () => {
      const [first, second] = [id(), id()];
      for (const one of [first, second, id()]) await tickets.take(A, one, 3);
      await tickets.giveBack(first);
      expect(await tickets.take(A, id(), 2)).toBe(false);
      await tickets.giveBack(second);
      expect(await tickets.take(A, id(), 2)).toBe(true);
    });

    it('are read page by page', async () => {
      const all = Array.from({ length: 5 }, id).sort();
      for (const one of all) await tickets.take(A, one, 5);
      const seen: InstanceId[] = [];
      for (let after: InstanceId | null = null; ;) {
        const page = await tickets.page(after, 2);
        seen.push(...page.map((ticket) => ticket.id));
        after = page.at(-1)?.id ?? null;
        if (!after) break;
      }
      expect(seen).toEqual(all);
    });
  });
}
