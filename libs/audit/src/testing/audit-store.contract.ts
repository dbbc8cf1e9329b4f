import { viewOf, type AuditRecord, type AuditStore } from '@flow/audit';
import type { DomainId } from '@flow/kernel';
import { ACME, PUBLIC, aChain, aCommand, later } from './examples';

interface Opened {
  readonly store: AuditStore;
  close(): Promise<void>;
}

/** What every AuditStore keeps. */
export function auditStoreContract(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as an AuditStore`, () => {
    const chain = aChain();
    let store: AuditStore;
    let close: Opened['close'];
    const add = (...numbers: number[]) =>
      store.append(
        PUBLIC,
        numbers.map((n) => aCommand(n)),
        chain,
      );
    const all = () => store.behind(PUBLIC, 0, 1_000);
    const ids = (records: readonly AuditRecord[]) => records.map(({ id }) => id);
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    it('links what is appended, and gives it back as it was', async () => {
      await add(1, 2);
      await add(3);
      const { records, head } = chain.link(chain.beginning(PUBLIC), [aCommand(1), aCommand(2), aCommand(3)]);
      expect(await all()).toEqual(records);
      expect(await store.extent(PUBLIC)).toEqual({ head, last: 3 });
      expect(await store.behind(PUBLIC, 1, 1)).toEqual([records[1]]);
    });

    it('has each command once, however often and beside what it comes again', async () => {
      await add(1, 2);
      await add(2, 3, 1);
      await add(3);
      expect(ids(await all())).toEqual([1, 2, 3].map((n) => aCommand(n).id));
      expect((await store.extent(PUBLIC))?.last).toBe(3);
    });

    it('keeps the chains of business domains apart', async () => {
      await add(1);
      await store.append(ACME, [aCommand(2, { domain: ACME })], chain);
      expect((await store.extent(ACME))?.last).toBe(1);
      expect(ids(await store.behind(ACME, 0, 10))).toEqual([aCommand(2).id]);
      expect(ids(await all())).toEqual([aCommand(1).id]);
      expect(await store.extent('nobody' as DomainId)).toBeUndefined();
      expect((await store.list(ACME, {}, { limit: 10, count: true })).total).toBe(1);
    });

    it('links without a gap when many append at the same time', async () => {
      await Promise.all(range(0, 9).map((n) => add(...range(n * 10 + 1, n * 10 + 10))));
      const records = await all();
      expect(records.map(({ sequence }) => sequence)).toEqual(range(1, 100));
      let previous = '';
      for (const record of records) {
        expect(record.hash).toBe(chain.hashOf(previous, record));
        previous = record.hash;
      }
    });

    it('takes hundreds at once', async () => {
      await add(...range(1, 500));
      expect((await store.extent(PUBLIC))?.last).toBe(500);
      expect(await store.behind(PUBLIC, 0, 500)).toHaveLength(500);
    });

    it('lists the newest first, page by page', async () => {
      await add(...range(1, 5));
      const first = await store.list(PUBLIC, {}, { limit: 2, count: true });
      expect([ids(first.items), first.total]).toEqual([[5, 4].map((n) => aCommand(n).id), 5]);
      const second = await store.list(PUBLIC, {}, { limit: 3, cursor: first.nextCursor as string });
      expect([ids(second.items), second.nextCursor]).toEqual([[3, 2, 1].map((n) => aCommand(n).id), null]);
    });

    it('finds by actor, action, object, outcome and time', async () => {
      const other = { principal: 'Ada', tokenId: 't2' } as never;
      await store.append(
        PUBLIC,
        [
          aCommand(1, { actor: other }),
          aCommand(2, { action: 'token.revoke', object: { type: 'token', id: 't9' } }),
          aCommand(3, { outcome: 'refused', status: 403, code: 'permission.missing' }),
          aCommand(4, { object: { type: 'dag', id: null } }),
        ],
        chain,
      );
      const found = async (filter: Parameters<AuditStore['list']>[1]) =>
        ids((await store.list(PUBLIC, filter, { limit: 10 })).items);
      const named = (...numbers: number[]) => numbers.map((n) => aCommand(n).id);
      expect(await found({ principal: 'Ada' })).toEqual(named(1));
      expect(await found({ action: 'token.revoke' })).toEqual(named(2));
      expect(await found({ objectId: 't9' })).toEqual(named(2));
      expect(await found({ outcome: 'refused' })).toEqual(named(3));
      expect(await found({ from: later(2), to: later(4) })).toEqual(named(3, 2));
      expect(await found({ principal: 'ada', action: 'dag.create', outcome: 'done' })).toEqual(named(4));
      expect(await found({ objectId: 'nobody' })).toEqual([]);
    });

    it('shows a record with all that its hash is over', async () => {
      await add(1);
      const [record] = await all();
      expect(viewOf(record as AuditRecord)).toMatchObject({
        sequence: 1,
        at: later(1).toISOString(),
        object: { type: 'dag', id: 'D1 ü🙂' },
        details: { deep: [1, null, { ü: '\u0000' }] },
      });
    });

    it('knows what has not been told, and never goes back', async () => {
      await add(1, 2, 3);
      expect(await store.untold(10)).toEqual([{ domain: PUBLIC, told: 0 }]);
      await store.markTold(PUBLIC, 2);
      await store.markTold(PUBLIC, 1);
      expect(await store.untold(10)).toEqual([{ domain: PUBLIC, told: 2 }]);
      await store.markTold(PUBLIC, Number.MAX_SAFE_INTEGER);
      expect(await store.untold(10)).toEqual([]);
      await add(4);
      expect(await store.untold(10)).toEqual([{ domain: PUBLIC, told: 3 }]);
    });

    it('removes the oldest and leaves a sealed base behind which the rest is one chain', async () => {
      await add(...range(1, 6));
      expect(await store.outdated(later(1), 10)).toEqual([]);
      expect(await store.outdated(later(4), 10)).toEqual([PUBLIC]);
      const before = await all();
      expect(await store.removeOldest(PUBLIC, later(4), 2, chain)).toBe(2);
      expect(await store.removeOldest(PUBLIC, later(4), 2, chain)).toBe(1);
      expect(await store.removeOldest(PUBLIC, later(4), 2, chain)).toBe(0);
      const { head } = (await store.extent(PUBLIC)) ?? {};
      expect(head && chain.judge(head)).toBe('sealed');
      expect(head?.base).toEqual({ sequence: 3, hash: before[2]?.hash });
      await add(7);
      expect(await all()).toEqual([
        ...before.slice(3),
        expect.objectContaining({ sequence: 7, id: aCommand(7).id }) as unknown,
      ]);
      expect(await store.removeOldest(PUBLIC, later(100), 100, chain)).toBe(4);
      await add(8);
      expect((await all()).map(({ sequence }) => sequence)).toEqual([8]);
    });
  });
}
