import { restore, snapshot, SNAPSHOT_SCHEMA } from './snapshot';
import { begunAt, expiresAt, statusOf } from './run';
import { outstanding } from './outstanding';
import { RunDriver, planOf } from '@flow/testing/engine';

const plan = planOf([{ id: 'a', operator: '@test/read', parameters: { at: '{{instance.startedAt}}' } }], {
  timeout: 'PT1M',
  startBy: 'PT10S',
});
const queued = () => new RunDriver(plan, {}, { queued: true });

describe('a run that is queued', () => {
  it('does nothing until it begins, also when it is taken over', () => {
    const driver = queued();
    driver.feed({ type: 'recovered', at: 2_000 });
    expect([statusOf(driver.run), driver.calls.size, outstanding(plan, driver.run)]).toEqual(['queued', 0, []]);
    expect([begunAt(driver.run), expiresAt(plan, driver.run)]).toEqual([undefined, 11_000]);
    driver.feed({ type: 'begun', at: 5_000 });
    expect([statusOf(driver.run), begunAt(driver.run), expiresAt(plan, driver.run)]).toEqual([
      'running',
      5_000,
      65_000,
    ]);
    expect(driver.calls.get('a')?.task.parameters).toEqual({ at: '1970-01-01T00:00:05.000Z' });
    driver.feed({ type: 'begun', at: 6_000 });
    expect([begunAt(driver.run), driver.run.tasks.size]).toEqual([5_000, 2]);
  });

  it('is over at once when it is cancelled', () => {
    const driver = queued();
    driver.feed({ type: 'cancelled', at: 2_000, by: 'ann', reason: 'no need' });
    expect(driver.run.outcome).toMatchObject({ status: 'cancelled', failure: { message: 'no need' }, at: 2_000 });
    driver.feed({ type: 'begun', at: 3_000 });
    expect([driver.run.outcome?.at, driver.calls.size, begunAt(driver.run)]).toEqual([2_000, 0, undefined]);
  });

  it('fails when its time to begin is over, not when it has begun', () => {
    const driver = queued();
    driver.feed({ type: 'expired', at: 11_000 });
    expect(driver.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'instance.start_expired' } });
    const begun = queued();
    begun.feed({ type: 'begun', at: 10_999 });
    begun.feed({ type: 'expired', at: 70_999 });
    begun.fail('a');
    expect(begun.run.outcome).toMatchObject({ status: 'failed', failure: { code: 'instance.timeout' } });
  });

  it('holds its first steps when it begins while it is paused, and its time begins then', () => {
    const driver = queued();
    driver.feed({ type: 'paused', at: 2_000, by: 'ann' });
    expect(statusOf(driver.run)).toBe('paused');
    driver.feed({ type: 'begun', at: 5_000 });
    expect([statusOf(driver.run), driver.calls.size]).toEqual(['paused', 0]);
    driver.feed({ type: 'resumed', at: 8_000, by: 'ann' });
    expect([driver.calls.size, expiresAt(plan, driver.run)]).toEqual([1, 5_000 + 60_000 + 3_000]);
  });

  it('goes on from a snapshot as from its events', () => {
    const driver = queued();
    const restored = restore(plan, snapshot(driver.run), SNAPSHOT_SCHEMA);
    expect([statusOf(restored), begunAt(restored)]).toEqual(['queued', undefined]);
    driver.feed({ type: 'begun', at: 5_000 });
    expect(begunAt(restore(plan, snapshot(driver.run), SNAPSHOT_SCHEMA))).toBe(5_000);
  });
});
