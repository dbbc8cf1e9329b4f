import { DagInvalid } from '@flow/dags';
import {
  DEBUG_GRACE_MS,
  DEBUG_SWEEP_MS,
  DebugInvalid,
  DebugNothingHeld,
  DebugTargetMissing,
  InstanceHasEnded,
  InstanceNotDebugged,
  InstanceNotFound,
  InstanceNotPaused,
  MOST_DEBUG_RUNS,
  TooManyDebugRuns,
  type DebugRequest,
  type Instance,
} from '@flow/instances';
import type { PrincipalId } from '@flow/kernel';
import { done, failedForNow, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const pure = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/pure', ...more });
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });
const START: Step = { id: '0', operator: '@trigger/manual' };
const ann = aCaller();
const bob = { ...ann, principal: 'bob' as PrincipalId };
const everything = { limit: 200 };

describe('a debug run', () => {
  let world: RunWorld;
  beforeEach(async () => (world = await RunWorld.open()));
  afterEach(() => world.close());

  const dag = (...steps: Step[]) => ({ title: 'Debugged', steps: [START, ...steps] });
  const start = (request: DebugRequest) => world.debugging.runs.start(ann, request);
  const step = (run: Instance) => world.debugging.runs.step(ann, run.id);
  const go = (run: Instance) => world.debugging.runs.continue(ann, run.id);
  const now = (run: Instance) => world.service.get(ann, run.id);
  const tasks = async (run: Instance) =>
    (await world.service.tasks(ann, run.id, everything)).items.map(({ path, status }) => `${path} ${status}`);
  const held = (run: Instance) => run.debug?.held.map(({ path }) => path);

  it('runs a definition that nobody saved, and stops before a breakpoint', async () => {
    const run = await start({
      dag: dag(pure('a', { parameters: { n: '{{trigger.n + 1}}' } }), {
        id: 'end',
        operator: '@internal/return',
        parameters: { n: '{{__a.n}}' },
      }),
      data: { n: 1 },
      breakpoints: ['end'],
    });
    expect(run).toMatchObject({
      status: 'paused',
      version: 'draft',
      trigger: { kind: 'debug' },
      debug: { breakpoints: ['end'], pins: [], dryRun: false, pausedAt: 'end', held: [{ stepId: 'end', path: 'end' }] },
    });
    expect(await now(run)).toEqual(run);
    expect(await go(run)).toMatchObject({ status: 'succeeded', result: { n: 2 }, debug: { pausedAt: null, held: [] } });
  });

  it('begins one step at a time through parallel branches, the oldest that is held first', async () => {
    const run = await start({
      dag: dag(
        {
          id: 'p',
          operator: '@control/flow/parallel',
          branches: [
            { id: 'l', steps: [pure('a'), pure('b')] },
            { id: 'r', steps: [pure('c')] },
          ],
        },
        pure('d'),
      ),
      breakpoints: ['p'],
    });
    const seen = [held(run)];
    for (let i = 0; i < 5; i += 1) seen.push(held(await step(run)));
    expect(seen).toEqual([['p'], ['p/l/a', 'p/r/c'], ['p/r/c', 'p/l/b'], ['p/l/b'], ['d'], []]);
    expect(await now(run)).toMatchObject({ status: 'succeeded' });
    await expect(step(run)).rejects.toThrow(InstanceHasEnded);
  });

  it('stops before a step of a loop in each iteration', async () => {
    const run = await start({
      dag: dag({
        id: 'l',
        operator: '@control/flow/loop',
        parameters: { mode: 'limit', limit: 3 },
        steps: [pure('a', { parameters: { i: '{{__l.index}}' } })],
      }),
      breakpoints: ['a'],
    });
    const seen = [run.debug?.pausedAt];
    for (let i = 0; i < 3; i += 1) seen.push((await go(run)).debug?.pausedAt);
    expect(seen).toEqual(['l[0]/a', 'l[1]/a', 'l[2]/a', null]);
    expect((await now(run)).status).toBe('succeeded');
  });

  it('goes on by a continue from the step that a step led to, though that has a breakpoint', async () => {
    const run = await start({ dag: dag(pure('a'), pure('b'), pure('c')), breakpoints: ['a', 'b', 'c'] });
    expect(held(await step(run))).toEqual(['b']);
    expect((await go(run)).debug?.pausedAt).toBe('c');
    expect((await go(run)).status).toBe('succeeded');
  });

  it('stops before each of two steps that came at once', async () => {
    const side = (id: string) => pure(id, { dependsOn: [] });
    const run = await start({ dag: dag(side('a'), side('b')), breakpoints: ['a', 'b'] });
    expect(run.debug).toMatchObject({ pausedAt: 'a', held: [{ path: 'a' }, { path: 'b' }] });
    expect((await go(run)).debug).toMatchObject({ pausedAt: 'b', held: [{ path: 'b' }] });
    expect((await go(run)).status).toBe('succeeded');
  });

  it('takes pinned outputs in the place of calls, in every place of the step', async () => {
    const run = await start({
      dag: dag(call('a'), { id: 'end', operator: '@internal/return', parameters: { got: '{{__a.body}}' } }),
      pins: { a: { body: [1, null] } },
    });
    expect(run).toMatchObject({ status: 'succeeded', result: { got: [1, null] }, debug: { pins: ['a'] } });
    expect(world.calls).toHaveLength(0);
  });

  it('calls nothing that writes on a dry run, and tells what it would have called, secrets by name', async () => {
    world.close();
    world = await RunWorld.open({ secrets: { key: { value: 'hush', hosts: [] } } });
    const child = await world.aDag([call('a')]);
    const run = await start({
      dag: dag(
        call('w', { parameters: { token: 'Bearer {{secrets.key}}' } }),
        { id: 'kid', operator: '@subflow/call/workflow', parameters: { dagId: child.id, data: {} } },
        { id: 'look', operator: '@test/look' },
      ),
      dryRun: true,
    });
    await settle();
    expect(world.calls.map(({ context }) => context.task.path)).toEqual(['look']);
    await world.answer(done(null));
    const { items } = await world.service.tasks(ann, run.id, everything);
    expect(items[1]).toMatchObject({
      output: { dryRun: true, operator: '@test/call', parameters: { token: 'Bearer {{secrets.key}}' } },
    });
    expect(items[2]?.output).toMatchObject({ dryRun: true, operator: '@subflow/call/workflow' });
    expect((await now(run)).status).toBe('succeeded');
  });

  it('lets an attempt that fell due while it stood begin by a step', async () => {
    const run = await start({
      dag: dag(call('a', { settings: { retry: { max: 1, delay: 5 } } }), pure('b')),
      breakpoints: ['a'],
    });
    await step(run);
    await expect(step(run)).rejects.toThrow(DebugNothingHeld);
    await settle();
    await world.answer(failedForNow('busy', 'Later.'));
    await world.clock.advance(5_000);
    expect(world.calls).toHaveLength(0);
    expect(held(await now(run))).toEqual(['a']);
    await step(run);
    await settle();
    expect((await world.answer(done(1))).task.attempt).toBe(2);
    expect(held(await now(run))).toEqual(['b']);
  });

  it('stands before the same steps after a crash and after a clean stop, though nobody saved its definition', async () => {
    const run = await start({ dag: dag(pure('a'), call('b'), pure('c')), breakpoints: ['a'] });
    await step(run);
    await now(run);
    world.crash();
    await world.restart();
    expect(await now(run)).toMatchObject({ status: 'paused', debug: { held: [{ path: 'b' }] } });
    await step(run);
    await settle();
    await world.answer(done(1));
    await world.runs.drain(0);
    world.crash();
    expect((await world.restart()).left).toEqual([]);
    expect(held(await now(run))).toEqual(['c']);
    const history = await world.service.history(ann, run.id, 0, 100);
    expect(history.items.filter(({ type }) => type === 'instance.stepped')).toHaveLength(2);
    expect((await go(run)).status).toBe('succeeded');
    expect(await tasks(run)).toEqual(['0 succeeded', 'a succeeded', 'b succeeded', 'c succeeded']);
  });

  it('is found again when the crash came before any of its rows', async () => {
    const run = await start({ dag: dag(call('b')), breakpoints: ['b'] });
    world.crash();
    expect(await world.restart()).toMatchObject({ adopted: 1, left: [] });
    expect(await now(run)).toMatchObject({ status: 'paused', debug: { held: [{ path: 'b' }] } });
  });

  it("is its caller's alone, and stands in no list, no count and no deletion", async () => {
    const saved = await world.aDag([call('a')]);
    const run = await start({ dagId: saved.id, breakpoints: ['a'] });
    const child = await start({
      dag: dag({ id: 'kid', operator: '@subflow/call/workflow', parameters: { dagId: saved.id, data: {} } }),
    });
    await settle();
    const kid = (await world.service.tasks(ann, child.id, everything)).items[1]?.waitingFor;
    expect(kid).toMatchObject({ kind: 'children', first: expect.any(String) as string });
    const kidId = (kid as { readonly first?: string }).first as Instance['id'];
    expect(await world.service.get(ann, kidId)).toMatchObject({ parentId: child.id, debug: { breakpoints: [] } });
    for (const id of [run.id, child.id, kidId]) {
      await expect(world.service.get(bob, id)).rejects.toThrow(InstanceNotFound);
      await expect(world.service.tasks(bob, id, everything)).rejects.toThrow(InstanceNotFound);
      await expect(world.service.history(bob, id, 0, 1)).rejects.toThrow(InstanceNotFound);
      await expect(world.debugging.runs.step(bob, id)).rejects.toThrow(InstanceNotFound);
      await expect(world.debugging.runs.continue(bob, id)).rejects.toThrow(InstanceNotFound);
      await expect(world.runs.actions.cancel(bob, id, { reason: null })).rejects.toThrow(InstanceNotFound);
      await expect(world.streams.events(bob, id, { follow: false })).rejects.toThrow(InstanceNotFound);
      await expect(world.streams.logs(bob, id, { follow: false })).rejects.toThrow(InstanceNotFound);
      await expect(world.service.get(aCaller({ domain: 'other' }), id)).rejects.toThrow(InstanceNotFound);
    }
    expect((await world.service.list(ann, {}, { limit: 10, count: true })).total).toBe(0);
    expect(await world.service.countLive(ann.domain, saved.id)).toBe(0);
    expect(await world.runs.actions.cancelAll(ann, saved.id, { reason: null })).toEqual([]);
    expect((await now(run)).status).toBe('paused');
  });

  it('asks nobody else for an approval', async () => {
    const approval = (assignee: string): Step => ({
      id: assignee,
      operator: '@control/approval',
      parameters: { assignees: [assignee] },
      dependsOn: [],
    });
    await start({ dag: dag(approval('bob'), approval('ann')) });
    expect((await world.runs.approvals.list(bob, everything)).items).toEqual([]);
    const [mine] = (await world.runs.approvals.list(ann, everything)).items;
    expect(mine?.task.stepId).toBe('ann');
  });

  it('runs a stopped DAG, and an older version of it', async () => {
    const stopped = await world.aDag([pure('a')], { status: 'stopped' });
    expect(await start({ dagId: stopped.id, version: 'v0.0.0' })).toMatchObject({
      status: 'succeeded',
      dagId: stopped.id,
      version: 'v0.0.0',
    });
  });

  it('is cancelled when its time is over, and leaves nothing behind', async () => {
    const run = await start({ dag: dag(call('a'), call('b')), breakpoints: ['a'], expiresIn: 'PT10M' });
    await step(run);
    await settle();
    const task = world.calls[0];
    task?.context.log.info('a line');
    await world.answer(done(1));
    expect((await now(run)).debug?.expiresAt).toBe('2026-01-01T00:10:00.000Z');
    await world.clock.advance(10 * 60_000 - 1);
    expect((await now(run)).status).toBe('paused');
    await world.clock.advance(DEBUG_SWEEP_MS);
    expect(await now(run)).toMatchObject({
      status: 'cancelled',
      reason: { message: expect.stringMatching(/over/) as string },
    });
    expect(await world.taskLog.head(run.id)).toBe(1);
    await world.clock.advance(DEBUG_GRACE_MS + DEBUG_SWEEP_MS);
    await world.debugging.sweep.over;
    await expect(now(run)).rejects.toThrow(InstanceNotFound);
    expect(await world.taskLog.head(run.id)).toBe(0);
    expect(await world.store.hasDebugRuns()).toBe(false);
    // Nothing is looked for any more, and a later line does not stand in the way of others.
    task?.context.log.info('late');
    await world.logs.caughtUp();
    expect(world.bugs).toEqual([]);
  });

  it('takes its large values with it', async () => {
    world.close();
    world = await RunWorld.open({ values: { inlineBytes: 100 } });
    const run = await start({ dag: dag(call('a')) });
    await settle();
    const ended = world.runner.ended(run.id, 60_000);
    await world.answer(done({ long: 'x'.repeat(1_000) }));
    expect((await ended)?.status).toBe('succeeded');
    expect(await world.blobs.owners(ann.domain, '', 10)).toEqual([run.id]);
    await world.clock.advance(60 * 60_000 + DEBUG_GRACE_MS + DEBUG_SWEEP_MS);
    await world.debugging.sweep.over;
    expect(await world.blobs.owners(ann.domain, '', 10)).toEqual([]);
    await expect(now(run)).rejects.toThrow(InstanceNotFound);
  });

  it('goes when its time is over though the service was away then', async () => {
    const run = await start({ dag: dag(call('a')), breakpoints: ['a'], expiresIn: 'PT1M' });
    await world.runs.drain(0);
    await world.debugging.sweep.stop();
    world.crash();
    await world.clock.advance(60 * 60_000);
    await world.restart();
    await world.clock.advance(2 * DEBUG_SWEEP_MS);
    await world.debugging.sweep.over;
    await expect(now(run)).rejects.toThrow(InstanceNotFound);
  });

  it(`is refused to one who has ${MOST_DEBUG_RUNS} that live`, async () => {
    const request = { dag: dag(pure('a')), breakpoints: ['a'] };
    const all = await Promise.allSettled(Array.from({ length: MOST_DEBUG_RUNS + 5 }, () => start(request)));
    const runs = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(runs).toHaveLength(MOST_DEBUG_RUNS);
    await expect(start(request)).rejects.toThrow(TooManyDebugRuns);
    expect((await world.debugging.runs.start(bob, request)).status).toBe('paused');
    await go(runs[0] as Instance);
    expect((await start(request)).status).toBe('paused');
  });

  it('is refused with what is wrong, and where', async () => {
    const faults = async (request: DebugRequest) => {
      const error = await start(request).then(
        () => undefined,
        (thrown: unknown) => thrown as DebugInvalid,
      );
      return [error?.constructor, error?.faults.map(({ pointer }) => pointer)];
    };
    const good = dag(pure('a'), { id: 'end', operator: '@internal/return', parameters: {} });
    expect(await faults({})).toEqual([DebugTargetMissing, ['']]);
    expect(await faults({ dag: good, dagId: 'x' as never })).toEqual([DebugTargetMissing, ['']]);
    expect(await faults({ dag: { steps: [pure('a')] } })).toEqual([
      DagInvalid,
      expect.arrayContaining(['/dag/title', '/dag/steps/0/operator']),
    ]);
    expect(await faults({ dag: dag(pure('a', { parameters: { x: '{{__none.y}}' } })) })).toEqual([
      DagInvalid,
      ['/dag/steps/1/parameters/x'],
    ]);
    expect(await faults({ dag: good, breakpoints: ['a', 'none'] })).toEqual([DebugInvalid, ['/breakpoints/1']]);
    expect(await faults({ dag: good, pins: { 'no/ne': 1, 0: {}, end: null, a: 1 } })).toEqual([
      DebugInvalid,
      ['/pins/0', '/pins/no~1ne', '/pins/end'],
    ]);
    expect(await faults({ dag: good, version: 'v0.0.0', expiresIn: 'P2D' })).toEqual([
      DebugInvalid,
      ['/expiresIn', '/version'],
    ]);
    for (const expiresIn of ['PT0S', 'soon', 'P1DT1S', ''])
      expect(await faults({ dag: good, expiresIn })).toEqual([DebugInvalid, ['/expiresIn']]);
    expect(await world.store.hasDebugRuns()).toBe(false);
  });

  it('alone is stepped, and only while it is paused', async () => {
    const saved = await world.aDag([call('a')]);
    const ordinary = await world.service.start(ann, saved.id, {});
    await expect(step(ordinary)).rejects.toThrow(InstanceNotDebugged);
    await expect(go(ordinary)).rejects.toThrow(InstanceNotDebugged);
    const run = await start({ dagId: saved.id });
    await expect(step(run)).rejects.toThrow(InstanceNotPaused);
    await expect(go(run)).rejects.toThrow(InstanceNotPaused);
    await world.runs.actions.pause(ann, run.id);
    expect((await go(run)).status).toBe('running');
  });
});
