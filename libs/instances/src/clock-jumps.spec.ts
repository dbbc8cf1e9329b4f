import { done, failed, type Step } from '@flow/operators';
import type { Instance } from '@flow/instances';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const HOUR = 3_600_000;
const MOST_HELD = 60;
/** What is taken up in one turn may be that much more. */
const A_TURN = 50;
const ann = aCaller();
const wait = (duration: string): Step => ({ id: 'w', operator: '@control/wait', parameters: { duration } });
const call = (more: Partial<Step> = {}): Step => ({ id: 'c', operator: '@test/call', ...more });

describe.each([
  ['ahead', HOUR],
  ['back', -HOUR / 2],
])('when the wall clock is set %s', (_way, byMs) => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open({ limits: { liveInstances: MOST_HELD } });
  });
  afterEach(() => {
    expect(world.bugs).toEqual([]);
    world.close();
  });

  const started = async (...steps: Step[]) => world.service.start(ann, (await world.aDag(steps)).id, {});
  const statusOf = async ({ id }: Instance) => (await world.service.get(ann, id)).status;

  it('a wait that is held lasts as long as it says', async () => {
    const held = await started(wait('PT4S'));
    await world.clock.advance(1_000);
    world.clock.jump(byMs);
    await world.clock.advance(2_999);
    expect(await statusOf(held)).toBe('waiting');
    await world.clock.advance(1);
    expect(await statusOf(held)).toBe('succeeded');
  });

  it('a pause before a retry lasts as long as it says', async () => {
    const retry = { max: 3, delay: 2, backoff: 'fixed', jitter: false } as const;
    await started(call({ settings: { retry } }));
    await settle();
    await world.answer({ kind: 'failed', error: { code: 'x', message: 'Not yet.', retryable: true } });
    world.clock.jump(byMs);
    await world.clock.advance(1_999);
    expect(world.calls).toHaveLength(0);
    await world.clock.advance(1);
    expect(world.calls).toHaveLength(1);
  });

  it('the time that a call has is as long as it says', async () => {
    const instance = await started(call({ settings: { timeout: { delay: 3 } } }));
    await settle();
    world.clock.jump(byMs);
    await world.clock.advance(2_999);
    expect(world.calls[0]?.context.signal.aborted).toBe(false);
    await world.clock.advance(1);
    expect(world.calls[0]?.context.signal.aborted).toBe(true);
    world.calls[0]?.answer(failed('x', 'It was aborted.'));
    await settle();
    expect(await statusOf(instance)).toBe('failed');
  });

  it('a run that nobody holds goes on at its moment by that clock, not before and not much later', async () => {
    const parked = await started(wait('PT2H'));
    await settle();
    expect(world.runner.liveCount).toBe(0);
    const at = world.clock.now().getTime() + 2 * HOUR;
    world.clock.jump(byMs);
    await world.clock.advance(at - world.clock.now().getTime() - 1);
    expect(await statusOf(parked)).toBe('waiting');
    await world.clock.advance(1 + 60_000);
    expect(await statusOf(parked)).toBe('succeeded');
  });

  it('hundreds that are due at once go on each once, not all of them at a time', async () => {
    const dag = await world.aDag([wait('PT30M'), call()]);
    for (let i = 0; i < 300; i += 1) await world.service.start(ann, dag.id, {});
    await settle();
    world.clock.jump(byMs);
    let answered = 0;
    let most = 0;
    const keys = new Set<string>();
    for (let minute = 0; minute < 70 && answered < 300; minute += 1) {
      await world.clock.advance(60_000);
      for (let call = world.calls.shift(); call; call = world.calls.shift()) {
        most = Math.max(most, world.runner.liveCount);
        keys.add(call.context.idempotencyKey);
        answered += 1;
        call.answer(done(null));
        await world.clock.advance(50);
      }
    }
    expect([answered, keys.size]).toEqual([300, 300]);
    expect(most).toBeLessThan(MOST_HELD + A_TURN);
    await world.clock.advance(1_000);
    expect((await world.service.list(ann, { status: ['succeeded'] }, { limit: 1, count: true })).total).toBe(300);
  });
});
