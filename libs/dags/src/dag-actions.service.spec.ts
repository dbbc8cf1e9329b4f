import { RequestInvalid, type DagId, type InstanceId } from '@flow/kernel';
import { DagHasLiveInstances, DagNotFound, DagStale } from './dag.errors';
import type { StartRun } from './dag-actions.service';
import { aCaller, aDagsWorld, aDefinition } from './testing/a-dags-world';

const ann = aCaller();
const eve = aCaller('other');
const NOBODY = 'nobody' as DagId;
const noRun: StartRun = () => Promise.reject(new Error('Nothing was to be run.'));

async function withDag() {
  const world = aDagsWorld();
  return { ...world, dag: await world.dags.create(ann, aDefinition()) };
}

describe('deleting a DAG', () => {
  it('frees its title', async () => {
    const { actions, dags, dag } = await withDag();
    await actions.delete(ann, dag.id);
    await expect(dags.get(ann, dag.id)).rejects.toThrow(DagNotFound);
    await expect(actions.delete(ann, dag.id)).rejects.toThrow(DagNotFound);
    expect((await dags.create(ann, aDefinition())).id).not.toBe(dag.id);
  });

  it('is refused while instances live, unless they are cancelled with it', async () => {
    const { actions, dags, live, dag } = await withDag();
    live.live.set(dag.id, 2);
    await expect(actions.delete(ann, dag.id)).rejects.toThrow(DagHasLiveInstances);
    expect((await dags.get(ann, dag.id)).status).toBe('normal');
    await actions.delete(ann, dag.id, { cancel: true, ifRevision: dag.revision });
    expect(live.cancelled.map(({ dagId }) => dagId)).toEqual([dag.id]);
    await expect(dags.get(ann, dag.id)).rejects.toThrow(DagNotFound);
  });

  it('is refused for a state that is gone, and for others', async () => {
    const { actions, dag } = await withDag();
    await expect(actions.delete(ann, dag.id, { ifRevision: 7 })).rejects.toThrow(DagStale);
    await expect(actions.delete(eve, dag.id)).rejects.toThrow(DagNotFound);
  });
});

describe('a batch', () => {
  it('gives each id its own result, and one failure stops no other', async () => {
    const { actions, dags, versions, dag } = await withDag();
    const items = await actions.batch(ann, { action: 'deactivate', ids: [NOBODY, dag.id, dag.id] }, noRun);
    expect(items).toEqual([
      { id: NOBODY, ok: false, error: { code: 'dag.not_found', message: expect.any(String) as string } },
      { id: dag.id, ok: true },
    ]);
    expect((await dags.get(ann, dag.id)).status).toBe('stopped');
    await actions.batch(ann, { action: 'activate', ids: [dag.id] }, noRun);
    expect((await dags.get(ann, dag.id)).status).toBe('normal');
    expect((await versions.list(ann, dag.id, { limit: 10 })).items).toHaveLength(1);
  });

  it('deletes, and tells of those that still run', async () => {
    const { actions, dags, live, dag } = await withDag();
    const other = await dags.create(ann, aDefinition({ title: 'Another' }));
    live.live.set(other.id, 1);
    const items = await actions.batch(ann, { action: 'delete', ids: [dag.id, other.id] }, noRun);
    expect(items.map(({ ok, error }) => [ok, error?.code])).toEqual([
      [true, undefined],
      [false, 'dag.has_live_instances'],
    ]);
  });

  it('runs through the function that it is given', async () => {
    const { actions, dag } = await withDag();
    const start: StartRun = async (_caller, id) => {
      if (id === NOBODY) throw new DagNotFound(id);
      return { id: 'run-1' as InstanceId };
    };
    const items = await actions.batch(ann, { action: 'run', ids: [dag.id, NOBODY] }, start);
    expect(items.map(({ ok, instanceId }) => [ok, instanceId])).toEqual([
      [true, 'run-1'],
      [false, undefined],
    ]);
  });

  it('takes 200 ids at most, and hides no fault of the program', async () => {
    const { actions, dag } = await withDag();
    const ids = Array.from({ length: 201 }, (_, i) => `${i}` as DagId);
    await expect(actions.batch(ann, { action: 'activate', ids }, noRun)).rejects.toThrow(RequestInvalid);
    await expect(actions.batch(ann, { action: 'run', ids: [dag.id] }, noRun)).rejects.toThrow('Nothing was to be run.');
  });
});
