import type { DagId, DomainId } from '@flow/kernel';
import { summaryOf, type Dag } from '../dag';
import type { DagOutbox } from '../dag-outbox';
import type { DagStore } from '../dag.store';
import { aDag, step } from './a-dag';

export interface OpenedDagOutbox {
  readonly store: DagStore;
  readonly outbox: DagOutbox;
  /** A store on the same data that is given no outbox. */
  readonly silent: DagStore;
  /** A second look at the same data, as another process or a restart would have it. */
  readonly reopen: () => Promise<Pick<OpenedDagOutbox, 'store' | 'outbox'>>;
}

const ACME = 'acme' as DomainId;
const removal = { at: '2026-03-01T00:00:00.000Z', by: 'bob' };

/** What every DagOutbox keeps, beside the DagStore of the same rows. */
export function dagOutboxContract(name: string, open: () => Promise<OpenedDagOutbox>): void {
  describe(`${name} as a DagOutbox`, () => {
    let world: OpenedDagOutbox;
    let rings: number;
    beforeEach(async () => {
      world = await open();
      rings = 0;
      world.outbox.listen(() => (rings += 1));
    });

    const created = async (change: Partial<Dag> = {}) => (await world.store.create(aDag(change))).dag;
    const changed = (dag: Dag, change: Partial<Dag>, by = 'bob') => {
      const next = { ...dag, ...change, updatedAt: '2026-02-01T00:00:00.000Z', modifiedBy: by };
      return world.store.update(next, dag.revision, { publish: next.version !== dag.version });
    };
    const kinds = async () => (await world.outbox.waiting(100)).map(({ kind, dag }) => `${kind} ${dag.title}`);

    it('holds what became of a DAG, who did it and when, in its order, also after a restart', async () => {
      const dag = await created({ title: 'D' });
      const second = await changed(dag, { title: 'E', version: 'v0.0.1', steps: [...dag.steps, step('1')] });
      const third = await changed(second, { status: 'stopped' }, 'eve');
      await world.store.remove(ACME, dag.id, removal);
      const at = '2026-02-01T00:00:00.000Z';
      const wanted = [
        { kind: 'created', sequence: '0000000001.0', at: dag.updatedAt, by: dag.modifiedBy, dag: summaryOf(dag) },
        { kind: 'updated', sequence: '0000000002.0', at, by: 'bob', dag: summaryOf(second) },
        { kind: 'status_changed', sequence: '0000000003.0', at, by: 'eve', dag: summaryOf(third) },
        { kind: 'deleted', sequence: '0000000004.0', ...removal, dag: summaryOf(third) },
      ].map((fact) => ({ id: `${dag.id}:${fact.sequence}`, ...fact }));
      for (const { outbox } of [world, await world.reopen()]) expect(await outbox.waiting(10)).toEqual(wanted);
      expect(rings).toBe(4);
    });

    it('holds two facts of a change that publishes and switches, none of one of tags', async () => {
      const dag = await created();
      const both = await changed(dag, { version: 'v0.1.0', status: 'stopped', title: 'Both' });
      await changed(both, { tags: ['new'] });
      const facts = await world.outbox.waiting(10);
      expect(facts.map(({ kind, sequence }) => [kind, sequence])).toEqual([
        ['created', '0000000001.0'],
        ['updated', '0000000002.0'],
        ['status_changed', '0000000002.1'],
      ]);
    });

    it('holds nothing of what was refused, and nothing twice of what is asked twice', async () => {
      const dag = await created({ title: 'Taken' });
      await expect(created({ title: 'Taken' })).rejects.toThrow();
      expect((await world.store.create(dag)).created).toBe(false);
      await expect(world.store.update({ ...dag, status: 'stopped' }, 7, { publish: false })).rejects.toThrow();
      await expect(changed(dag, { id: 'nobody' as DagId, status: 'stopped' })).rejects.toThrow();
      await expect(world.store.remove(ACME, dag.id, { ...removal, fromRevision: 7 })).rejects.toThrow();
      expect(await kinds()).toEqual(['created Taken']);
      await world.store.remove(ACME, dag.id, removal);
      await expect(world.store.remove(ACME, dag.id, removal)).rejects.toThrow();
      expect(await kinds()).toEqual(['created Taken', 'deleted Taken']);
    });

    it('holds one fact of each of many changes at the same moment, in the order of the revisions', async () => {
      const dag = await created();
      const other = await world.reopen();
      const attempt = async ({ store }: Pick<OpenedDagOutbox, 'store'>, i: number): Promise<void> => {
        const standing = await store.find(ACME, dag.id);
        if (!standing) throw new Error('It stands.');
        const status = standing.status === 'normal' ? 'stopped' : 'normal';
        try {
          await store.update({ ...standing, status, modifiedBy: `p${i}` }, standing.revision, { publish: false });
        } catch {
          await attempt({ store }, i);
        }
      };
      // One store keeps what it has found: two of them on one embedded file are no case of production.
      const stores = world.store.constructor.name.startsWith('Sqlite') ? [world] : [world, other];
      await Promise.all(Array.from({ length: 10 }, (_, i) => attempt(stores[i % stores.length] ?? world, i)));
      const facts = await world.outbox.waiting(100);
      expect(facts.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
      expect(facts.map(({ dag: { status } }) => status)).toEqual(
        facts.map((_, i) => (i % 2 === 0 ? 'normal' : 'stopped')),
      );
      expect(new Set(facts.map(({ by }) => by)).size).toBe(11);
    });

    it('forgets what everybody has heard of, and nothing else', async () => {
      const [a, b] = [await created({ title: 'A' }), await created({ title: 'B' })];
      await changed(a, { status: 'stopped' });
      const first = (await world.outbox.waiting(10)).filter(({ kind }) => kind === 'created');
      await changed(b, { status: 'stopped' });
      await world.outbox.settle(first);
      await world.outbox.settle(first);
      await world.outbox.settle([]);
      expect((await kinds()).sort()).toEqual(['status_changed A', 'status_changed B']);
      await world.store.remove(ACME, a.id, removal);
      const { outbox } = await world.reopen();
      const rest = await outbox.waiting(10);
      expect(rest.filter(({ dag }) => dag.title === 'A').map(({ kind }) => kind)).toEqual([
        'status_changed',
        'deleted',
      ]);
      await outbox.settle(rest);
      expect(await outbox.waiting(10)).toEqual([]);
      await changed({ ...b, revision: 2 }, { status: 'normal' });
      expect(await kinds()).toEqual(['status_changed B']);
    });

    it('gives a few of many at a time, those of each DAG from the first on', async () => {
      for (let i = 0; i < 7; i += 1) await changed(await created({ title: `D${i}` }), { status: 'stopped' });
      const seen: string[] = [];
      for (let facts = await world.outbox.waiting(3); facts.length > 0; facts = await world.outbox.waiting(3)) {
        expect(facts.length).toBeLessThanOrEqual(6);
        seen.push(...facts.map(({ dag: { title }, kind }) => `${title} ${kind}`));
        await world.outbox.settle(facts);
      }
      expect(seen.length).toBe(14);
      for (let i = 0; i < 7; i += 1)
        expect(seen.filter((one) => one.startsWith(`D${i}`))).toEqual([`D${i} created`, `D${i} status_changed`]);
    });

    it('holds nothing where nobody has to hear of it', async () => {
      const { dag } = await world.silent.create(aDag());
      const next = { ...dag, status: 'stopped', version: 'v0.0.1' } as const;
      await world.silent.update(next, 1, { publish: true });
      await world.silent.remove(ACME, dag.id, removal);
      expect([await world.outbox.waiting(10), rings]).toEqual([[], 0]);
    });
  });
}
