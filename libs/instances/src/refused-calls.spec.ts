import { LINES_EACH, type LogLine } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const caller = aCaller();
const FROM = '203.0.113.7';

describe('a call of a callback that is refused', () => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const pass = (ms: number) => world.clock.advance(ms);
  const run = async (...more: object[]): Promise<InstanceId> => {
    const dag = await world.aDag([{ id: 'c', operator: '@control/callback' }, ...(more as never[])]);
    const { id } = await world.service.start(caller, dag.id, {});
    await pass(1);
    return id;
  };
  const tokenOf = (id: InstanceId, attempt = 1) => world.addresses.addressOf(caller.domain, id, 'c', attempt).token;
  const refused = async (id: InstanceId, body: string, attempt = 1) =>
    expect(world.runs.callbacks.take(tokenOf(id, attempt), body, FROM)).rejects.toMatchObject({
      code: 'callback.not_found',
    });
  const lines = async (id: InstanceId): Promise<readonly LogLine[]> => {
    for (let turn = 0; turn < 10; turn += 1) {
      await settle();
      await pass(200);
    }
    await world.logs.caughtUp();
    return world.taskLog.read(caller.domain, id, 0, 200);
  };

  it('is a line of its step, which says when, from where and why, and nothing of what it brought', async () => {
    const id = await run({ id: 'w', operator: '@test/call' });
    await world.runs.callbacks.take(tokenOf(id), { secret: 'first' }, FROM);
    const at = world.clock.now().toISOString();
    await refused(id, 'the second body');
    const [line, ...others] = await lines(id);
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      kind: 'refused',
      at,
      level: 'warn',
      stepId: 'c',
      path: 'c',
      attempt: 1,
      fields: { what: 'answer', because: 'answered', calls: 1, from: FROM },
    });
    expect(line?.taskId).toMatch(new RegExp(`^${id}`));
    expect(JSON.stringify(line)).not.toContain('second body');
    expect(JSON.stringify(line)).not.toContain(tokenOf(id));
  });

  it('is one also when its instance has ended, and by hand', async () => {
    const id = await run();
    await world.runs.callbacks.take(tokenOf(id), {}, FROM);
    await pass(1);
    await refused(id, 'late');
    await expect(world.runs.callbacks.progress(tokenOf(id), {}, FROM)).rejects.toThrow();
    const task = (await world.service.tasks(caller, id, { limit: 10 })).items.find(({ stepId }) => stepId === 'c');
    await expect(
      world.runs.callbacks.continue(caller, task?.id ?? '', { status: 'succeeded', output: 1 }),
    ).rejects.toMatchObject({ code: 'task.has_ended' });
    expect((await lines(id)).map(({ fields, taskId }) => [taskId, fields])).toEqual([
      [task?.id, { what: 'answer', because: 'instance_ended', calls: 1, from: FROM }],
      [task?.id, { what: 'progress', because: 'instance_ended', calls: 1, from: FROM }],
      [task?.id, { what: 'continuation', because: 'instance_ended', calls: 1, from: caller.principal }],
    ]);
  });

  it('is counted when there are many, so that nobody makes an instance grow', async () => {
    const id = await run();
    await world.runs.callbacks.take(tokenOf(id), {}, FROM);
    for (let n = 0; n < 330; n += 1) await refused(id, 'again');
    const told = await lines(id);
    expect(told).toHaveLength(LINES_EACH + 4);
    expect(told.slice(LINES_EACH).map(({ fields }) => fields?.calls)).toEqual([20, 40, 80, 160]);
  });

  it('is none where it belongs to no instance', async () => {
    const id = await run();
    await expect(world.runs.callbacks.take('forged', {}, FROM)).rejects.toMatchObject({ code: 'callback.not_found' });
    expect(world.called).toEqual(['forged']);
    expect(await lines(id)).toEqual([]);
  });
});
