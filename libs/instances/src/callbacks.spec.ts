import type { InstanceId } from '@flow/kernel';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';
import type { Instance, Task } from './instance';

const MINUTE = 60_000;

describe('A step that waits for a callback', () => {
  let world: RunWorld;
  const caller = aCaller();
  beforeEach(async () => (world = await RunWorld.open()));
  afterEach(() => world.close());

  const run = async (parameters: object = {}, settings: object = {}): Promise<InstanceId> => {
    const step = { id: 'c', operator: '@control/callback', parameters: parameters as never, settings };
    const dag = await world.aDag([
      step,
      { id: 'e', operator: '@internal/return', parameters: { got: '{{__c.body}}' } },
    ]);
    const { id } = await world.service.start(caller, dag.id, {});
    await settle();
    return id;
  };
  const tokenOf = (id: InstanceId, attempt = 1) => world.addresses.addressOf(caller.domain, id, 'c', attempt).token;
  const progress = (id: InstanceId, said: object = {}) => world.runs.callbacks.progress(tokenOf(id), said);
  const get = (id: InstanceId): Promise<Instance> => world.service.get(caller, id);
  const task = async (id: InstanceId): Promise<Task> => {
    const { items } = await world.service.tasks(caller, id, { limit: 10 });
    return items.find(({ path }) => path === 'c')!;
  };
  const types = async (id: InstanceId) =>
    (await world.service.history(caller, id, 0, 100)).items
      .map(({ type }) => type)
      .filter((type) => type.startsWith('task.'));
  const pass = async (ms: number) => {
    await world.clock.advance(ms);
    await settle();
  };

  describe('with a heartbeat', () => {
    it('fails when no sign of life comes for so long, and not before', async () => {
      const id = await run({ heartbeat: 'PT1M' });
      await pass(50_000);
      await progress(id);
      await pass(MINUTE - 1);
      expect(await get(id)).toMatchObject({ status: 'waiting' });
      await pass(1);
      expect(await get(id)).toMatchObject({
        status: 'failed',
        reason: { code: 'callback.heartbeat_missed', path: 'c' },
      });
    });

    it('waits for the next sign after a death as if nothing had happened', async () => {
      const id = await run({ heartbeat: 'PT1M' });
      await pass(30_000);
      await progress(id, { percent: 30 });
      await world.runner.projector.caughtUp();
      world.crash();
      await world.restart();
      await pass(59_000);
      expect(await task(id)).toMatchObject({ status: 'waiting', waitingFor: { progress: { percent: 30 } } });
      await progress(id);
      await pass(59_000);
      expect(await get(id)).toMatchObject({ status: 'waiting' });
      await pass(1_000);
      expect(await get(id)).toMatchObject({ reason: { code: 'callback.heartbeat_missed' } });
    });

    it('still ends when the time for the answer is over', async () => {
      const id = await run({ heartbeat: 'PT1M' }, { timeout: { delay: 90 } });
      await pass(50_000);
      await progress(id);
      await pass(40_000);
      expect(await get(id)).toMatchObject({ reason: { code: 'task.timeout' } });
    });

    it('refuses one that is none', async () => {
      const id = await run({ heartbeat: 'PT1S' });
      expect(await get(id)).toMatchObject({ status: 'failed', reason: { code: 'callback.heartbeat_invalid' } });
    });
  });

  describe('is told of progress', () => {
    it('which its task shows, its history and no answer', async () => {
      const id = await run();
      await progress(id, { percent: 40, message: '4 of 10', data: { file: 'a' } });
      expect(await task(id)).toMatchObject({
        waitingFor: {
          kind: 'callback',
          seenAt: expect.any(String) as string,
          progress: { percent: 40, message: '4 of 10', data: { file: 'a' } },
        },
      });
      expect(await types(id)).toContain('task.progress');
      await world.runs.callbacks.take(tokenOf(id), { ok: true });
      expect(await get(id)).toMatchObject({ status: 'succeeded', result: { got: { ok: true } } });
    });

    it('once a second, so that nobody fills the store', async () => {
      const id = await run();
      await progress(id, { percent: 1 });
      await pass(400);
      await expect(progress(id, { percent: 2 })).rejects.toMatchObject({
        code: 'callback.progress_too_often',
        retryAfterMs: 600,
      });
      await pass(600);
      await progress(id, { percent: 3 });
      expect((await types(id)).filter((type) => type === 'task.progress')).toHaveLength(2);
      expect(await task(id)).toMatchObject({ waitingFor: { progress: { percent: 3 } } });
      await expect(progress(id, { data: 'x'.repeat(17_000) })).rejects.toMatchObject({
        code: 'callback.progress_too_large',
      });
    });

    it('not before it waits, not after it, and by nobody who has no address of it', async () => {
      const dag = await world.aDag([
        { id: 'a', operator: '@test/call' },
        { id: 'c', operator: '@control/callback' },
      ]);
      const { id } = await world.service.start(caller, dag.id, {});
      await settle();
      await expect(progress(id)).rejects.toMatchObject({ code: 'callback.not_waiting' });
      await world.runs.callbacks.take(tokenOf(id), 'early');
      await expect(progress(id)).rejects.toMatchObject({ code: 'callback.not_found' });
      await expect(world.runs.callbacks.take(tokenOf(id), 'again')).rejects.toMatchObject({
        code: 'callback.not_found',
      });
      await world.answer({ kind: 'done', output: {} });
      await expect(world.runs.callbacks.take(tokenOf(id), 'late')).rejects.toMatchObject({
        code: 'callback.not_found',
      });
      await expect(world.runs.callbacks.progress('forged', {})).rejects.toMatchObject({ code: 'callback.not_found' });
      expect(world.called).toEqual(['early', 'repeated', 'repeated', 'late', 'forged']);
    });
  });

  describe('is continued by hand', () => {
    const goOn = async (id: InstanceId, of: object = { status: 'succeeded', output: { ok: 1 } }) =>
      world.runs.callbacks.continue(caller, (await task(id)).id, of as never);

    it('with what the answer would have been, and says by whom', async () => {
      const id = await run();
      await goOn(id);
      expect(await get(id)).toMatchObject({ status: 'succeeded', result: { got: { ok: 1 } } });
      const { items } = await world.service.history(caller, id, 0, 100);
      expect(items.find(({ type }) => type === 'task.answered')).toMatchObject({ by: 'ann', path: 'c' });
    });

    it('as failed, without another attempt', async () => {
      const id = await run({}, { retry: { max: 3, delay: 1 } });
      await goOn(id, { status: 'failed', output: null, error: { code: 'warehouse.closed', message: 'Closed.' } });
      expect(await get(id)).toMatchObject({
        status: 'failed',
        reason: { code: 'warehouse.closed', message: 'Closed.', attempt: 1 },
      });
    });

    it('once, and never when it waits for no call', async () => {
      const id = await run();
      await goOn(id);
      await expect(goOn(id)).rejects.toMatchObject({ code: 'task.has_ended' });
      await expect(
        world.runs.callbacks.continue(caller, `${id}ZZZZZZ`, { status: 'succeeded', output: 1 }),
      ).rejects.toMatchObject({
        code: 'task.not_found',
      });
      const other = aCaller({ domain: 'other' });
      await expect(
        world.runs.callbacks.continue(other, (await task(id)).id, { status: 'succeeded', output: 1 }),
      ).rejects.toMatchObject({ code: 'task.not_found' });
      const dag = await world.aDag([{ id: 'c', operator: '@control/wait', parameters: { duration: 'PT1H' } }]);
      const waits = (await world.service.start(caller, dag.id, {})).id;
      await settle();
      await expect(goOn(waits)).rejects.toMatchObject({ code: 'task.not_waiting' });
    });
  });
});
