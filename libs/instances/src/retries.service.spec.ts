import type { Instance, RetryRequest } from '@flow/instances';
import type { Step } from '@flow/operators';
import { done, failed } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const ann = aCaller();
const again: RetryRequest = { from: 'failed', version: 'original' };
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });

let world: RunWorld;
beforeEach(async () => {
  world = await RunWorld.open();
});
afterEach(() => world.close());

const now = (instance: Instance) => world.service.get(ann, instance.id);
const openPaths = () => world.calls.map(({ context }) => context.task.path);

/** Runs the steps and answers their calls: true succeeds with its own path, false fails. */
async function ended(steps: readonly Step[], answers: readonly boolean[], fields = {}): Promise<Instance> {
  const dag = await world.aDag(steps, fields);
  const instance = await world.service.start(ann, dag.id, { data: { n: 1 } });
  await settle();
  for (const fine of answers) {
    const path = openPaths()[0] ?? '';
    await world.answer(fine ? done({ from: path }) : failed('test.failed', 'It failed.'));
  }
  return now(instance);
}

describe('a retry', () => {
  it('is a new instance that keeps what succeeded and goes on with what failed', async () => {
    const first = await ended([call('a'), call('b'), call('c', { parameters: { a: '{{__a.from}}' } })], [true, false]);
    expect(first.status).toBe('failed');
    const { instance, kept, repeats } = await world.runs.retries.retry(ann, first.id, again);
    expect(instance).toMatchObject({ attempt: 2, retryOf: first.id, rootId: first.id, input: { n: 1 } });
    expect({ kept, repeats }).toEqual({ kept: 1, repeats: [{ stepId: 'b', path: 'b', operator: '@test/call' }] });
    await settle();
    expect(openPaths()).toEqual(['b']);
    await world.answer(done({}));
    const { parameters, idempotencyKey } = await world.answer(done({}));
    expect(parameters).toEqual({ a: 'a' });
    expect(idempotencyKey).toBe(`${instance.id}:c`);
    expect((await now(instance)).status).toBe('succeeded');
    expect((await now(first)).status).toBe('failed');
    const tasks = await world.service.tasks(ann, instance.id, { limit: 10 });
    expect(tasks.items.map(({ path, status, adopted }) => [path, status, adopted ?? false])).toEqual([
      ['0', 'succeeded', false],
      ['a', 'succeeded', true],
      ['b', 'succeeded', false],
      ['c', 'succeeded', false],
    ]);
  });

  it('from a step does it and all that comes after it again, within its construct and around it', async () => {
    const steps = [
      call('a'),
      {
        id: 'l',
        operator: '@control/flow/loop',
        parameters: { mode: 'limit', limit: 2 },
        steps: [call('x'), call('y')],
      },
      call('z'),
    ];
    const first = await ended(steps, [true, true, true, true, true, true]);
    const { instance } = await world.runs.retries.retry(ann, first.id, { ...again, from: { path: 'l[0]/y' } });
    await settle();
    const repeated: string[] = [];
    while (openPaths()[0] !== undefined) {
      repeated.push(openPaths()[0] ?? '');
      await world.answer(done({}));
    }
    expect(repeated).toEqual(['l[0]/y', 'l[1]/x', 'l[1]/y', 'z']);
    expect((await now(instance)).status).toBe('succeeded');
  });

  it('keeps what does not need the step', async () => {
    const steps = [call('a', { dependsOn: [] }), call('b', { dependsOn: [] }), call('c', { dependsOn: ['a'] })];
    const first = await ended(steps, [true, true, true]);
    await world.runs.retries.retry(ann, first.id, { ...again, from: { stepId: 'a' } });
    await settle();
    expect(openPaths()).toEqual(['a']);
  });

  it('takes given outputs in the place of calls, and another input', async () => {
    const first = await ended(
      [call('a'), call('b', { parameters: { v: '{{__a.v}}', n: '{{trigger.n}}' } })],
      [true, false],
    );
    await world.runs.retries.retry(ann, first.id, { ...again, outputs: { a: { v: 7 } }, data: { n: 2 } });
    await settle();
    expect(world.calls[0]?.context.parameters).toEqual({ v: 7, n: 2 });
  });

  it('meets the handling of a failure anew, and undoes anew what it does anew', async () => {
    const steps = [
      call('a', { undo: { id: 'ua', operator: '@test/call' } }),
      {
        id: 't',
        operator: '@control/flow/try',
        steps: [call('b')],
        finally: [call('f')],
      },
    ];
    const first = await ended(steps, [true, false, true, true]);
    expect(first.reason?.compensation).toEqual([{ stepId: 'ua', path: 'a/@undo/ua', status: 'succeeded' }]);
    const { kept } = await world.runs.retries.retry(ann, first.id, again);
    expect(kept).toBe(0);
    await settle();
    expect(openPaths()).toEqual(['a']);
  });

  it('is refused while the instance or a newer attempt lives, and to those who may not', async () => {
    const dag = await world.aDag([call('a')]);
    const running = await world.service.start(ann, dag.id, {});
    await expect(world.runs.retries.retry(ann, running.id, again)).rejects.toMatchObject({
      code: 'instance.not_ended',
    });
    await settle();
    await world.answer(failed('test.failed', 'It failed.'));
    const both = await Promise.allSettled([
      world.runs.retries.retry(ann, running.id, again),
      world.runs.retries.retry(ann, running.id, again),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(world.runs.retries.retry(ann, running.id, again)).rejects.toMatchObject({
      code: 'instance.retry_lives',
    });
    const bob = aCaller({ permissions: ['instance.view'] });
    await expect(world.runs.retries.retry(bob, running.id, again)).rejects.toMatchObject({
      code: 'permission.missing',
    });
    const other = aCaller({ domain: 'other' });
    await expect(world.runs.retries.retry(other, running.id, again)).rejects.toMatchObject({
      code: 'instance.not_found',
    });
  });

  it('names a step or an output that is not there', async () => {
    const first = await ended([call('a')], [false]);
    const retry = (change: Partial<RetryRequest>) => world.runs.retries.retry(ann, first.id, { ...again, ...change });
    await expect(retry({ from: { stepId: 'zz' } })).rejects.toMatchObject({
      faults: [{ pointer: '/from/stepId', code: 'retry.from_unknown' }],
    });
    await expect(retry({ outputs: { 'x/y': 1 } })).rejects.toMatchObject({
      faults: [{ pointer: '/outputs/x~1y', code: 'retry.output_unknown' }],
    });
  });

  it('on the newest version is refused where a kept step is gone or another', async () => {
    const first = await ended([call('a'), call('b')], [true, false]);
    const dag = await world.dags.find(first.domain, first.dagId);
    if (!dag) throw new Error('The DAG is there.');
    const trigger = dag.steps[0] as Step;
    const change = async (steps: readonly Step[], revision: number, version: string) => {
      await world.dags.update({ ...dag, steps: [trigger, ...steps], version }, revision, { publish: true });
    };
    await change([{ id: 'a', operator: '@test/look' }, call('b')], 1, 'v0.1.0');
    await expect(world.runs.retries.retry(ann, first.id, { ...again, version: 'latest' })).rejects.toMatchObject({
      code: 'instance.retry_version_differs',
      faults: [{ code: 'step.differs', message: 'The step "a" calls @test/look now.' }],
    });
    await change([call('a'), call('b'), call('c')], 2, 'v0.2.0');
    const { instance } = await world.runs.retries.retry(ann, first.id, { ...again, version: 'latest' });
    expect(instance.version).toBe('v0.2.0');
  });

  it('of a retry counts on, and survives a crash', async () => {
    const first = await ended([call('a'), call('b')], [true, false]);
    const second = await world.runs.retries.retry(ann, first.id, again);
    await settle();
    await world.answer(failed('test.failed', 'Again.'));
    const third = await world.runs.retries.retry(ann, second.instance.id, again);
    expect(third.instance).toMatchObject({ attempt: 3, retryOf: second.instance.id, rootId: first.id });
    await settle();
    world.crash();
    await world.restart();
    await settle();
    expect(openPaths()).toEqual(['b']);
    await world.answer(done({}));
    expect((await now(third.instance)).status).toBe('succeeded');
  });
});
