import * as fc from 'fast-check';
import { backfillFaults, backfillRange } from './backfill-range';
import { scheduleOf, type ScheduleConfig } from './schedule';
import { describe as inWords } from './schedule-description';
import { jitterMs } from './schedule-jitter';
import { missedRuns } from './schedule-missed';
import { preview } from './schedule-preview';
import { upTo } from './schedule-times';

const CREATED = new Date('2026-01-01T00:00:00Z');
const schedule = (config: ScheduleConfig) => scheduleOf(config, CREATED);

describe('the preview', () => {
  const notes = (config: ScheduleConfig, from: string, n: number) =>
    preview(schedule(config), new Date(from), n).map(({ local, note }) => [local, note]);

  it('gives an instant in UTC and as the clocks show it', () => {
    expect(preview(schedule({ cron: '30 2 * * *', timezone: 'Asia/Kolkata' }), CREATED, 1)).toEqual([
      { at: '2026-01-01T21:00:00Z', local: '2026-01-02T02:30:00+05:30' },
    ]);
  });

  it('says when clocks are set ahead', () => {
    const config = { cron: '30 2 * * *', timezone: 'Europe/Berlin' };
    expect(notes(config, '2026-03-28T12:00:00Z', 2)).toEqual([
      ['2026-03-29T03:00:00+02:00', 'the clock is set ahead: 02:30 does not exist, fires at 03:00'],
      ['2026-03-30T02:30:00+02:00', undefined],
    ]);
    expect(notes({ ...config, cron: '0,30 2 * * *' }, '2026-03-28T12:00:00Z', 1)).toEqual([
      ['2026-03-29T03:00:00+02:00', 'the clock is set ahead: 02:00 and others do not exist, fires at 03:00'],
    ]);
  });

  it('says when clocks are set back', () => {
    const config = { cron: '30 2 * * *', timezone: 'Europe/Berlin' };
    expect(notes(config, '2026-10-24T12:00:00Z', 1)).toEqual([
      ['2026-10-25T02:30:00+02:00', 'the clock is set back: 02:30 comes twice, fires at the first only'],
    ]);
    expect(notes({ ...config, repeatedHour: 'both' }, '2026-10-24T12:00:00Z', 2)).toEqual([
      ['2026-10-25T02:30:00+02:00', 'the clock is set back: 02:30 comes twice, this is the first'],
      ['2026-10-25T02:30:00+01:00', 'the clock is set back: 02:30 comes twice, this is the second'],
    ]);
  });

  it('names the day when a whole one is left out', () => {
    expect(notes({ cron: '0 9 30 12 *', timezone: 'Pacific/Apia' }, '2011-12-29T00:00:00Z', 1)).toEqual([
      [
        '2011-12-31T00:00:00+14:00',
        'the clock is set ahead: 2011-12-30 09:00 does not exist, fires at 2011-12-31 00:00',
      ],
    ]);
  });

  it('is as long as there are fire times', () => {
    expect(preview(schedule({ cron: '@daily', endAt: '2026-01-03T00:00:00Z' }), CREATED, 10)).toHaveLength(1);
    expect(preview(schedule({ cron: '@daily' }), CREATED, 10)).toHaveLength(10);
  });
});

describe('missed runs', () => {
  const at = (time: string) => new Date(`2026-05-01T${time}Z`);
  const decide = (missed: ScheduleConfig['missed'], now: string, cron = '0 * * * *') => {
    const { fire, skipped, decidedTo } = missedRuns(
      schedule({ cron, ...(missed && { missed }) }),
      at('00:00:00'),
      at(now),
    );
    return {
      fire: fire.map((time) => time.toISOString().slice(11, 19)),
      skipped: skipped.map(({ reason, first, last, count }) => [
        reason,
        first.toISOString().slice(11, 16),
        last.toISOString().slice(11, 16),
        count,
      ]),
      decidedTo: decidedTo.toISOString().slice(11, 19),
    };
  };

  it('fire the latest alone, unless something else is said', () => {
    expect(decide(undefined, '05:30:00')).toEqual({
      fire: ['05:00:00'],
      skipped: [['missed.not_latest', '01:00', '04:00', 4]],
      decidedTo: '05:30:00',
    });
  });

  it('fire all of them, oldest first', () => {
    expect(decide({ policy: 'all' }, '03:30:00')).toEqual({
      fire: ['01:00:00', '02:00:00', '03:00:00'],
      skipped: [],
      decidedTo: '03:30:00',
    });
  });

  it('fire none of them, but what is on time', () => {
    expect(decide({ policy: 'none' }, '03:30:00')).toMatchObject({
      fire: [],
      skipped: [['missed.policy_none', '01:00', '03:00', 3]],
    });
    expect(decide({ policy: 'none' }, '03:00:59')).toMatchObject({
      fire: ['03:00:00'],
      skipped: [['missed.policy_none', '01:00', '02:00', 2]],
    });
  });

  it('are none of those that are on time, which all fire', () => {
    expect(decide({ policy: 'latest' }, '00:01:10', '*/20 * * * * *')).toMatchObject({
      fire: ['00:00:20', '00:00:40', '00:01:00'],
      skipped: [],
    });
    expect(decide({ policy: 'latest' }, '03:00:59')).toMatchObject({
      fire: ['03:00:00'],
      skipped: [['missed.not_latest', '01:00', '02:00', 2]],
    });
  });

  it('are forgotten when they are older than the window', () => {
    expect(decide({ policy: 'all', window: 'PT2H' }, '05:30:00')).toMatchObject({
      fire: ['04:00:00', '05:00:00'],
      skipped: [['missed.window_passed', '01:00', '03:00', 3]],
    });
    expect(decide({ policy: 'latest', window: 'PT2H' }, '05:30:00')).toMatchObject({
      fire: ['05:00:00'],
      skipped: [
        ['missed.window_passed', '01:00', '03:00', 3],
        ['missed.not_latest', '04:00', '04:00', 1],
      ],
    });
    expect(decide({ policy: 'latest', window: 'PT10M' }, '05:30:00')).toMatchObject({
      fire: [],
      skipped: [['missed.window_passed', '01:00', '05:00', 5]],
    });
  });

  it('include what fires at this very moment, and never what was decided', () => {
    expect(decide({ policy: 'all' }, '01:00:00').fire).toEqual(['01:00:00']);
    expect(decide({ policy: 'all' }, '00:59:59').fire).toEqual([]);
    expect(decide({ policy: 'latest' }, '00:30:00')).toMatchObject({ fire: [], skipped: [] });
    const { decidedTo } = missedRuns(schedule({ cron: '@hourly' }), at('05:00:00'), at('03:00:00'));
    expect(decidedTo).toEqual(at('05:00:00'));
  });

  it('come in bounded parts that join without a gap', () => {
    const all = schedule({ cron: '* * * * * *', missed: { policy: 'all' } });
    const now = new Date(CREATED.getTime() + 2_500_000);
    const fired: Date[] = [];
    for (let decided = CREATED, asked = 0; decided < now; asked++) {
      const { fire, decidedTo } = missedRuns(all, decided, now);
      expect(fire.length).toBeLessThanOrEqual(1000);
      expect(asked).toBeLessThan(3);
      fired.push(...fire);
      decided = decidedTo;
    }
    expect(fired).toEqual(upTo(all, new Date(CREATED.getTime() + 1), new Date(now.getTime() + 1), 10_000).times);
  });

  it('of years without a process are counted only as far as counting is quick', () => {
    const { fire, skipped } = missedRuns(schedule({ cron: '* * * * *' }), CREATED, new Date('2036-01-01T00:00:30Z'));
    expect(fire).toEqual([new Date('2036-01-01T00:00:00Z')]);
    expect(skipped).toEqual([
      {
        reason: 'missed.not_latest',
        first: new Date('2026-01-01T00:01:00Z'),
        last: new Date('2035-12-31T23:59:00Z'),
        count: 1000,
        more: true,
      },
    ]);
  });

  it('are each fired or skipped, whatever the policy', () => {
    const policies = fc.constantFrom('none' as const, 'latest' as const, 'all' as const);
    const windows = fc.option(fc.constantFrom('PT0S', 'PT30S', 'PT10M', 'PT3H', 'P2D'), { nil: undefined });
    const seconds = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(policies, windows, seconds, seconds, (policy, window, start, length) => {
        const asked = schedule({ cron: '17 */7 * * * *', missed: { policy, ...(window && { window }) } });
        const from = new Date(CREATED.getTime() + start * 1000);
        const now = new Date(from.getTime() + length * 1000);
        const { fire, skipped } = missedRuns(asked, from, now);
        const due = upTo(asked, new Date(from.getTime() + 1), new Date(now.getTime() + 1), 10_000).times;
        expect(fire.length + skipped.reduce((sum, { count }) => sum + count, 0)).toBe(due.length);
      }),
    );
  });
});

describe('jitter', () => {
  const spread = schedule({ cron: '@hourly', jitter: 'PT10M' });
  const delays = Array.from({ length: 10_000 }, (_, i) => jitterMs(spread, `t-${i % 100}`, new Date(i * 3_600_000)));

  it('is the same whoever works it out', () => {
    expect(jitterMs(spread, 't-1', CREATED)).toBe(
      jitterMs(schedule({ cron: '5 4 * * *', jitter: 'PT10M' }), 't-1', CREATED),
    );
    expect(jitterMs(spread, 't-1', CREATED)).toBe(32594);
  });

  it('is less than what is asked for, and spread evenly', () => {
    expect(Math.max(...delays)).toBeLessThan(600_000);
    const tenths = Array.from(
      { length: 10 },
      (_, i) => delays.filter((delay) => Math.floor(delay / 60_000) === i).length,
    );
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('is none unless it is asked for', () => {
    expect(jitterMs(schedule({ cron: '@hourly' }), 't-1', CREATED)).toBe(0);
  });
});

describe('in words', () => {
  it.each([
    ['30 2 * * *', 'every day at 02:30 Europe/Berlin'],
    ['0 9,17 * * MON-FRI', 'on Monday, Tuesday, Wednesday, Thursday and Friday at 09:00 and 17:00 Europe/Berlin'],
    ['*/15 * * * *', 'every 15 minutes Europe/Berlin'],
    ['*/15 * * * SUN', 'every 15 minutes on Sunday Europe/Berlin'],
    ['@hourly', 'every hour at minute 0 Europe/Berlin'],
    ['0 */6 * * *', 'every 6 hours Europe/Berlin'],
    ['* * * * *', 'every minute Europe/Berlin'],
    ['* * * * * *', 'every second Europe/Berlin'],
    ['*/10 * * * * *', 'every 10 seconds Europe/Berlin'],
    ['0 0 1,L * *', 'on day 1 and the last day of every month at 00:00 Europe/Berlin'],
    ['@yearly', 'on day 1 of January at 00:00 Europe/Berlin'],
    ['0 0 * DEC *', 'every day in December at 00:00 Europe/Berlin'],
    ['@every 1h30m', 'every 1 hour 30 minutes'],
    ['@every 1h', 'every hour'],
    ['*/7 * * * *', 'at times of cron */7 * * * * Europe/Berlin'],
    ['*/15 2 * * *', 'at times of cron */15 2 * * * Europe/Berlin'],
    ['0 0 13 * FRI', 'at times of cron 0 0 13 * FRI Europe/Berlin'],
  ])('%s', (cron, words) => {
    expect(inWords(schedule({ cron, timezone: 'Europe/Berlin' }))).toBe(words);
  });
});

describe('the range of a backfill', () => {
  const hourly = schedule({ cron: '@hourly', exclude: ['2026-02-02'] });
  const [from, to] = [new Date('2026-02-01T00:00:00Z'), new Date('2026-02-04T00:00:00Z')];

  it('has its first instant and not its last, exclusions taken out', () => {
    const { times, count, more } = backfillRange(hourly, from, to);
    expect([count, times.length, more]).toEqual([48, 48, false]);
    expect(times[0]).toEqual(from);
    expect(times.at(-1)).toEqual(new Date('2026-02-03T23:00:00Z'));
  });

  it('is bounded, and says that there is more', () => {
    expect(backfillRange(hourly, from, to, 5)).toMatchObject({ count: 5, more: true });
    expect(backfillFaults(hourly, from, to, 48)).toEqual([]);
    expect(backfillFaults(hourly, from, to, 47)).toMatchObject([{ pointer: '/to', code: 'backfill.range_invalid' }]);
  });

  it('must be one', () => {
    expect(backfillFaults(hourly, to, from)).toMatchObject([{ pointer: '/to', code: 'backfill.range_invalid' }]);
  });
});
