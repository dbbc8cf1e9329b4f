import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InstancePurged, type Instance } from '@flow/instances';
import type { DomainId, InstanceId, PrincipalId } from '@flow/kernel';
import { done, failed, type Step } from '@flow/operators';
import { armFailpoint } from '@flow/platform';
import { FIRST_PURGE_MS, PURGE_SWEEP_MS } from '@flow/retention';
import { aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import { DAY, PurgeWorld } from '@flow/testing/retention';

const ann = aCaller();
const HOUR = 3_600_000;
const MINUTE = 60_000;
const wait = (duration: string): Step => ({ id: 'w', operator: '@control/wait', parameters: { duration } });
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });

let world: PurgeWorld;
beforeEach(async () => {
  world = await PurgeWorld.open();
});
afterEach(async () => {
  armFailpoint(undefined);
  await world.close();
});

const pass = (byMs: number) => world.runs.clock.advance(byMs);
const standing = async (...instances: Instance[]) => Promise.all(instances.map((one) => world.stands(one)));

describe('a purge', () => {
  it('leaves what is within its retention and removes what is past it', async () => {
    const dag = await world.aDag();
    const old = await world.run(dag);
    await pass(DAY);
    const young = await world.run(dag);
    await pass(29 * DAY);
    expect(await world.purge.run()).toMatchObject({ purged: 0, done: true });
    await pass(1);
    expect(await world.purge.run()).toMatchObject({ purged: 1, done: true });
    expect(await standing(old, young)).toEqual([false, true]);
    expect(world.purge.lastPass).toEqual({ at: world.runs.clock.now(), oldest: new Date(young.endedAt ?? '') });
  });

  it('goes by the DAG in its newest version, also for what ran on older ones, by how it ended', async () => {
    const dag = await world.aDag({ retention: 'forever' });
    const [fine, broken] = [await world.run(dag), await world.run(dag, 'failed')];
    await pass(2 * HOUR);
    await world.purge.run();
    expect(await standing(fine, broken)).toEqual([true, true]);
    const next = { ...dag, version: 'v0.0.1', retention: { succeeded: 'PT1H' } };
    await world.runs.dags.update(next, dag.revision, { publish: true });
    await world.purge.run();
    expect(await standing(fine, broken)).toEqual([false, true]);
    await pass(30 * DAY);
    await world.purge.run();
    expect(await standing(broken)).toEqual([false]);
  });

  it('goes by what a deleted DAG said last', async () => {
    const [long, short] = [await world.aDag({ retention: 'forever' }), await world.aDag({ retention: 'PT1H' })];
    const [kept, gone] = [await world.run(long), await world.run(short)];
    for (const { domain, id } of [long, short])
      await world.runs.dags.remove(domain, id, { at: '2026-01-01T00:00:00.000Z', by: 'ann' });
    await pass(100 * DAY);
    await world.purge.run();
    expect(await standing(kept, gone)).toEqual([true, false]);
  });

  it('goes by the business domain where the DAG says nothing', async () => {
    const put = (retention: object | string, domain = ann.domain) =>
      world.domains.put({
        ...{ domain, retention: retention, modifiedBy: 'ann' as PrincipalId },
        updatedAt: new Date(0),
      });
    await put({ failed: 'PT2H' });
    await put('PT1M', 'other' as DomainId);
    const [silent, own] = [await world.aDag(), await world.aDag({ retention: { failed: 'PT5H' } })];
    const [fine, broken, brokenOwn] = [
      await world.run(silent),
      await world.run(silent, 'failed'),
      await world.run(own, 'failed'),
    ];
    await pass(3 * HOUR);
    await world.purge.run();
    expect(await standing(fine, broken, brokenOwn)).toEqual([true, false, true]);
    await put('PT1H');
    await world.purge.run();
    expect(await standing(fine, brokenOwn)).toEqual([false, true]);
  });

  it('takes everything that belongs to an instance: lines, large values, rows', async () => {
    const dag = await world.runs.aDag([call('a')], { retention: 'PT1H' });
    const instance = await world.runs.service.start(ann, dag.id, {});
    await settle();
    world.runs.calls[0]?.context.log.info('It is under way.');
    const ended = world.runs.runner.ended(instance.id, 60_000);
    await world.runs.answer(done({ text: 'x'.repeat(20_000) }));
    await ended;
    await world.runs.logs.caughtUp();
    const place = { domain: instance.domain, owner: instance.id };
    const owners = () => world.runs.blobs.owners(place.domain, '', 10);
    expect(await owners()).toEqual([instance.id]);
    expect(await world.runs.taskLog.head(instance.id)).toBe(1);
    await pass(2 * HOUR);
    expect((await world.purge.run()).purged).toBe(1);
    expect(await owners()).toEqual([]);
    expect(await world.runs.taskLog.head(instance.id)).toBe(0);
    for (const table of ['instances', 'tasks', 'history', 'cursors', 'instance_labels', 'ended_runs', 'task_lines'])
      expect([table, world.db.get(`SELECT count(*) AS n FROM ${table}`)?.n]).toEqual([table, 0]);
  });

  it('leaves what lives, however old it is', async () => {
    const dag = await world.runs.aDag([wait('P200D')], { retention: 'PT1M' });
    const live = await world.runs.service.start(ann, dag.id, {});
    await pass(100 * DAY);
    expect((await world.purge.run()).purged).toBe(0);
    await pass(100 * DAY);
    expect((await world.runs.service.get(ann, live.id)).status).toBe('succeeded');
  });

  it('leaves an ended child until its parent has ended, so that no restart begins it again', async () => {
    const child = await world.aDag({ retention: 'PT1M' });
    const sub = { id: 'sub', operator: '@subflow/call/workflow', parameters: { dagId: child.id, wait: false } };
    const dag = await world.runs.aDag([sub, wait('PT3H')]);
    const parent = await world.runs.service.start(ann, dag.id, {});
    await settle();
    await pass(HOUR);
    const [first] = (await world.runs.service.list(ann, { dagId: child.id }, { limit: 5 })).items;
    expect(first?.status).toBe('succeeded');
    expect((await world.purge.run()).purged).toBe(0);
    await world.restart();
    await settle();
    expect((await world.runs.service.list(ann, { dagId: child.id }, { limit: 5 })).items).toEqual([first]);
    await pass(3 * HOUR);
    expect((await world.runs.service.get(ann, parent.id)).status).toBe('succeeded');
    expect((await world.purge.run()).purged).toBe(1);
    expect(await standing(first!)).toEqual([false]);
  });

  it('leaves a retry what it keeps of the instance that goes', async () => {
    const read = call('c', { parameters: { text: '{{__a.text}}' } });
    const dag = await world.runs.aDag([call('a'), call('b'), wait('PT5H'), read], { retention: 'PT1H' });
    const first = await world.runs.service.start(ann, dag.id, {});
    await settle();
    const text = 'x'.repeat(12_000);
    world.runs.calls.shift()?.answer(done({ text }));
    while (world.runs.calls.length === 0) await settle();
    await world.runs.answer(failed('test.failed', 'It failed.'));
    const { instance } = await world.runs.runs.retries.retry(ann, first.id, { from: 'failed', version: 'original' });
    await settle();
    await world.runs.answer(done({}));
    await pass(2 * HOUR);
    expect((await world.purge.run()).purged).toBe(1);
    expect(await standing(first)).toEqual([false]);
    await world.restart();
    await pass(3 * HOUR);
    while (world.runs.calls.length === 0) await settle();
    expect((await world.runs.answer(done({}))).parameters).toEqual({ text });
    expect((await world.runs.service.get(ann, instance.id)).status).toBe('succeeded');
  });

  it('is not undone by the key of the request, nor by a log that is read again', async () => {
    const dag = await world.aDag({ retention: 'PT1M' });
    const id = world.runs.ids.next<InstanceId>();
    const gone = await world.run(dag, 'succeeded', { id });
    await pass(2 * MINUTE);
    expect((await world.purge.run()).purged).toBe(1);
    await world.restart();
    await expect(world.run(dag, 'succeeded', { id })).rejects.toThrow(InstancePurged);
    expect(await standing(gone)).toEqual([false]);
    // The key is free again after a day, and another request may stand under it.
    await pass(DAY);
    await world.purge.run();
    expect(await world.runs.store.standing(ann.domain, id)).toBeUndefined();
  });

  it('goes on where a crash has left it, at each of its writes', async () => {
    const dag = await world.aDag({ retention: 'PT1M' });
    const points = ['blob.release.before', 'blob.release.after', 'tasklog.purge.commit', 'tasklog.purge.after'];
    for (const point of [...points, 'ended.purge.before', 'ended.purge.commit', 'ended.purge.after']) {
      const gone = await world.run(dag);
      await pass(2 * MINUTE);
      armFailpoint(`${point}:throw`);
      await expect(world.purge.run()).rejects.toThrow(point);
      await world.restart();
      await world.purge.run();
      expect([point, ...(await standing(gone))]).toEqual([point, false]);
    }
  });

  it('is done in steps, between which others have their turn', async () => {
    const dag = await world.aDag({ retention: 'PT1M' });
    for (let i = 0; i < 120; i += 1) await world.run(dag);
    await pass(2 * MINUTE);
    let turns = 0;
    let over = false;
    const count = () => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    expect((await world.purge.run()).purged).toBe(120);
    over = true;
    expect(Math.max(...world.steps)).toBeLessThanOrEqual(25);
    expect(turns).toBeGreaterThanOrEqual(world.steps.length);
  });

  it('of one domain leaves the others, and one that has no time says so', async () => {
    const dag = await world.aDag({ retention: 'PT1M' });
    const mine = await world.run(dag);
    await pass(2 * MINUTE);
    expect(await world.purge.run({ domain: 'other' as DomainId })).toMatchObject({ purged: 0, done: true });
    expect(await world.purge.run({ domain: ann.domain, withinMs: 0 })).toMatchObject({ purged: 0, done: false });
    expect(await standing(mine)).toEqual([true]);
    expect(world.purge.lastPass).toBeUndefined();
    expect(await world.purge.run({ domain: ann.domain })).toMatchObject({ purged: 1, done: true });
  });

  it('that has no turn in time says so, and does nothing later', async () => {
    const dag = await world.aDag({ retention: 'PT1M' });
    const instance = await world.run(dag);
    await pass(2 * MINUTE);
    const first = world.purge.run({ dagId: 'another' as never });
    const second = world.purge.run({ withinMs: 0 });
    await pass(1);
    expect(await second).toMatchObject({ purged: 0, done: false });
    expect(await first).toMatchObject({ purged: 0, done: true });
    await world.purge.run({ dagId: 'another' as never });
    expect(await standing(instance)).toEqual([true]);
  });

  it('can be told to remove what ended before a moment, of one DAG, whatever its retention says', async () => {
    const [one, two] = [await world.aDag({ retention: 'forever' }), await world.aDag()];
    const [old, other] = [await world.run(one), await world.run(two)];
    await pass(HOUR);
    const endedBefore = world.runs.clock.now();
    const young = await world.run(one);
    await world.purge.run({ domain: ann.domain, dagId: one.id, endedBefore });
    expect(await standing(old, other, young)).toEqual([false, true, true]);
  });

  it('gives the disk back what it has freed', async () => {
    const dag = await world.aDag({ retention: 'PT1M', description: 'x' });
    for (let i = 0; i < 300; i += 1) await world.run(dag);
    await world.runs.runner.projector.caughtUp();
    const before = world.db.space().pages;
    await pass(2 * MINUTE);
    const { freedBytes } = await world.purge.run();
    const { pages, pageBytes } = world.db.space();
    expect(freedBytes).toBeGreaterThan(0);
    expect(before - pages).toBeGreaterThanOrEqual(freedBytes / pageBytes);
    expect(world.db.integrityFaults()).toEqual([]);
    expect(readdirSync(join(world.runs.folder)).length).toBeGreaterThan(0);
  });
});

describe('the sweep', () => {
  /** Waits for so many passes; they rest by the clock. */
  const passes = async (count: number) => {
    while (world.passes.length + world.faults.length < count) await pass(100);
  };

  it('has a pass made a while after the start, and again and again', async () => {
    const dag = await world.aDag({ retention: 'PT5M' });
    world.sweep.start();
    await world.run(dag);
    await pass(FIRST_PURGE_MS);
    await passes(1);
    expect(world.passes.map(({ purged }) => purged)).toEqual([0]);
    await pass(PURGE_SWEEP_MS);
    await passes(2);
    expect(world.passes.map(({ purged }) => purged)).toEqual([0, 1]);
    await world.sweep.stop();
    await pass(2 * PURGE_SWEEP_MS);
    expect(world.passes).toHaveLength(2);
    expect(world.faults).toEqual([]);
  });

  it('tells a fault and goes on with the next pass', async () => {
    const dag = await world.aDag({ retention: 'PT5M' });
    const instance = await world.run(dag);
    world.sweep.start();
    armFailpoint('ended.purge.before:throw');
    await pass(FIRST_PURGE_MS);
    await passes(1);
    await pass(PURGE_SWEEP_MS);
    await passes(2);
    expect(world.faults).toHaveLength(1);
    expect(await standing(instance)).toEqual([true]);
    await pass(PURGE_SWEEP_MS);
    await passes(3);
    expect(await standing(instance)).toEqual([false]);
    await world.sweep.stop();
  });
});
