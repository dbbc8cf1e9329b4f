import { TriggerWorld } from '@flow/testing/triggers';
import { FIRINGS_KEPT_MS, FiringPurge } from './firing-purge';

describe('what triggers decided', () => {
  it('goes when it is thirty days old, but for dead letters', async () => {
    const world = await TriggerWorld.open();
    const dag = await world.aDag({ status: 'stopped' });
    const trigger = await world.aTrigger(dag, { kind: 'manual', config: {}, filter: '1 + [] > 1' });
    await world.triggers.fire(world.caller, trigger.id, undefined, 'k');
    const event = { id: 'e', data: {} };
    await world.first.firings.accept(trigger, [{ key: 'e', cause: 'event', at: world.clock.now(), event }]);
    await world.rest();
    expect((await world.firings(trigger.id)).map(({ status }) => status)).toEqual(['skipped', 'dead']);
    await world.stopProcesses();
    const purge = new FiringPurge(world.history, world.clock, (error) => world.faults.push(error));
    purge.start();
    world.clock.jump(FIRINGS_KEPT_MS - 2 * 3_600_000);
    await world.clock.advance(3_600_000);
    await world.rest();
    expect(await world.firings(trigger.id)).toHaveLength(2);
    world.clock.jump(2 * 3_600_000);
    await world.clock.advance(3_600_000);
    await world.rest();
    expect((await world.firings(trigger.id)).map(({ status }) => status)).toEqual(['dead']);
    await purge.stop();
    expect(world.faults).toEqual([]);
    await world.close();
  });
});
