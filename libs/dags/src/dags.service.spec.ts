import { PermissionMissing } from '@flow/auth';
import { RequestInvalid, type DagId } from '@flow/kernel';
import {
  DagInvalid,
  DagNotFound,
  DagStale,
  DagTitleTaken,
  VersionNotFound,
  VersionNotRising,
  VersionTaken,
} from './dag.errors';
import { aCaller, aDagsWorld, aDefinition } from './testing/a-dags-world';

const ann = aCaller();
const bob = aCaller('acme', undefined, 'bob');
const eve = aCaller('other');
const NOBODY = 'nobody' as DagId;

describe('making a DAG', () => {
  it('fills in what was left out, and who and when', async () => {
    const { dags } = aDagsWorld();
    const dag = await dags.create(ann, aDefinition());
    expect(dag).toEqual({
      ...aDefinition(),
      ...{
        id: dag.id,
        domain: 'acme',
        description: '',
        status: 'normal',
        type: '',
        tags: [],
        labels: {},
        priority: 'medium',
      },
      ...{ vars: {}, version: 'v0.0.0', changeLog: '', createdBy: 'ann', modifiedBy: 'ann', revision: 1 },
      ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
    });
    expect(await dags.get(ann, dag.id)).toEqual(dag);
  });

  it('is refused with every fault, and stores nothing', async () => {
    const { dags } = aDagsWorld();
    const sent = aDefinition({ title: '', colour: 'red' });
    const refusal: unknown = await dags.create(ann, sent).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DagInvalid);
    expect((refusal as DagInvalid).faults.map(({ pointer }) => pointer)).toEqual(['/colour', '/title']);
    expect(await dags.validate(ann, sent)).toEqual({
      valid: false,
      errors: (refusal as DagInvalid).faults,
      warnings: [],
    });
    expect((await dags.list(ann, {}, { limit: 10, count: true })).total).toBe(0);
  });

  it('gives a title once, also to requests that come at the same moment', async () => {
    const { dags } = aDagsWorld();
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => dags.create(ann, aDefinition())));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const reasons = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason as unknown] : []));
    for (const reason of reasons) expect(reason).toBeInstanceOf(DagTitleTaken);
    await dags.create(eve, aDefinition());
  });

  it('gives a repeat of the same request the DAG that the first one made', async () => {
    const { dags } = aDagsWorld();
    const id = '01HDAG00000000000000000001' as DagId;
    const first = await dags.create(ann, aDefinition(), { id });
    expect(await dags.create(ann, aDefinition(), { id })).toEqual(first);
  });

  it('starts at the version that is asked for', async () => {
    const { dags } = aDagsWorld();
    expect((await dags.create(ann, aDefinition({ version: 'v3.1.4', changeLog: 'pi' }))).version).toBe('v3.1.4');
  });
});

describe('reading DAGs', () => {
  it('tells nothing of another domain', async () => {
    const { dags } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition());
    await expect(dags.get(eve, id)).rejects.toThrow(DagNotFound);
    await expect(dags.update(eve, id, aDefinition())).rejects.toThrow(DagNotFound);
    expect(await dags.batchGet(eve, [id])).toEqual([]);
    expect((await dags.list(eve, {}, { limit: 10 })).items).toEqual([]);
  });

  it('gives an older version under the same id', async () => {
    const { dags } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition({ outputs: { a: 1 }, timeout: 'PT1S', retention: 'P1D' }));
    await dags.update(ann, id, aDefinition({ title: 'Renamed' }, 'b'));
    const older = await dags.get(ann, id, 'v0.0.0');
    expect([older.title, older.version, older.outputs, older.timeout]).toEqual(['A flow', 'v0.0.0', { a: 1 }, 'PT1S']);
    expect(older.retention).toBe('P1D');
    const newest = await dags.get(ann, id);
    expect([newest.outputs, newest.retention]).toEqual([undefined, undefined]);
    for (const version of ['v9.0.0', 'latest', ''])
      await expect(dags.get(ann, id, version)).rejects.toThrow(VersionNotFound);
  });

  it('gives many at once, and of each only the fields that are asked for', async () => {
    const { dags } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition());
    expect(await dags.batchGet(ann, [NOBODY, id, id], ['title'])).toEqual([{ id, title: 'A flow' }]);
    await expect(dags.batchGet(ann, [id], ['secret', 'domain'])).rejects.toThrow(RequestInvalid);
    const tooMany = Array.from({ length: 201 }, () => id);
    await expect(dags.batchGet(ann, tooMany)).rejects.toThrow(RequestInvalid);
  });

  it('asks for the permission before anything else', async () => {
    const { dags, actions, versions, transfer } = aDagsWorld();
    const nobody = aCaller('acme', []);
    const asked = [
      () => dags.create(nobody, {}),
      () => dags.get(nobody, NOBODY),
      () => dags.update(nobody, NOBODY, {}),
      () => dags.list(nobody, {}, { limit: 1 }),
      async () => dags.validate(nobody, {}),
      () => dags.batchGet(nobody, []),
      () => dags.graph(nobody, NOBODY),
      () => dags.mermaid(nobody, NOBODY),
      () => actions.setStatus(nobody, NOBODY, 'normal'),
      () => actions.delete(nobody, NOBODY),
      () => actions.batch(nobody, { action: 'run', ids: [] }, () => Promise.reject(new Error('no'))),
      () => versions.list(nobody, NOBODY, { limit: 1 }),
      () => versions.get(nobody, NOBODY, 'v0.0.0'),
      () => versions.next(nobody, NOBODY),
      () => versions.diff(nobody, NOBODY, 'v0.0.0', 'v0.0.0'),
      () => versions.rollback(nobody, NOBODY, 'v0.0.0'),
      () => transfer.export(nobody, NOBODY),
      () => transfer.import(nobody, { data: {} }),
    ];
    for (const ask of asked) await expect(ask()).rejects.toThrow(PermissionMissing);
  });
});

describe('changing a DAG', () => {
  it('makes a version when the definition differs, and none when it does not', async () => {
    const { dags, clock, versions } = aDagsWorld();
    const first = await dags.create(ann, aDefinition());
    await clock.advance(1_000);
    expect(await dags.update(bob, first.id, aDefinition())).toEqual(first);
    const reordered = Object.fromEntries(Object.entries(aDefinition()).reverse());
    expect((await dags.update(bob, first.id, reordered)).version).toBe('v0.0.0');
    const tagged = await dags.update(bob, first.id, aDefinition({ tags: ['x'], status: 'stopped' }));
    expect([tagged.version, tagged.tags, tagged.status, tagged.modifiedBy]).toEqual([
      'v0.0.0',
      ['x'],
      'stopped',
      'bob',
    ]);
    const changed = await dags.update(bob, first.id, aDefinition({ changeLog: 'b' }, 'b'));
    expect([changed.version, changed.changeLog, changed.tags, changed.status]).toEqual([
      'v0.0.1',
      'b',
      ['x'],
      'stopped',
    ]);
    expect(changed.updatedAt).toBe('2026-01-01T00:00:01.000Z');
    expect((await versions.list(ann, first.id, { limit: 10 })).items.map(({ version }) => version)).toEqual([
      'v0.0.1',
      'v0.0.0',
    ]);
  });

  it('takes a version that rises, and no other', async () => {
    const { dags } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition({ version: 'v1.0.0' }));
    for (const version of ['v1.0.0', 'v0.9.9'])
      await expect(dags.update(ann, id, aDefinition({ version }, 'b'))).rejects.toThrow(VersionNotRising);
    expect((await dags.update(ann, id, aDefinition({ version: 'v2.0.0' }, 'b'))).version).toBe('v2.0.0');
  });

  it('refuses a change of a state that is gone', async () => {
    const { dags } = aDagsWorld();
    const { id, revision } = await dags.create(ann, aDefinition());
    const next = await dags.update(ann, id, aDefinition({}, 'b'), { ifRevision: revision });
    await expect(dags.update(ann, id, aDefinition({}, 'c'), { ifRevision: revision })).rejects.toThrow(DagStale);
    await expect(dags.update(ann, id, aDefinition({}, 'c'), { ifRevision: NaN })).rejects.toThrow(DagStale);
    expect((await dags.update(ann, id, aDefinition({}, 'c'), { ifRevision: next.revision })).version).toBe('v0.0.2');
  });

  it('lets one of two changes at once make the version; with If-Match the other one is stale', async () => {
    const { dags } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition());
    const both = (options: object) =>
      Promise.allSettled(
        ['b', 'c'].map((value) => dags.update(ann, id, aDefinition({}, value + JSON.stringify(options)), options)),
      );
    const plain = await both({});
    expect(plain.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(plain.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: new VersionTaken(id, '').code },
    });
    const guarded = await both({ ifRevision: 2 });
    expect(guarded.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: new DagStale(id).code },
    });
    expect((await dags.get(ann, id)).version).toBe('v0.0.2');
  });

  it('lets changes at once that make no version follow each other', async () => {
    const { dags } = aDagsWorld();
    const { id } = await dags.create(ann, aDefinition());
    await Promise.all(['x', 'y', 'z'].map((tag) => dags.update(ann, id, aDefinition({ tags: [tag] }))));
    expect((await dags.get(ann, id)).revision).toBe(4);
  });

  it('refuses a title that another one has', async () => {
    const { dags } = aDagsWorld();
    await dags.create(ann, aDefinition({ title: 'Taken' }));
    const { id } = await dags.create(ann, aDefinition());
    await expect(dags.update(ann, id, aDefinition({ title: 'Taken' }))).rejects.toThrow(DagTitleTaken);
    expect((await dags.get(ann, id)).title).toBe('A flow');
  });
});
