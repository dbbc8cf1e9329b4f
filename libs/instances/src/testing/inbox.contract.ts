import type { Inbox, InboxItem } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { anId } from './an-instance';
import type { Opened } from './worker-log.contract';

/** What every Inbox keeps (engine.md B6). */
export function inboxContract(name: string, open: () => Promise<Opened<Inbox>>): void {
  describe(`${name} as an Inbox`, () => {
    let inbox: Inbox;
    let world: Opened<Inbox>;
    const instance = anId<InstanceId>();
    const other = anId<InstanceId>();

    beforeEach(async () => {
      world = await open();
      inbox = world.store;
    });
    afterEach(() => world.close());

    const anItem = (id: string, change: Partial<InboxItem> = {}): InboxItem => ({
      id,
      instance,
      event: { type: 'cancelled', at: 1, by: 'ann', reason: 'ü \u0000' },
      ...change,
    });
    const idsIn = async (of: InstanceId) => (await (await world.reopen()).unsettled(of)).map(({ id }) => id);

    it('keeps items of an instance, by id, for whoever looks', async () => {
      expect(await inbox.insert(anItem('b'))).toBe(true);
      await inbox.insert(anItem('a'));
      await inbox.insert(anItem('c', { instance: other }));
      expect(await (await world.reopen()).unsettled(instance)).toEqual([anItem('a'), anItem('b')]);
      expect(await idsIn(other)).toEqual(['c']);
      expect(await idsIn(anId())).toEqual([]);
    });

    it('takes one of an id once, also when it is settled', async () => {
      const second = await world.reopen();
      const again = anItem('a', { event: { type: 'paused', at: 2, by: 'bob' } });
      const taken = await Promise.all([inbox.insert(anItem('a')), second.insert(again), inbox.insert(anItem('a'))]);
      expect(taken.filter((isNew) => isNew)).toHaveLength(1);
      expect(await second.unsettled(instance)).toEqual([taken[1] ? again : anItem('a')]);
      await inbox.settle(['a'], 'acted');
      expect(await second.insert(again)).toBe(false);
      expect(await idsIn(instance)).toEqual([]);
    });

    it('gives an outcome once', async () => {
      await inbox.insert(anItem('a'));
      await inbox.insert(anItem('b'));
      await inbox.settle(['a', 'none'], 'late');
      expect(await idsIn(instance)).toEqual(['b']);
      await inbox.settle(['a', 'b'], 'acted');
      expect(await idsIn(instance)).toEqual([]);
    });

    it('tells whose inboxes hold something, in pages', async () => {
      const third = anId<InstanceId>();
      const ids = [instance, other, third].sort();
      for (const id of ids) await inbox.insert(anItem(`of ${id}`, { instance: id }));
      await inbox.insert(anItem('second', { instance: ids[0]! }));
      expect(await inbox.waiting(null, 2)).toEqual(ids.slice(0, 2));
      expect(await inbox.waiting(ids[1]!, 2)).toEqual(ids.slice(2));
      await inbox.settle([`of ${ids[2]!}`], 'acted');
      expect(await inbox.waiting(ids[1]!, 2)).toEqual([]);
    });
  });
}
