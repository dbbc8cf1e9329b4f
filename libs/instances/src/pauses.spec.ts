import { failedForNow, done, type Step } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { FixedClock, settle } from '@flow/testing/kernel';
import { RunTimers } from './run-timers';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;
const call = (id: string, more: Partial<Step> = {}): Step => ({ id, operator: '@test/call', ...more });
const ann = aCaller();

describe('the time of a run', () => {
  let world: RunWorld;
  beforeEach(async () => (world = await RunWorld.open()));
  afterEach(() => world.close());

  const started = async (steps: readonly Step[], fields = {}) => {
    const dag = await world.aDag(steps, fields);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    return id;
  };

  it.each([false, true])('stands still while it is paused, also over a death (%s)', async (dies) => {
    const id = await started([{ id: 'w', operator: '@control/callback' }], { timeout: 'PT10S' });
    await world.clock.advance(3 * SECOND);
    await world.runs.actions.pause(ann, id);
    await world.clock.advance(DAY / 2);
    if (dies) {
      world.crash();
      await world.restart();
      await world.clock.advance(DAY / 4);
    }
    expect((await world.service.get(ann, id)).status).toBe('paused');
    await world.runs.actions.resume(ann, id);
    await world.clock.advance(6_900);
    expect((await world.service.get(ann, id)).status).toBe('waiting');
    await world.clock.advance(100);
    expect(await world.service.get(ann, id)).toMatchObject({ status: 'failed', reason: { code: 'instance.timeout' } });
    const { items } = await world.service.history(ann, id, 0, 100);
    expect(items.filter(({ type }) => /^instance/.test(type) && type !== 'instance.recovered')).toMatchObject([
      { type: 'instance.started' },
      { type: 'instance.paused', by: 'ann' },
      { type: 'instance.resumed', by: 'ann' },
      { type: 'instance.expired' },
      { type: 'instance.failed' },
    ]);
  });

  it('goes on for waits while it is paused: what is over by then is acted on at the resume', async () => {
    const id = await started([{ id: 'w', operator: '@control/wait', parameters: { duration: 'PT5S' } }, call('a')]);
    await world.runs.actions.pause(ann, id);
    await world.clock.advance(6 * SECOND);
    expect(world.calls).toHaveLength(0);
    await world.runs.actions.resume(ann, id);
    await settle();
    expect(world.calls.map(({ context }) => context.idempotencyKey)).toEqual([`${id}:a`]);
    await world.answer(done({}));
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
  });

  it('holds a further attempt that falls due while it is paused until the resume', async () => {
    const id = await started([call('a', { settings: { retry: { max: 2, delay: 1 } } })]);
    await world.answer(failedForNow('test.busy', 'busy'));
    await world.runs.actions.pause(ann, id);
    await world.clock.advance(60 * SECOND);
    expect(world.calls).toHaveLength(0);
    await world.runs.actions.resume(ann, id);
    await settle();
    await world.answer(done({}));
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
  });

  it('gives up what a cancel leaves running after a minute, and says so', async () => {
    const id = await started([{ id: 't', operator: '@control/flow/try', steps: [call('a')], finally: [call('last')] }]);
    await world.runs.actions.cancel(ann, id, { reason: 'enough' });
    await world.answer(done({}));
    await world.clock.advance(61 * SECOND);
    expect((await world.service.get(ann, id)).status).toBe('cancelled');
    const types = (await world.service.history(ann, id, 0, 100)).items.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['instance.cancelling', 'instance.forced', 'instance.cancelled']));
  });

  it('may be a year long: a wait rings on its day and not before, also over a death', async () => {
    const id = await started([{ id: 'w', operator: '@control/wait', parameters: { duration: 'P360D' } }]);
    await world.clock.advance(200 * DAY);
    world.crash();
    await world.restart();
    await world.clock.advance(160 * DAY - SECOND);
    expect((await world.service.get(ann, id)).status).toBe('waiting');
    await world.clock.advance(SECOND);
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
  });
});

/** Takes no delay that a timer of the machine would not take. */
class MachineClock extends FixedClock {
  override after(delayMs: number, callback: () => void): () => void {
    if (delayMs > 2 ** 31 - 1) throw new RangeError(`A timer cannot wait ${delayMs} ms.`);
    return super.after(delayMs, callback);
  }
}

describe('a timer', () => {
  it('that is far away rings once, at its time', async () => {
    const clock = new MachineClock();
    const timers = new RunTimers(clock);
    const rung: number[] = [];
    const at = clock.now().getTime() + 100 * DAY;
    timers.set('far', at, () => rung.push(clock.now().getTime()));
    await clock.advance(99 * DAY);
    expect(rung).toEqual([]);
    await clock.advance(2 * DAY);
    expect(rung).toEqual([at]);
  });

  it('that is far away can be taken back at any time', async () => {
    const clock = new MachineClock();
    const timers = new RunTimers(clock);
    const rung: string[] = [];
    timers.set('a', clock.now().getTime() + 60 * DAY, () => rung.push('a'));
    timers.set('b', clock.now().getTime() + 60 * DAY, () => rung.push('b'));
    await clock.advance(30 * DAY);
    timers.clear('a');
    await clock.advance(60 * DAY);
    expect(rung).toEqual(['b']);
  });
});

describe('a stop while the log cannot be written', () => {
  it('ends in its time, and what was durable is found at the next start', async () => {
    const world = await RunWorld.open();
    const dag = await world.aDag([call('a')]);
    const { id } = await world.service.start(ann, dag.id, {});
    await settle();
    const [open] = world.calls;
    // From here on no write succeeds.
    world.crash();
    open?.answer(done({}));
    const stops = { done: false };
    const stopped = world.runs.drain(5 * SECOND).then(() => (stops.done = true));
    await world.clock.advance(6 * SECOND);
    expect(stops.done).toBe(true);
    await stopped;
    await world.restart();
    await settle();
    expect(world.calls.map(({ context }) => context.idempotencyKey)).toEqual([`${id}:a`]);
    await world.answer(done({}));
    expect((await world.service.get(ann, id)).status).toBe('succeeded');
    world.close();
  });
});
