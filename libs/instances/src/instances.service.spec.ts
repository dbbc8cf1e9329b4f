import { PermissionMissing } from '@flow/auth';
import type { Instance } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { done, failed, failedForNow, type ActionOperator, type Step } from '@flow/operators';
import { armFailpoint } from '@flow/platform';
import { testOperators } from '@flow/testing/engine';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const pure = (id: string, parameters = {}): Step => ({ id, operator: '@test/pure', parameters });
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });
const look = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/look', ...more });
const everything = { limit: 200 };
const ann = aCaller();

describe('a run', () => {
  let world: RunWorld;
  beforeEach(async () => (world = await RunWorld.open()));
  afterEach(() => world.close());

  const now = (instance: Instance) => world.service.get(ann, instance.id);

  it('is durable when its start is answered, and tells what it did', async () => {
    const dag = await world.aDag([
      pure('a', { n: 1 }),
      { id: 'r', operator: '@internal/return', parameters: { n: '{{__a.n + 1}}' } },
    ]);
    const instance = await world.service.start(ann, dag.id, { data: { x: 1 }, labels: { team: 'red' } });
    expect(instance).toMatchObject({
      status: 'succeeded',
      result: { n: 2 },
      version: 'v0.0.0',
      input: { x: 1 },
      labels: { team: 'red' },
      createdBy: 'ann',
    });
    expect(await now(instance)).toEqual(instance);
    const tasks = await world.service.tasks(ann, instance.id, everything);
    expect(tasks.items.map(({ path, status }) => `${path} ${status}`).sort()).toEqual([
      '0 succeeded',
      'a succeeded',
      'r succeeded',
    ]);
    const history = await world.service.history(ann, instance.id, 0, 100);
    expect(history.items.map(({ type }) => type)).toEqual([
      'instance.started',
      'task.succeeded',
      'task.running',
      'task.succeeded',
      'task.succeeded',
      'instance.succeeded',
    ]);
    expect(history.nextSeq).toBeNull();
  });

  it('calls an operator with an effect only when what came before is durable', async () => {
    const dag = await world.aDag([pure('a'), call('b')]);
    const started = world.service.start(ann, dag.id, {});
    expect(world.calls).toHaveLength(0);
    const instance = await started;
    await settle();
    expect(instance.status).toBe('running');
    expect(world.calls).toHaveLength(1);
    const context = await world.answer(done({ ok: true }));
    expect(context).toMatchObject({ idempotencyKey: `${instance.id}:b`, task: { path: 'b', attempt: 1 } });
    expect(await now(instance)).toMatchObject({ status: 'succeeded', progress: { total: 3, done: 3 } });
  });

  it('answers at its end when asked to wait, and as it stands when the time is over first', async () => {
    const dag = await world.aDag([call('a')]);
    const ends = world.service.start(ann, dag.id, {}, { waitMs: 1_000 });
    await settle();
    await world.answer(failed('x.y', 'No.'));
    expect(await ends).toMatchObject({ status: 'failed', reason: { code: 'x.y', stepId: 'a', path: 'a', attempt: 1 } });

    const goesOn = world.service.start(ann, dag.id, {}, { waitMs: 1_000 });
    await world.clock.advance(1_001);
    expect((await goesOn).status).toBe('running');
  });

  it('answers who comes while its end is on its way to the log, and writes no rows for that', async () => {
    const dag = await world.aDag([call('a')]);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    world.calls.shift()!.answer(done(null));
    for (let turns = 0; turns < 100 && !world.runner.isEnding(id); turns += 1) await Promise.resolve();
    expect(world.runner.isEnding(id)).toBe(true);
    expect(await world.runner.ended(id, 1_000)).toMatchObject({ status: 'succeeded' });
    expect(world.runner.projector.isBehind(id)).toBe(true);
  });

  it('repeats what may pass, after the pause that was asked for', async () => {
    const dag = await world.aDag([look('a', { settings: { retry: { max: 2, delay: 5 } } })]);
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    await world.answer(failedForNow('busy', 'Later.'));
    expect((await now(instance)).status).toBe('waiting');
    await world.clock.advance(4_999);
    expect(world.calls).toHaveLength(0);
    await world.clock.advance(1);
    expect((await world.answer(done(1))).task.attempt).toBe(2);
    expect((await now(instance)).status).toBe('succeeded');
  });

  it('aborts an attempt whose time is over', async () => {
    const dag = await world.aDag([call('a', { settings: { timeout: { delay: 2 } } })]);
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    await world.clock.advance(2_000);
    expect(world.calls[0]?.context.signal.aborted).toBe(true);
    await world.answer(failed('gone', 'Aborted.'));
    expect(await now(instance)).toMatchObject({ status: 'failed', reason: { code: 'task.timeout', stepId: 'a' } });
  });

  it('gives up an operator that ignores the end of its time', async () => {
    const dag = await world.aDag([call('a', { settings: { timeout: { delay: 2 } } })]);
    const instance = await world.service.start(ann, dag.id, {});
    await world.clock.advance(12_000);
    expect(await now(instance)).toMatchObject({ status: 'failed', reason: { code: 'task.timeout' } });
    await world.answer(done('late'));
    expect((await now(instance)).status).toBe('failed');
  });

  it('ends when its own time is over', async () => {
    const dag = await world.aDag([call('a')], { timeout: 'PT5S' });
    const instance = await world.service.start(ann, dag.id, {});
    await world.clock.advance(5_000);
    expect(world.calls[0]?.context.signal.aborted).toBe(true);
    await world.answer(failed('gone', 'Aborted.'));
    expect(await now(instance)).toMatchObject({ status: 'failed', reason: { code: 'instance.timeout' } });
  });

  it('is cancelled durably; an operator that ignores its abort is given up after ten seconds', async () => {
    const dag = await world.aDag([call('a'), call('b')]);
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    expect((await world.runs.actions.cancel(ann, instance.id, { reason: 'enough' })).status).toBe('cancelling');
    await world.clock.advance(9_999);
    expect((await now(instance)).status).toBe('cancelling');
    await world.clock.advance(1);
    expect(await now(instance)).toMatchObject({
      status: 'cancelled',
      reason: { code: 'instance.cancelled', message: 'enough' },
    });
    await world.answer(done('late'));
    expect((await now(instance)).status).toBe('cancelled');
    await expect(world.runs.actions.cancel(ann, instance.id, { reason: null })).rejects.toMatchObject({
      code: 'instance.has_ended',
      kind: 'conflict',
    });
  });

  it('keeps the version that it started on', async () => {
    const dag = await world.aDag([{ id: 'r', operator: '@internal/return', parameters: { v: 1 } }]);
    await world.dags.update(
      { ...dag, version: 'v0.0.1', steps: [{ id: '0', operator: '@trigger/manual' }] },
      dag.revision,
      { publish: true },
    );
    expect(await world.service.start(ann, dag.id, {})).toMatchObject({ version: 'v0.0.1', result: null });
    expect(await world.service.start(ann, dag.id, { version: 'v0.0.0' })).toMatchObject({
      version: 'v0.0.0',
      result: { v: 1 },
    });
    await expect(world.service.start(ann, dag.id, { version: 'v9.0.0' })).rejects.toMatchObject({
      code: 'version.not_found',
    });
  });

  it('is refused for a stopped DAG, an unknown one and a foreign one', async () => {
    const dag = await world.aDag([], { status: 'stopped' });
    await expect(world.service.start(ann, dag.id, {})).rejects.toMatchObject({ code: 'dag.stopped' });
    await expect(world.service.start(aCaller({ domain: 'other' }), dag.id, {})).rejects.toMatchObject({
      code: 'dag.not_found',
    });
    await expect(world.service.start(aCaller({ permissions: [] }), dag.id, {})).rejects.toThrow(PermissionMissing);
  });

  it('is not seen from another business domain', async () => {
    const dag = await world.aDag([]);
    const { id } = await world.service.start(ann, dag.id, {});
    const bob = aCaller({ domain: 'other' });
    for (const question of [
      world.service.get(bob, id),
      world.service.tasks(bob, id, everything),
      world.runs.actions.cancel(bob, id, { reason: null }),
      world.service.history(bob, id, 0, 9),
    ])
      await expect(question).rejects.toMatchObject({ code: 'instance.not_found' });
    expect((await world.service.list(bob, {}, everything)).items).toEqual([]);
  });

  it('starts once for one reserved id', async () => {
    const dag = await world.aDag([call('a')]);
    const id = world.ids.next<InstanceId>();
    await world.service.start(ann, dag.id, {}, { id });
    const again = await world.service.start(ann, dag.id, {}, { id });
    expect(again).toMatchObject({ id, status: 'running' });
    expect((await world.service.list(ann, {}, everything)).items).toHaveLength(1);
  });

  it('fails with a clear reason when an output is too large', async () => {
    const dag = await world.aDag([call('a')]);
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    const ended = world.runner.ended(instance.id, 60_000);
    await world.answer(done('x'.repeat(100_001)));
    expect(await ended).toMatchObject({ status: 'failed', reason: { code: 'task.output_too_large' } });
  });

  it('keeps nothing of what came back with a failure when that is too large, and says so', async () => {
    const dag = await world.aDag([call('a')]);
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    await world.answer(failed('test.refused', 'No.', 'x'.repeat(10_001)));
    const { items } = await world.service.tasks(ann, instance.id, everything);
    expect(items.at(-1)?.error).toEqual({
      code: 'test.refused',
      message: 'No. What came back is larger than 10000 bytes and is not kept.',
    });
  });

  it('counts the inputs of its tasks with their outputs', async () => {
    const parameters = { x: Array.from({ length: 300 }, () => '{{trigger.text}}') };
    const dag = await world.aDag([call('a', { parameters })]);
    const instance = await world.service.start(ann, dag.id, { data: { text: 'x'.repeat(5_000) } });
    await settle();
    await world.answer(done(1));
    expect(await now(instance)).toMatchObject({ status: 'failed', reason: { code: 'instance.too_large' } });
  });

  it('reads variables and the allowed environment as they were at its start', async () => {
    const dag = await world.aDag([
      {
        id: 'r',
        operator: '@internal/return',
        parameters: { x: '{{variables.rate}}', y: '{{env.REGION}}', z: '{{instance.dagId}}' },
      },
    ]);
    expect(await world.service.start(ann, dag.id, {})).toMatchObject({ result: { x: 3, y: 'north', z: dag.id } });
  });

  it('has a chain of pure steps as one transition, however long', async () => {
    const dag = await world.aDag(Array.from({ length: 600 }, (_, i) => pure(`p${i}`)));
    const instance = await world.service.start(ann, dag.id, {}, { waitMs: 10_000 });
    expect(instance.status).toBe('succeeded');
  });
});

describe('an operator that breaks', () => {
  it('fails its step and nobody else', async () => {
    const broken: ActionOperator = {
      ...(testOperators().find(({ id }) => id === '@test/pure') as ActionOperator),
      id: '@test/broken',
      run: () => {
        throw new TypeError('oops');
      },
    };
    const world = await RunWorld.open({ operators: [broken] });
    const dag = await world.aDag([{ id: 'a', operator: '@test/broken' }]);
    expect(await world.service.start(ann, dag.id, {})).toMatchObject({
      status: 'failed',
      reason: { code: 'operator.crashed', stepId: 'a' },
    });
    expect(world.bugs).toHaveLength(1);
    world.close();
  });
});

describe('secrets in a run', () => {
  it('reach the operator in the clear, and no record, log line or output', async () => {
    const world = await RunWorld.open({ secrets: { key: { value: 'hunter2-hunter2', hosts: ['api.example.com'] } } });
    const dag = await world.aDag([call('a', { parameters: { token: 'Bearer {{secrets.key}}' } })]);
    const instance = await world.service.start(ann, dag.id, {});
    await settle();
    const open = world.calls[0]!;
    expect(open.context.parameters).toEqual({ token: 'Bearer hunter2-hunter2' });
    expect(open.context.secretsInUse).toEqual([{ name: 'key', hosts: ['api.example.com'] }]);
    open.context.conceal('a-token-for-it');
    open.context.log.info('sent hunter2-hunter2', { header: 'hunter2-hunter2' });
    await world.answer(done({ echo: 'you sent Bearer hunter2-hunter2', token: 'a-token-for-it' }));
    const tasks = await world.service.tasks(ann, instance.id, everything);
    const task = tasks.items.find(({ stepId }) => stepId === 'a');
    expect(task).toMatchObject({
      input: { token: 'Bearer {{secrets.key}}' },
      output: { echo: 'you sent Bearer ***', token: '***' },
    });
    await world.logs.caughtUp();
    const lines = await world.taskLog.read(ann.domain, instance.id, 0, 10);
    expect(lines).toMatchObject([{ message: 'sent ***', fields: { header: '***' } }]);
    const stored = JSON.stringify([tasks, await world.service.history(ann, instance.id, 0, 99), lines]);
    expect(stored).not.toContain('hunter2');
    world.close();
  });
});

describe('an operator that breaks over a secret', () => {
  it('does not carry it into the record or the log of faults', async () => {
    const broken = {
      ...(testOperators().find(({ id }) => id === '@test/write') as ActionOperator),
      id: '@test/broken',
      parameters: { type: 'object', properties: { token: { type: 'string', 'x-secret': true } } },
      run: ({ parameters }: { parameters: object }): never => {
        throw new TypeError(`cannot send ${JSON.stringify(parameters)}`);
      },
    };
    const world = await RunWorld.open({
      secrets: { key: { value: 'hunter2-hunter2', hosts: [] } },
      operators: [broken],
    });
    const dag = await world.aDag([{ id: 'a', operator: '@test/broken', parameters: { token: '{{secrets.key}}' } }]);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    const told = JSON.stringify([await world.service.get(ann, id), await world.service.history(ann, id, 0, 99)]);
    expect(told).toContain('operator.crashed');
    expect(told).toContain('***');
    const bug = world.bugs[0] as Error;
    for (const text of [told, bug.message, bug.stack]) expect(text).not.toContain('hunter2');
    expect(bug.stack).toContain('TypeError');
    world.close();
  });
});

describe('limits', () => {
  it('refuse starts while all live runs hold too much, and fail those that hold more than their share', async () => {
    const world = await RunWorld.open({ limits: { liveBytes: 20_000 } });
    const dag = await world.aDag([call('a'), call('b'), call('c'), call('d')]);
    const large = await world.service.start(ann, dag.id, {});
    const small = await world.service.start(ann, dag.id, {});
    await settle();
    for (let i = 0; i < 3; i += 1) {
      const next = world.calls.findIndex(({ context }) => context.instance.id === large.id);
      world.calls.splice(next, 1)[0]?.answer(done('x'.repeat(9_000)));
      await settle();
    }
    expect(await world.service.get(ann, large.id)).toMatchObject({ reason: { code: 'instance.too_large' } });
    expect(await world.service.get(ann, small.id)).toMatchObject({ status: 'running' });
    await expect(world.service.start(ann, dag.id, {})).resolves.toMatchObject({ status: 'running' });
    world.close();
  });

  it('refuse a start past the live instances, and keep nothing of it', async () => {
    const world = await RunWorld.open({ limits: { liveInstances: 2 } });
    const dag = await world.aDag([call('a')]);
    await world.service.start(ann, dag.id, {});
    await world.service.start(ann, dag.id, {});
    await expect(world.service.start(ann, dag.id, {})).rejects.toMatchObject({
      code: 'instance.too_many_live',
      kind: 'unavailable',
      retryAfterMs: 1_000,
    });
    expect((await world.service.list(ann, {}, { ...everything, count: true })).total).toBe(2);
    world.close();
  });

  it('call only so many operators at once, those of higher priority first', async () => {
    const world = await RunWorld.open({ limits: { operatorCalls: 1 } });
    const dag = await world.aDag([call('a', { parameters: { p: '{{trigger.p}}' } })]);
    for (const priority of ['low', 'medium', 'highest'] as const)
      await world.service.start(ann, dag.id, { priority, data: { p: priority } });
    await settle();
    expect(world.calls).toHaveLength(1);
    const order: unknown[] = [];
    while (world.calls.length > 0) order.push((await world.answer(done(1))).parameters.p);
    expect(order).toEqual(['low', 'highest', 'medium']);
    world.close();
  });
});

describe('a log that cannot be written', () => {
  it('loses nothing that it was given, refuses new starts, and goes on by itself', async () => {
    const world = await RunWorld.open();
    const dag = await world.aDag([call('a')]);
    armFailpoint('log.append.before:throw');
    const waiting = world.service.start(ann, dag.id, {});
    await settle();
    await expect(world.service.start(ann, dag.id, {})).rejects.toMatchObject({
      code: 'log.unavailable',
      kind: 'unavailable',
    });
    armFailpoint(undefined);
    await world.clock.advance(200);
    expect((await waiting).status).toBe('running');
    expect((await world.service.start(ann, dag.id, {})).status).toBe('running');
    world.close();
  });
});

describe('a worker that dies', () => {
  let world: RunWorld;
  beforeEach(async () => (world = await RunWorld.open()));
  afterEach(() => world.close());

  it('loses nothing that was acknowledged, though no row was written', async () => {
    const dag = await world.aDag([call('a'), call('b')]);
    const ids = [];
    for (let i = 0; i < 10; i += 1) ids.push((await world.service.start(ann, dag.id, { data: { i } })).id);
    await settle();
    await world.answer(done({ first: true }));
    world.crash();
    const recovered = await world.restart();
    expect(recovered).toMatchObject({ logs: 1, adopted: 10, left: [] });
    await settle();
    const called = world.calls.map(({ context }) => context.idempotencyKey).sort();
    expect(called).toEqual(ids.map((id, i) => `${id}:${i === 0 ? 'b' : 'a'}`).sort());
    while (world.calls.length > 0) await world.answer(done({}));
    const list = await world.service.list(ann, { status: ['succeeded'] }, { ...everything, count: true });
    expect(list.total).toBe(10);
  });

  it('leaves ended runs alone', async () => {
    const dag = await world.aDag([pure('a')]);
    const instance = await world.service.start(ann, dag.id, {});
    world.crash();
    expect(await world.restart()).toMatchObject({ replayed: 1, adopted: 0 });
    expect(await world.service.get(ann, instance.id)).toEqual(instance);
  });

  it('has its write called again with the same bytes, and failed at the third death', async () => {
    const dag = await world.aDag([call('a', { parameters: { n: '{{trigger.n}}' } })]);
    const instance = await world.service.start(ann, dag.id, { data: { n: 5 } });
    for (let death = 1; death <= 2; death += 1) {
      await settle();
      world.crash();
      await world.restart();
      await settle();
      expect(world.calls.map(({ context }) => context.parameters)).toEqual([{ n: 5 }]);
    }
    world.crash();
    await world.restart();
    expect(await world.service.get(ann, instance.id)).toMatchObject({
      status: 'failed',
      reason: { code: 'task.worker_lost', stepId: 'a' },
    });
    expect(world.calls).toHaveLength(0);
  });

  it('keeps the pause before a retry, to the moment', async () => {
    const dag = await world.aDag([look('a', { settings: { retry: { max: 1, delay: 60 } } })]);
    await world.service.start(ann, dag.id, {});
    await settle();
    await world.answer(failedForNow('busy', 'Later.'));
    await world.clock.advance(10_000);
    world.crash();
    await world.restart();
    await world.clock.advance(49_999);
    expect(world.calls).toHaveLength(0);
    await world.clock.advance(1);
    expect(world.calls).toHaveLength(1);
  });

  it('gives the same history before and after', async () => {
    const dag = await world.aDag([call('a'), call('b')]);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    await world.answer(done(1));
    const before = (await world.service.history(ann, id, 0, 99)).items;
    world.crash();
    await world.restart();
    expect((await world.service.history(ann, id, 0, 99)).items.slice(0, before.length)).toEqual(before);
  });
});

describe('a worker that stops', () => {
  it('lets calls end, hands its runs on, and no death is counted', async () => {
    const world = await RunWorld.open();
    const dag = await world.aDag([call('a'), call('b')]);
    const { id } = await world.service.start(ann, dag.id, {});
    for (let round = 0; round < 4; round += 1) {
      await settle();
      const drained = world.runner.drain(5_000);
      await expect(world.service.start(ann, dag.id, {})).rejects.toMatchObject({ code: 'server.draining' });
      if (round === 0) await world.answer(done('a'));
      else await world.clock.advance(1);
      await world.clock.advance(5_000);
      await drained;
      world.crash();
      expect(await world.restart()).toMatchObject({ adopted: 1 });
      if (round === 0) expect(world.bugs).toEqual([]);
      if (round === 0) break;
    }
    await settle();
    expect(world.calls.map(({ context }) => context.task.path)).toEqual(['b']);
    await world.answer(done('b'));
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
    world.close();
  });
});
