import type { InstanceId } from '@flow/kernel';
import { done, failed, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle, FixedClock } from '@flow/testing/kernel';
import { SealedCallbackAddresses } from './callbacks.service';
import { childIdOf } from './creation';
import { CallbackNotFound, ChildUnwanted, InstanceHasEnded, RunnerStopping } from './instance.errors';
import { OutboxRelay } from './outbox.relay';

const ann = aCaller();
/** As those of the world: made of the same key. */
const ADDRESSES = new SealedCallbackAddresses(new Uint8Array(32), () => '');
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });
const callback = (id: string): Step => ({ id, operator: '@control/callback' });

/** What the simulation (test/simulation) has found, each in its smallest form. */
describe('runs at the border between two workers', () => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open();
  });
  afterEach(() => world.close());

  const start = async (steps: readonly Step[], fields = {}): Promise<InstanceId> => {
    const dag = await world.aDag(steps, fields);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    return id;
  };
  const tokenOf = (id: InstanceId, path: string) => ADDRESSES.addressOf(ann.domain, id, path, 1).token;

  it('keeps the time of an instance over a clean stop', async () => {
    const id = await start([callback('q')], { timeout: 'PT40S' });
    await Promise.all([world.runs.drain(1_000), world.clock.advance(1_000)]);
    world.crash();
    await world.restart();
    await world.clock.advance(60_000);
    expect(await world.service.get(ann, id)).toMatchObject({ status: 'failed', reason: { code: 'instance.timeout' } });
  });

  it('answers a cancel that comes while the end is on its way to the log with that end', async () => {
    const id = await start([call('a')]);
    world.calls.shift()!.answer(done(null));
    await Promise.resolve().then(() => undefined);
    while (world.runner.holds(id)) await Promise.resolve();
    const told = world.runner.tell(id, (at) => ({ type: 'cancelled', at, by: 'ann', reason: null }));
    expect(await told).toBeUndefined();
    await expect(world.runs.actions.cancel(ann, id, { reason: null })).rejects.toThrow(InstanceHasEnded);
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
  });

  it('asks to come again when it is stopping', async () => {
    const id = await start([callback('q')]);
    await Promise.all([world.runs.drain(1_000), world.clock.advance(1_000)]);
    await expect(world.runs.actions.cancel(ann, id, { reason: null })).rejects.toThrow(RunnerStopping);
    await expect(world.runs.actions.resume(ann, id)).rejects.toThrow(RunnerStopping);
    await expect(world.runs.callbacks.take(tokenOf(id, 'q'), null)).rejects.toThrow(RunnerStopping);
    await expect(world.runs.callbacks.take('wrong', null)).rejects.toThrow(CallbackNotFound);
  });

  it('takes answers to steps that undo', async () => {
    const id = await start([call('a', { undo: callback('u') }), call('b')]);
    await world.answer(done(null));
    await world.answer(failed('test.failed', 'It failed.'));
    await world.runs.callbacks.take(tokenOf(id, 'a/@undo/u'), null);
    expect(await world.service.get(ann, id)).toMatchObject({ status: 'failed', reason: { code: 'test.failed' } });
    await expect(world.runs.callbacks.take(tokenOf(id, 'a/@undo/u'), null)).rejects.toThrow(CallbackNotFound);
  });

  it('starts no child for which nobody waits any more', async () => {
    const child = await world.aDag([callback('q')]);
    const id = await start([callback('q')]);
    const link = { id, path: 's', attempt: 1, index: 0, waits: true };
    const { creation } = world.runner.peek(id)!;
    const request = { dagId: child.id, version: undefined, data: {} };
    await expect(world.runs.starts.startChild(creation, link, request)).rejects.toThrow(ChildUnwanted);
    expect(world.runner.holds(childIdOf(id, 's', 1, 0))).toBe(false);
  });

  it('knows the children of a batch that end at once', async () => {
    const child = await world.aDag([{ id: 'p', operator: '@test/pure', parameters: { v: 1 } }]);
    const data = [{}, {}];
    const id = await start([
      { id: 's', operator: '@subflow/call/dataflow', parameters: { dagId: child.id, data } },
      { id: 'r', operator: '@internal/return', parameters: { items: '{{__s.items}}' } },
    ]);
    await settle();
    const { result } = await world.service.get(ann, id);
    expect(result).toMatchObject({ items: [{ id: childIdOf(id, 's', 1, 0) }, { id: childIdOf(id, 's', 1, 1) }] });
  });

  it('delivers no message before all runs are here', async () => {
    const delivered: string[] = [];
    const relay = new OutboxRelay(
      world.store,
      world.runner.projector,
      new FixedClock(),
      async ({ message }) => void delivered.push(message.kind),
      () => undefined,
    );
    relay.send([{ id: 'I:1:0', message: { kind: 'child.cancel', child: 'C' as InstanceId } }]);
    await settle();
    expect(delivered).toEqual([]);
    await relay.resume();
    await settle();
    expect(delivered).toEqual(['child.cancel']);
  });
});
