import { type Instance, type InstanceStore, type SlotGroup, type SlotStore } from '@flow/instances';
import { turnOf, type DagId, type DomainId, type InstanceId, type Priority } from '@flow/kernel';
import { anInstance, rowsOf } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;
const A = '01HDAG0000000000000000000A' as DagId;
const B = '01HDAG0000000000000000000B' as DagId;
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const END = { status: 'succeeded', endedAt: '2026-01-02T00:00:00.000Z' } as const;

const group = (key = '"k"', change: Partial<SlotGroup> = {}): SlotGroup => ({
  domain: PUBLIC,
  dagId: A,
  key,
  ...change,
});
const inSlot = (minute: number, change: Partial<Instance> = {}, key = '"k"'): Instance =>
  anInstance({
    dagId: A,
    slot: { key, queued: false },
    createdAt: new Date(START + minute * MINUTE).toISOString(),
    ...change,
  });
const waiting = (
  minute: number,
  priority: Priority = 'medium',
  change: Partial<Instance> = {},
  key = '"k"',
): Instance => inSlot(minute, { status: 'queued', priority, slot: { key, queued: true }, ...change });
const ids = (all: readonly { readonly id: InstanceId }[]) => all.map(({ id }) => id);

/** What every SlotStore keeps, beside the InstanceStore of the same rows. */
export function slotStoreContract(
  name: string,
  open: () => Promise<Opened<{ readonly instances: InstanceStore; readonly slots: SlotStore }>>,
): void {
  describe(`${name} as a SlotStore`, () => {
    let instances: InstanceStore;
    let slots: SlotStore;
    let world: Awaited<ReturnType<typeof open>>;

    beforeEach(async () => {
      world = await open();
      ({ instances, slots } = world.store);
    });
    afterEach(() => world.close());

    const put = (all: readonly Instance[], seq = 1) =>
      instances.project(all.map((one) => rowsOf(one, { owner: null, seq })));

    it('tells who has a slot of a group, the oldest first, and of no other group', async () => {
      const [second, first] = [inSlot(2), inSlot(1)];
      const others = [
        inSlot(0, {}, '"other"'),
        inSlot(0, {}, ''),
        inSlot(0, { dagId: B }),
        inSlot(0, { domain: ACME }),
        anInstance({ dagId: A }),
        waiting(0),
      ];
      await put([second, first, ...others]);
      for (const view of [slots, (await world.reopen()).slots]) {
        expect(ids(await view.holders(group(), Infinity))).toEqual(ids([first, second]));
        expect(await view.holders(group(), 1)).toEqual([{ id: first.id, at: START + MINUTE }]);
        expect(ids(await view.holders(group(''), 10))).toEqual([others[1]!.id]);
        expect(await view.holders(group('"none"'), 10)).toEqual([]);
      }
    });

    it('tells who waits in the order of their turns: by priority, by arrival, and by how long they have waited', async () => {
      const late = waiting(30);
      const first = waiting(29);
      const urgent = waiting(31, 'highest');
      const patient = waiting(1, 'lowest');
      await put([late, urgent, patient, first]);
      const order = [urgent, patient, first, late];
      expect(ids(await slots.waiters(group(), 10))).toEqual(ids(order));
      expect(await slots.waiters(group(), 1)).toEqual([
        { id: urgent.id, at: START + 31 * MINUTE, priority: 'highest' },
      ]);
      for (const [i, one] of order.entries())
        expect(await slots.ahead(group(), { id: one.id, at: Date.parse(one.createdAt), priority: one.priority })).toBe(
          i,
        );
      const turns = order.map(({ createdAt, priority }) => turnOf({ at: Date.parse(createdAt), priority }));
      expect([...turns].sort((a, b) => a - b)).toEqual(turns);
    });

    it('moves an instance that begins, also one that is paused, and lets go of one that ends, begun or not', async () => {
      const [begins, paused, ends, never] = [waiting(1), waiting(2), inSlot(3), waiting(4)];
      await put([begins, paused, ends, never]);
      const slot = { key: '"k"', queued: false };
      await put(
        [
          { ...begins, status: 'running', slot },
          { ...paused, status: 'paused', slot },
          { ...ends, ...END },
          { ...never, ...END, status: 'cancelled' },
        ],
        2,
      );
      for (const view of [slots, (await world.reopen()).slots]) {
        expect(ids(await view.holders(group(), 10))).toEqual(ids([begins, paused]));
        expect(await view.waiters(group(), 10)).toEqual([]);
        expect(await view.waited(null, 10)).toEqual([]);
      }
    });

    it('keeps what newer rows said when older ones come again', async () => {
      const one = waiting(1);
      await put([one]);
      await put([{ ...one, ...END, slot: { key: '"k"', queued: false } }], 3);
      await put([{ ...one, status: 'running', slot: { key: '"k"', queued: false } }], 2);
      await put([one]);
      expect([await slots.holders(group(), 10), await slots.waiters(group(), 10)]).toEqual([[], []]);
    });

    it('knows nothing of instances that came and went in one row, and of debug runs', async () => {
      const debug = { expiresAt: '2026-01-01T11:00:00.000Z', breakpoints: [], pins: [], dryRun: false };
      await put([inSlot(1, END), inSlot(1, { debug: { ...debug, pausedAt: null, held: [] } })]);
      expect(await slots.holders(group(), 10)).toEqual([]);
    });

    it('tells the groups in which somebody waits, once each, in pages', async () => {
      const [a, b, c] = [group('"a"'), group('"b"'), group('"a"', { dagId: B })];
      await put([
        ...[1, 2, 3].map((minute) => waiting(minute, 'low', {}, '"a"')),
        waiting(1, 'low', {}, '"b"'),
        waiting(1, 'low', { dagId: B }, '"a"'),
        waiting(1, 'low', { domain: ACME }, '"a"'),
        inSlot(1, {}, '"c"'),
      ]);
      const acme = group('"a"', { domain: ACME });
      expect(await slots.waited(null, 10)).toEqual([acme, a, b, c]);
      expect(await slots.waited(null, 2)).toEqual([acme, a]);
      expect(await slots.waited(a, 10)).toEqual([b, c]);
      expect(await slots.waited(c, 10)).toEqual([]);
      expect(await slots.waiting()).toBe(6);
    });

    it('counts what has not ended in a domain, without debug runs and those that are named', async () => {
      const [one, two] = [anInstance(), waiting(1)];
      const gone = anInstance(END);
      const debug = { expiresAt: '2026-01-01T11:00:00.000Z', breakpoints: [], pins: [], dryRun: false };
      const debugged = anInstance({ debug: { ...debug, pausedAt: null, held: [] } });
      await put([one, two, gone, debugged, anInstance({ domain: ACME })]);
      expect(await slots.live(PUBLIC, [])).toBe(2);
      expect(await slots.live(PUBLIC, ids([one, gone, debugged]))).toBe(1);
      expect(await slots.live('none' as DomainId, [])).toBe(0);
    });
  });
}
