import * as fc from 'fast-check';
import { scheduleOf, type ScheduleConfig } from './schedule';
import { HOUR, hoursOf } from './schedule-hours';
import { fireTimes } from './schedule-times';

const CREATED = new Date('2026-01-01T00:00:00Z');
const secondOf = (text: string) => Date.parse(text) / 1000;

const within = (config: ScheduleConfig, start: string, hours: number, left = 1e6) => {
  const from = secondOf(start);
  return [...hoursOf(scheduleOf(config, CREATED), { start: from, from, to: from + hours * HOUR }, { left })];
};

describe('the hours of a schedule', () => {
  it('tell how often it fires in each, and name the first times', () => {
    expect(within({ cron: '*/5 9-10 * * *' }, '2026-05-01T08:00:00Z', 24)).toEqual(
      [1, 2].map((hour) => ({
        hour,
        count: 12,
        more: false,
        times: Array.from({ length: 6 }, (_, i) => Date.UTC(2026, 4, 1, 8 + hour, i * 5) / 1000),
      })),
    );
  });

  it('begin at the moment that is asked for, in the midst of an hour too', () => {
    const [start = 0, from = 0, to = 0] = ['08:00:00', '08:40:30', '10:00:00'].map((at) =>
      secondOf(`2026-05-01T${at}Z`),
    );
    const found = [...hoursOf(scheduleOf({ cron: '* * * * *' }, CREATED), { start, from, to }, { left: 0 })];
    expect(found.map(({ hour, count, times }) => [hour, count, times[0]])).toEqual([
      [0, 19, secondOf('2026-05-01T08:41:00Z')],
      [1, 60, secondOf('2026-05-01T09:00:00Z')],
    ]);
  });

  it('say what changes of the clocks do', () => {
    const config = { cron: '30 2 * * *', timezone: 'Europe/Berlin' };
    expect(within(config, '2026-03-28T23:00:00Z', 23)).toMatchObject([
      { count: 1, note: 'the clock is set ahead: 02:30 does not exist, fires at 03:00' },
    ]);
    expect(within(config, '2026-03-30T22:00:00Z', 24)[0]).not.toHaveProperty('note');
  });

  it('of one with exclusions are counted one by one, and no longer than there is room', () => {
    const config = { cron: '* * * * *', exclude: ['0-29 * * * *'] };
    expect(within(config, '2026-05-01T08:00:00Z', 2).map(({ count, more }) => [count, more])).toEqual([
      [30, false],
      [30, false],
    ]);
    expect(within(config, '2026-05-01T08:00:00Z', 2, 30).map(({ count, more }) => [count, more])).toEqual([
      [30, false],
      [1, true],
    ]);
    const [everySecond] = within({ cron: '* * * * * *', exclude: ['* 3 * * *'] }, '2026-05-01T08:00:00Z', 1);
    expect([everySecond?.count, everySecond?.more]).toEqual([200, true]);
  });

  it('are what its fire times come to, whatever the zone and the season', () => {
    const field = (max: number) =>
      fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String), fc.constantFrom('*/7', '*/15', '10-20'));
    const crons = fc.oneof(
      fc.tuple(field(59), field(23)).map(([m, h]) => `${m} ${h} * * *`),
      fc.integer({ min: 60, max: 9_000 }).map((seconds) => `@every ${seconds}s`),
    );
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/New_York');
    const days = fc.integer({ min: 0, max: 364 });
    const offsets = fc.constantFrom(0, 1_800, 5);
    const exclusions = fc.constantFrom(
      [],
      [],
      ['2026-03-29', '2026-10-24/2026-10-25'],
      ['* * * * SUN'],
      ['0-29 * * * *'],
    );
    fc.assert(
      fc.property(
        crons,
        zones,
        days,
        offsets,
        exclusions,
        fc.boolean(),
        (cron, timezone, day, offset, exclude, ends) => {
          const start = CREATED.getTime() / 1000 + day * 24 * HOUR + offset;
          const to = start + 36 * HOUR;
          const endAt = new Date((start + 20 * HOUR + 600) * 1000).toISOString();
          const schedule = scheduleOf({ cron, timezone, exclude, ...(ends && { endAt }) }, CREATED);
          const counted = new Map<number, number[]>();
          for (const time of fireTimes(schedule, new Date(start * 1000), new Date(to * 1000))) {
            const second = time.getTime() / 1000;
            const hour = Math.floor((second - start) / HOUR);
            counted.set(hour, [...(counted.get(hour) ?? []), second]);
          }
          const found = [...hoursOf(schedule, { start, from: start, to }, { left: 1e6 })];
          expect(found.map(({ hour, count, times }) => [hour, count, times])).toEqual(
            [...counted].map(([hour, times]) => [hour, times.length, times.slice(0, 6)]),
          );
        },
      ),
      { numRuns: 400 },
    );
  });
});
