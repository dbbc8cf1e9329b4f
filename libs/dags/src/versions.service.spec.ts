import { DagInvalid, DagNotFound, VersionNotFound } from './dag.errors';
import { aCaller, aDagsWorld, aDefinition } from './testing/a-dags-world';

const ann = aCaller();
const eve = aCaller('other');

async function withVersions() {
  const world = aDagsWorld();
  const { id } = await world.dags.create(ann, aDefinition({ tags: ['kept'] }));
  await world.dags.update(ann, id, aDefinition({ description: 'second' }, 'b'));
  await world.dags.update(ann, id, aDefinition({ version: 'v1.0.0', status: 'stopped' }, 'c'));
  return { ...world, id };
}

describe('versions', () => {
  it('stay as they were published', async () => {
    const { versions, id } = await withVersions();
    const { content, version, createdBy } = await versions.get(ann, id, 'v0.0.0');
    expect([version, createdBy, content.steps]).toEqual(['v0.0.0', 'ann', aDefinition().steps]);
    await expect(versions.get(ann, id, 'v0.0.7')).rejects.toThrow(VersionNotFound);
  });

  it('say which one comes next', async () => {
    const { versions, id } = await withVersions();
    expect(await versions.next(ann, id)).toBe('v1.0.1');
  });

  it('tell what leads from one to another', async () => {
    const { versions, id } = await withVersions();
    expect(await versions.diff(ann, id, 'v0.0.0', 'v0.0.1')).toEqual({
      ...{ added: [], removed: [], moved: [] },
      changed: [{ stepId: '1', changes: [{ pointer: '/parameters/value', from: 'a', to: 'b' }] }],
      fields: [{ pointer: '/description', from: '', to: 'second' }],
    });
    await expect(versions.diff(ann, id, 'v0.0.0', 'v5.0.0')).rejects.toThrow(VersionNotFound);
  });

  it('come back as new ones; status and tags stay', async () => {
    const { versions, dags, id } = await withVersions();
    const back = await versions.rollback(ann, id, 'v0.0.0');
    expect([back.version, back.changeLog, back.description, back.tags, back.status]).toEqual([
      ...['v1.0.1', 'Back to v0.0.0.', ''],
      ['kept'],
      'stopped',
    ]);
    expect(back.steps).toEqual(aDefinition().steps);
    const again = await versions.rollback(ann, id, 'v1.0.1', {
      version: 'v2.0.0',
      changeLog: 'again',
      ifRevision: back.revision,
    });
    expect([again.version, again.changeLog]).toEqual(['v2.0.0', 'again']);
    expect((await dags.get(ann, id)).version).toBe('v2.0.0');
  });

  it('do not come back when what they need is gone', async () => {
    const { versions, store, id } = await withVersions();
    const dag = (await store.find(ann.domain, id))!;
    const lost = { ...dag, steps: [...dag.steps, { id: '2', operator: '@once/upon' }], version: 'v1.1.0' };
    const next = await store.update(lost, dag.revision, { publish: true });
    await store.update({ ...dag, version: 'v1.2.0' }, next.revision, { publish: true });
    await expect(versions.rollback(ann, id, 'v1.1.0')).rejects.toThrow(DagInvalid);
  });

  it('are nobody else’s', async () => {
    const { versions, id } = await withVersions();
    for (const ask of [
      () => versions.list(eve, id, { limit: 1 }),
      () => versions.get(eve, id, 'v0.0.0'),
      () => versions.next(eve, id),
      () => versions.diff(eve, id, 'v0.0.0', 'v0.0.1'),
      () => versions.rollback(eve, id, 'v0.0.0'),
    ])
      await expect(ask()).rejects.toThrow(DagNotFound);
  });
});
