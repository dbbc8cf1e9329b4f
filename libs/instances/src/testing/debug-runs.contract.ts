import type { DagId, DomainId, WorkerId } from '@flow/kernel';
import type { Instance, InstanceStore } from '@flow/instances';
import { aTask, anInstance, rowsOf } from './an-instance';
import type { Opened } from './worker-log.contract';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;
const W1 = 'worker-1' as WorkerId;
const DAG = '01HDAG0000000000000000000A' as DagId;
const ALL = { limit: 100, count: true };
const NOON = new Date('2026-01-01T12:00:00.000Z');
const ended = { status: 'succeeded', endedAt: '2026-01-01T00:00:01.000Z' } as const;

function aDebugRun(expiresAt: string, change: Partial<Instance> = {}): Instance {
  const debug = { expiresAt, breakpoints: ['1'], pins: [], dryRun: false, pausedAt: null, held: [] };
  return anInstance({ dagId: DAG, debug, ...change });
}

/** The part of instanceStoreContract about debug runs. */
export function debugRunsContract(open: () => Promise<Opened<InstanceStore>>): void {
  describe('debug runs', () => {
    let store: InstanceStore;
    let world: Opened<InstanceStore>;

    beforeEach(async () => {
      world = await open();
      store = world.store;
    });
    afterEach(() => world.close());

    const add = (...instances: Instance[]) =>
      store.project(instances.map((one) => rowsOf(one, { owner: one.endedAt === null ? W1 : null })));

    it('are found by their ids, and in no list and no count', async () => {
      const run = aDebugRun('2026-01-01T11:00:00.000Z', { labels: { team: 'x' } });
      await store.project([rowsOf(run, { tasks: [aTask()] })]);
      expect(await store.find(PUBLIC, run.id)).toEqual(run);
      expect(await store.find(ACME, run.id)).toBeUndefined();
      expect((await store.tasks(PUBLIC, run.id, ALL)).total).toBe(1);
      for (const filter of [{}, { dagId: DAG }, { label: { key: 'team', value: 'x' } }])
        expect((await store.list(PUBLIC, filter, ALL)).total).toBe(0);
      expect(await store.countUnfinished(PUBLIC, DAG)).toBe(0);
      expect((await store.held(null, 10)).map(({ instance }) => instance.id)).toEqual([run.id]);
    });

    it('are counted for their caller while they live, without those that they started', async () => {
      const byAlice = { createdBy: 'alice' };
      await add(
        aDebugRun(NOON.toISOString(), byAlice),
        aDebugRun('2025-01-01T00:00:00.000Z', byAlice),
        aDebugRun(NOON.toISOString(), { ...byAlice, ...ended }),
        aDebugRun(NOON.toISOString(), { ...byAlice, parentId: anInstance().id }),
        aDebugRun(NOON.toISOString(), { createdBy: 'bob' }),
        aDebugRun(NOON.toISOString(), { ...byAlice, domain: ACME }),
        anInstance(byAlice),
      );
      expect(await store.countDebugRuns(PUBLIC, 'alice')).toBe(2);
      expect(await store.countDebugRuns(ACME, 'alice')).toBe(1);
      expect(await store.countDebugRuns(ACME, 'bob')).toBe(0);
    });

    it('are asked for when they have ended and their time was over, the longest over first', async () => {
      const later = aDebugRun('2026-01-01T11:30:00.000Z', ended);
      const first = aDebugRun('2026-01-01T11:00:00.000Z', ended);
      await add(later, first, aDebugRun(NOON.toISOString(), ended), aDebugRun('2026-01-01T10:00:00.000Z'));
      const [one, two] = [first, later].map(({ id, domain }) => ({ id, domain }));
      expect(await store.endedDebugRuns(NOON, 10)).toEqual([one, two]);
      expect(await store.endedDebugRuns(NOON, 1)).toEqual([one]);
    });

    it('go with all their rows, and nothing else goes', async () => {
      const run = aDebugRun('2026-01-01T11:00:00.000Z', { ...ended, labels: { team: 'x' } });
      const live = aDebugRun('2026-01-01T11:00:00.000Z');
      const ordinary = anInstance({ ...ended, labels: { team: 'x' } });
      const asked = aTask({
        id: 'asked',
        operator: '@control/approval',
        status: 'waiting',
        waitingFor: {
          kind: 'approval',
          until: null,
          assignees: ['alice', 'bob'],
          quorum: 1,
          schema: null,
          decisions: [],
        },
      });
      const rest = {
        history: [{ fromSeq: 1, toSeq: 1, events: '[[]]' }],
        cursor: { seq: 1, schema: 1, state: '{}' },
        tasks: [asked],
      };
      expect(await store.hasDebugRuns()).toBe(false);
      await add(live, ordinary);
      await store.project([rowsOf(run, { owner: null, ...rest })]);
      expect(await store.hasDebugRuns()).toBe(true);
      await store.purgeDebugRuns([run.id, live.id, ordinary.id]);
      for (const view of [store, await world.reopen()]) {
        expect(await view.find(PUBLIC, run.id)).toBeUndefined();
        expect((await view.tasks(PUBLIC, run.id, ALL)).items).toEqual([]);
        expect(await view.history(PUBLIC, run.id, 0, 10)).toEqual([]);
        expect(await view.load(run.id)).toBeUndefined();
        expect((await view.approvals(PUBLIC, 'alice', ALL)).total).toBe(0);
        expect(await view.find(PUBLIC, live.id)).toEqual(live);
        expect((await view.list(PUBLIC, { label: { key: 'team', value: 'x' } }, ALL)).items).toEqual([ordinary]);
      }
      // Nothing of it comes up under a new one.
      const next = aDebugRun('2026-01-01T13:00:00.000Z');
      await add(next);
      expect((await store.tasks(PUBLIC, next.id, ALL)).items).toEqual([]);
      expect(await store.cursor(PUBLIC, next.id)).toBeUndefined();
      await store.purgeDebugRuns([run.id]);
    });

    it('ask nobody but their caller for an approval', async () => {
      const waitingFor = {
        kind: 'approval',
        until: null,
        assignees: ['bob', 'alice'],
        quorum: 1,
        schema: null,
        decisions: [],
      } as const;
      const asked = aTask({ operator: '@control/approval', status: 'waiting', waitingFor });
      await store.project([rowsOf(aDebugRun('2026-01-01T11:00:00.000Z'), { tasks: [asked] })]);
      expect((await store.approvals(PUBLIC, 'bob', ALL)).total).toBe(0);
      expect((await store.approvals(PUBLIC, 'alice', ALL)).total).toBe(1);
    });
  });
}
