import { PermissionMissing } from '@flow/auth';
import { aCaller } from '@flow/testing/instances';
import { TriggerWorld } from '@flow/testing/triggers';
import { MOST_IN_CALENDAR, TriggerCalendar, type Trigger } from '@flow/triggers';

const WEEK = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-08T00:00:00Z'), perHour: 3 };

/** The world's clock begins at 2026-01-01T00:00:00Z. */
describe('the calendar of schedules', () => {
  let world: TriggerWorld;
  beforeEach(async () => {
    world = await TriggerWorld.open();
  });
  afterEach(() => world.close());
  const calendar = () => new TriggerCalendar(world.store, world.clock);

  it('tells hour by hour what fires, what fires seldom first', async () => {
    const dag = await world.aDag();
    await world.aTrigger(dag, { name: 'often', config: { cron: '* 6 * * *' } });
    await world.aTrigger(dag, { name: 'daily', config: { cron: '30 6 * * *' } });
    await world.aTrigger(dag, { name: 'hourly', config: { cron: '5 * * * *' } });
    await world.aTrigger(dag, { name: 'off', enabled: false, config: { cron: '0 6 * * *' } });
    const { hours, completeUntil } = await calendar().between(world.caller, WEEK);
    expect(completeUntil).toBeNull();
    expect(hours).toHaveLength(7 * 24);
    expect(hours[6]).toMatchObject({ at: new Date('2026-01-01T06:00:00Z'), schedules: 3, fires: 62, more: false });
    expect(hours[6]?.items.map(({ trigger, count }) => [trigger.name, count])).toEqual([
      ['daily', 1],
      ['hourly', 1],
      ['often', 60],
    ]);
    expect(hours[7]?.items.map(({ trigger }) => trigger.name)).toEqual(['hourly']);
  });

  it('has nothing of what is over', async () => {
    await world.aTrigger(await world.aDag(), { config: { cron: '15,45 * * * *' } });
    await world.clock.advance(90 * 60_000);
    const { hours } = await calendar().between(world.caller, { ...WEEK, to: new Date('2026-01-01T03:00:00Z') });
    expect(hours.map(({ at, fires }) => [at.toISOString().slice(11, 16), fires])).toEqual([
      ['01:00', 1],
      ['02:00', 2],
    ]);
  });

  it('is for those who may see triggers', async () => {
    const caller = aCaller({ permissions: ['dag.view'] });
    await expect(calendar().between(caller, WEEK)).rejects.toThrow(PermissionMissing);
  });

  it('tells where it is not complete when there are more schedules than it looks at, and leaves others their turn', async () => {
    const made = await world.aTrigger(await world.aDag(), { config: { cron: '* * * * *' } });
    const crons = ['* * * * *', '*/20 * * * * *', '0 * * * *', '30 2 * * *', '@every 90s'];
    const found = Array.from({ length: MOST_IN_CALENDAR + 1 }, (_, i): Trigger => ({
      ...made,
      config: { cron: crons[i % crons.length] ?? '', ...(i % 7 === 0 && { exclude: ['2026-12-25'] }) },
      nextFireAt: new Date('2026-01-01T01:00:00Z'),
    }));
    const many = new TriggerCalendar({ upcoming: () => Promise.resolve(found) }, world.clock);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    const { hours, completeUntil } = await many.between(world.caller, WEEK);
    clearInterval(counting);
    expect(completeUntil).toEqual(new Date('2026-01-01T01:00:00Z'));
    expect(hours).toHaveLength(168);
    expect(hours.every(({ schedules, items }) => schedules > 1_500 && items.length === 3)).toBe(true);
    expect(turns).toBeGreaterThan(20);
  });
});
