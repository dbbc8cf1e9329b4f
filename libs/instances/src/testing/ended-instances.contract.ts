import type { EndedGroup, EndedInstances, EndedPlace, Instance, InstanceStore } from '@flow/instances';
import type { DagId, DomainId, InstanceId, WorkerId } from '@flow/kernel';
import { aTask, anInstance, rowsOf } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;
const A = '01HDAG0000000000000000000A' as DagId;
const B = '01HDAG0000000000000000000B' as DagId;
const W1 = 'worker-1' as WorkerId;
const HOUR = 3_600_000;
const NOON = new Date('2026-01-02T12:00:00.000Z');
const ALL = { limit: 100, count: true };
const CREATED = '2026-01-01T00:00:00.000Z';
const LATE = new Date('2026-02-01T00:00:00.000Z');
const hours = (n: number) => new Date(NOON.getTime() + n * HOUR);

function anEnded(hour: number, change: Partial<Instance> = {}): Instance {
  return anInstance({
    dagId: A,
    status: 'succeeded',
    createdAt: CREATED,
    endedAt: hours(hour).toISOString(),
    ...change,
  });
}

/** What every EndedInstances keeps, beside the InstanceStore of the same rows. */
export function endedInstancesContract(
  name: string,
  open: () => Promise<Opened<{ readonly instances: InstanceStore; readonly ended: EndedInstances }>>,
): void {
  describe(`${name} as EndedInstances`, () => {
    let instances: InstanceStore;
    let ended: EndedInstances;
    let world: Awaited<ReturnType<typeof open>>;

    beforeEach(async () => {
      world = await open();
      ({ instances, ended } = world.store);
    });
    afterEach(() => world.close());

    const add = (...all: Instance[]) =>
      instances.project(all.map((one) => rowsOf(one, { owner: one.endedAt === null ? W1 : null })));
    const groupOf = ({ domain, dagId, status }: Instance) => ({ domain, dagId, status }) as EndedGroup;
    const idsBefore = async (of: Instance, before: Date, after: EndedPlace | null = null, limit = 100) =>
      (await ended.endedBefore(groupOf(of), before, after, limit)).map(({ id }) => id);

    describe('tells', () => {
      it('the groups of all that have ended, each with its oldest, of one domain or of all', async () => {
        const failed = { status: 'failed' } as const;
        await add(
          anEnded(1),
          anEnded(-1),
          anEnded(2, failed),
          anEnded(3, { dagId: B }),
          anEnded(4, { domain: ACME }),
          anInstance({ dagId: A }),
          anEnded(-9, { debug: { ...DEBUG } }),
        );
        const group = (domain: DomainId, dagId: DagId, status: string, hour: number) => ({
          ...{ domain, dagId, status, oldest: hours(hour) },
        });
        const acme = group(ACME, A, 'succeeded', 4);
        const mine = [
          group(PUBLIC, A, 'succeeded', -1),
          group(PUBLIC, A, 'failed', 2),
          group(PUBLIC, B, 'succeeded', 3),
        ];
        expect(await ended.groups(null, null, 10)).toEqual([acme, ...mine]);
        expect(await ended.groups(PUBLIC, null, 10)).toEqual(mine);
        expect(await ended.groups(PUBLIC, null, 2)).toEqual(mine.slice(0, 2));
        expect(await ended.groups(PUBLIC, mine[1] as EndedGroup, 10)).toEqual(mine.slice(2));
        expect(await ended.groups(ACME, acme as EndedGroup, 10)).toEqual([]);
        expect(await ended.groups('none' as DomainId, null, 10)).toEqual([]);
      });

      it('those that ended before a moment, the oldest first, in pages, once each', async () => {
        const [third, first, twin, late] = [anEnded(-1), anEnded(-3), anEnded(-3), anEnded(0)];
        await add(third, first, twin, late, anEnded(-2, { status: 'failed' }), anEnded(-2, { dagId: B }));
        expect(await idsBefore(first, NOON)).toEqual([first.id, twin.id, third.id]);
        const [one] = await ended.endedBefore(groupOf(first), NOON, null, 1);
        expect(one).toMatchObject({ id: first.id, needed: false, place: { endedMs: hours(-3).getTime() } });
        expect(await idsBefore(first, NOON, one!.place)).toEqual([twin.id, third.id]);
        expect(await idsBefore(first, hours(-1))).toEqual([first.id, twin.id]);
      });

      it('one once, however often its end is written', async () => {
        const one = anInstance({ dagId: A });
        await add(one);
        const end = { ...one, status: 'succeeded', endedAt: hours(-1).toISOString() } as const;
        await instances.project([rowsOf(end, { owner: null, seq: 2 })]);
        await instances.project([rowsOf(end, { owner: null, seq: 2 })]);
        expect(await idsBefore(end, NOON)).toEqual([one.id]);
      });

      it('which are needed: by a parent that lives, or by a message that is on its way', async () => {
        const parent = anInstance({ dagId: B });
        const child = anEnded(-3, { parentId: parent.id });
        const sender = anEnded(-2);
        const orphan = anEnded(-1, { parentId: '01J0NONE000000000000000000' as InstanceId });
        await add(parent, child, orphan);
        const outbox = [{ id: `${sender.id}:1:0`, message: { kind: 'child.cancel' as const, child: child.id } }];
        await instances.project([rowsOf(sender, { owner: null, outbox })]);
        const needed = async () =>
          (await ended.endedBefore(groupOf(child), NOON, null, 10)).map(({ needed: is }) => is);
        expect(await needed()).toEqual([true, true, false]);
        await instances.settleOutbox(outbox.map(({ id }) => id));
        await instances.project([rowsOf({ ...parent, ...END }, { owner: null, seq: 2 })]);
        expect(await needed()).toEqual([false, false, false]);
      });
    });

    it('knows instances by their names, live, ended or debugged, until they are gone', async () => {
      const [over, live, debugged] = [anEnded(-4), anInstance({ dagId: A }), anEnded(-4, { debug: DEBUG })];
      await add(over, live, debugged);
      const names = [over.id, live.id, 'nobody', debugged.id];
      expect(await ended.unknown(names)).toEqual(['nobody']);
      await ended.purge([over.id], LATE);
      expect(await ended.unknown(names)).toEqual([over.id, 'nobody']);
    });

    describe('removes', () => {
      const rest = {
        tasks: [aTask({ id: 'a' }), aTask({ id: 'b', path: '2' })],
        history: [{ fromSeq: 1, toSeq: 1, events: '[[]]' }],
        cursor: { seq: 1, schema: 1, state: '{}' },
      };

      it('instances with all their rows, and nothing else', async () => {
        const root = anEnded(-5);
        const gone = anEnded(-4, { labels: { team: 'x' }, attempt: 2, rootId: root.id, retryOf: root.id });
        const stays = anEnded(-3, { labels: { team: 'x' } });
        const live = anInstance({ dagId: A, labels: { team: 'x' } });
        await add(root, stays, live);
        await instances.project([rowsOf(gone, { owner: null, ...rest })]);
        expect((await instances.newestAttempt(PUBLIC, root.id))?.id).toBe(gone.id);
        expect(await ended.purge([gone.id, live.id, '01J0NONE000000000000000000' as InstanceId], LATE)).toBe(1);
        for (const view of [world.store, await world.reopen()]) {
          expect(await view.instances.find(PUBLIC, gone.id)).toBeUndefined();
          expect((await view.instances.tasks(PUBLIC, gone.id, ALL)).items).toEqual([]);
          expect(await view.instances.history(PUBLIC, gone.id, 0, 10)).toEqual([]);
          expect(await view.instances.load(gone.id)).toBeUndefined();
          expect((await view.instances.newestAttempt(PUBLIC, root.id))?.id).toBe(root.id);
          const labelled = await view.instances.list(PUBLIC, { label: { key: 'team', value: 'x' } }, ALL);
          expect(labelled.items.map(({ id }) => id).sort()).toEqual([stays.id, live.id].sort());
          expect(await view.ended.endedBefore(groupOf(gone), NOON, null, 10)).toHaveLength(2);
        }
        const next = anInstance({ dagId: A });
        await add(next);
        expect((await instances.tasks(PUBLIC, next.id, ALL)).items).toEqual([]);
        expect(await instances.cursor(PUBLIC, next.id)).toBeUndefined();
        expect(await ended.purge([gone.id], LATE)).toBe(0);
        expect(await ended.clear()).toBe(false);
      });

      it('the many rows of one in steps; nobody finds it meanwhile, and nothing is left', async () => {
        const many = anEnded(-4, { labels: { team: 'x' } });
        const tasks = Array.from({ length: 5_000 }, (_, i) => aTask({ id: `t${1e5 + i}`, path: String(i) }));
        const wide = anEnded(-3);
        const history = [1, 2, 3].map((seq) => ({ fromSeq: seq, toSeq: seq, events: `["${'x'.repeat(3_000_000)}"]` }));
        await instances.project([
          rowsOf(many, { owner: null, ...rest, tasks }),
          rowsOf(wide, { owner: null, seq: 3, history }),
        ]);
        expect(await ended.purge([many.id, wide.id], LATE)).toBe(2);
        let steps = 0;
        do {
          steps += 1;
          for (const { id } of [many, wide]) {
            expect(await instances.find(PUBLIC, id)).toBeUndefined();
            expect((await instances.tasks(PUBLIC, id, ALL)).total).toBe(0);
            expect(await instances.history(PUBLIC, id, 0, 1)).toEqual([]);
          }
          expect((await instances.list(PUBLIC, {}, ALL)).total).toBe(0);
          expect(await ended.groups(null, null, 10)).toEqual([]);
        } while (await ended.clear());
        expect(steps).toBeGreaterThan(2);
        expect(await instances.load(many.id)).toBeUndefined();
        expect(await instances.load(wide.id)).toBeUndefined();
      });

      it('no debug run', async () => {
        const debugged = anEnded(-4, { debug: DEBUG });
        await add(debugged);
        expect(await ended.purge([debugged.id], LATE)).toBe(0);
        expect(await instances.find(PUBLIC, debugged.id)).toEqual(debugged);
      });
    });

    describe('leaves a tombstone', () => {
      it('until the key of the instance cannot come again; what is projected meanwhile stays away', async () => {
        const gone = anEnded(-4, { createdAt: hours(-5).toISOString() });
        await add(gone);
        expect(await instances.standing(PUBLIC, gone.id)).toEqual(gone);
        await ended.purge([gone.id], NOON);
        for (const view of [world.store, await world.reopen()]) {
          expect(await view.instances.standing(PUBLIC, gone.id)).toBe('purged');
          await view.instances.project([rowsOf(gone, { owner: null, ...{ tasks: [aTask()] } })]);
          expect(await view.instances.find(PUBLIC, gone.id)).toBeUndefined();
        }
        expect(await ended.groups(null, null, 10)).toEqual([]);
        expect(await ended.forget(hours(18.99), 10)).toBe(0);
        expect(await ended.forget(hours(19), 10)).toBe(1);
        expect(await instances.standing(PUBLIC, gone.id)).toBeUndefined();
      });

      it('of no instance that is older than a key', async () => {
        const gone = anEnded(-4, { createdAt: hours(-25).toISOString() });
        await add(gone);
        await ended.purge([gone.id], NOON);
        expect(await instances.standing(PUBLIC, gone.id)).toBeUndefined();
        expect(await ended.forget(LATE, 10)).toBe(0);
      });

      it('and forgets as many as it may at once', async () => {
        const all = [1, 2, 3].map(() => anEnded(-4, { createdAt: hours(-5).toISOString() }));
        await add(...all);
        await ended.purge(
          all.map(({ id }) => id),
          NOON,
        );
        expect([await ended.forget(LATE, 2), await ended.forget(LATE, 2)]).toEqual([2, 1]);
      });
    });
  });
}

const DEBUG = {
  ...{ expiresAt: '2026-01-01T01:00:00.000Z', breakpoints: [], pins: [], dryRun: false, pausedAt: null, held: [] },
};
const END = { status: 'succeeded', endedAt: '2026-01-01T00:00:01.000Z' } as const;
