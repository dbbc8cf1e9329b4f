import { ScheduleInvalid, scheduleOf, type ScheduleConfig } from './schedule';
import { scheduleFaults } from './schedule-faults';
import { nextAfter, previous, upTo } from './schedule-times';

const CREATED = new Date('2026-11-27T00:00:00Z');

function times(config: ScheduleConfig, from: string, to: string): readonly string[] {
  const found = upTo(scheduleOf(config, CREATED), new Date(from), new Date(to), 100);
  return found.times.map((time) => time.toISOString().replace('.000Z', 'Z'));
}

function faults(sent: Record<string, unknown>): readonly string[] {
  return scheduleFaults(sent, { createdAt: CREATED, now: CREATED }).map(({ pointer, code }) => `${code} ${pointer}`);
}

describe('when clocks are set ahead', () => {
  it('fires a fixed time that does not exist once, at the end of the gap', () => {
    const day = ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z'] as const;
    expect(times({ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, ...day)).toEqual(['2026-03-29T01:00:00Z']);
    expect(times({ cron: '59 59 2 * * *', timezone: 'Europe/Berlin' }, ...day)).toEqual(['2026-03-29T01:00:00Z']);
  });

  it('fires once for all that fall into the gap and for what is due at its end', () => {
    const config = { cron: '0,20,40 2,3 * * *', timezone: 'Europe/Berlin' };
    expect(times(config, '2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:20:00Z',
      '2026-03-29T01:40:00Z',
    ]);
  });

  it('makes up for nothing when the expression is a rhythm', () => {
    const config = { cron: '*/30 2 * * *', timezone: 'Europe/Berlin' };
    expect(times(config, '2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([]);
    expect(times({ ...config, cron: '30 * * * *' }, '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z')).toEqual([
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:30:00Z',
      '2026-03-29T02:30:00Z',
    ]);
  });

  it('fires the midnight that does not exist at one in the morning of that day (Beirut)', () => {
    const config = { cron: '0 0 * * *', timezone: 'Asia/Beirut' };
    expect(times(config, '2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
      '2026-03-28T22:00:00Z',
      '2026-03-29T21:00:00Z',
    ]);
  });

  it('fires what was due on a day that is left out at the first moment of the next (Apia 2011)', () => {
    const config = { cron: '0 9 * * *', timezone: 'Pacific/Apia' };
    expect(times(config, '2011-12-29T00:00:00Z', '2012-01-01T00:00:00Z')).toEqual([
      '2011-12-29T19:00:00Z',
      '2011-12-30T10:00:00Z',
      '2011-12-30T19:00:00Z',
      '2011-12-31T19:00:00Z',
    ]);
  });
});

describe('when clocks are set back', () => {
  const night = ['2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z'] as const;

  it('fires a fixed time at its first occurrence', () => {
    expect(times({ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, ...night)).toEqual(['2026-10-25T00:30:00Z']);
  });

  it('fires it at both when repeatedHour says so', () => {
    const config = { cron: '30 2 * * *', timezone: 'Europe/Berlin', repeatedHour: 'both' } as const;
    expect(times(config, ...night)).toEqual(['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  });

  it('goes on with a rhythm through the repeated hour', () => {
    expect(times({ cron: '*/30 * * * *', timezone: 'Europe/Berlin' }, ...night)).toHaveLength(4);
  });

  it('repeats half an hour where that is what clocks do (Lord Howe)', () => {
    const config = { cron: '45 1 * * *', timezone: 'Australia/Lord_Howe' };
    expect(times(config, '2026-04-04T12:00:00Z', '2026-04-04T18:00:00Z')).toEqual(['2026-04-04T14:45:00Z']);
    expect(times({ ...config, repeatedHour: 'both' }, '2026-04-04T12:00:00Z', '2026-04-04T18:00:00Z')).toEqual([
      '2026-04-04T14:45:00Z',
      '2026-04-04T15:15:00Z',
    ]);
  });
});

describe('@every', () => {
  it('counts from the creation of the trigger, whoever asks and whenever', () => {
    const config = { cron: '@every 7h' };
    expect(times(config, '2026-11-28T00:00:00Z', '2026-11-28T12:00:00Z')).toEqual([
      '2026-11-28T04:00:00Z',
      '2026-11-28T11:00:00Z',
    ]);
  });

  it('counts from startAt when there is one, and fires then', () => {
    const config = { cron: '@every 1h', startAt: '2026-12-01T00:17:00Z' };
    expect(times(config, '2026-11-28T00:00:00Z', '2026-12-01T02:00:00Z')).toEqual([
      '2026-12-01T00:17:00Z',
      '2026-12-01T01:17:00Z',
    ]);
  });

  it('is real time: clocks that are set change nothing', () => {
    const config = { cron: '@every 1h', timezone: 'Europe/Berlin' };
    expect(times(config, '2026-10-25T00:00:00Z', '2026-10-25T04:00:00Z')).toHaveLength(4);
  });
});

describe('exclusions', () => {
  const from = '2026-12-23T12:00:00Z';
  const to = '2026-12-28T12:00:00Z';
  const daily = { cron: '30 0 * * *', timezone: 'Europe/Berlin' };

  it('take a date of the zone', () => {
    // 00:30 in Berlin is 23:30 of the day before in UTC.
    expect(times({ ...daily, exclude: ['2026-12-25'] }, from, to)).not.toContain('2026-12-24T23:30:00Z');
    expect(times({ ...daily, exclude: ['2026-12-25'] }, from, to)).toHaveLength(4);
  });

  it('take a range with both its days', () => {
    expect(times({ ...daily, exclude: ['2026-12-24/2026-12-26'] }, from, to)).toEqual([
      '2026-12-26T23:30:00Z',
      '2026-12-27T23:30:00Z',
    ]);
  });

  it('take what a cron expression matches, of five fields the whole minute', () => {
    expect(times({ ...daily, exclude: ['* * * * SAT,SUN'] }, from, to)).toHaveLength(3);
    const seconds = { cron: '*/20 * 0-1 * * *', exclude: ['* 0 * * *', '30 1 * * *'] };
    expect(times(seconds, '2026-12-01T00:59:00Z', '2026-12-01T01:00:21Z')).toEqual([
      '2026-12-01T01:00:00Z',
      '2026-12-01T01:00:20Z',
    ]);
    expect(times(seconds, '2026-12-01T01:30:00Z', '2026-12-01T01:31:01Z')).toEqual(['2026-12-01T01:31:00Z']);
  });

  it('hold on the way back too', () => {
    const schedule = scheduleOf({ ...daily, exclude: ['2026-12-24/2026-12-26'] }, CREATED);
    expect(previous(schedule, new Date('2026-12-26T12:00:00Z'))).toEqual(new Date('2026-12-22T23:30:00Z'));
  });
});

describe('startAt and endAt', () => {
  it('bound fire times: from startAt on, before endAt', () => {
    const config = { cron: '0 * * * *', startAt: '2026-12-01T01:00:00Z', endAt: '2026-12-01T03:00:00Z' };
    expect(times(config, '2026-11-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([
      '2026-12-01T01:00:00Z',
      '2026-12-01T02:00:00Z',
    ]);
    expect(nextAfter(scheduleOf(config, CREATED), new Date('2026-12-01T02:00:00Z'))).toBeUndefined();
    expect(previous(scheduleOf(config, CREATED), new Date('2027-01-01T00:00:00Z'))).toEqual(
      new Date('2026-12-01T02:00:00Z'),
    );
    expect(previous(scheduleOf(config, CREATED), new Date('2026-12-01T01:00:00Z'))).toBeUndefined();
  });
});

describe('upTo', () => {
  it('is bounded and tells when there is more', () => {
    const every = scheduleOf({ cron: '* * * * * *' }, CREATED);
    const found = upTo(every, CREATED, new Date('2199-01-01T00:00:00Z'), 3);
    expect(found.times).toHaveLength(3);
    expect(found.times[0]).toEqual(CREATED);
    expect(found.more).toBe(true);
    expect(upTo(every, CREATED, new Date('2026-11-27T00:00:03Z'), 3).more).toBe(false);
  });
});

describe('a schedule that is sent', () => {
  it.each([
    [{}, ['field.invalid /cron']],
    [{ cron: 5 }, ['field.invalid /cron']],
    [{ cron: '99 99 * * *' }, ['cron.field_invalid /cron', 'cron.field_invalid /cron']],
    [{ cron: '@daily', timezone: 'Europe/Berln' }, ['schedule.timezone_unknown /timezone']],
    [{ cron: '@daily', timezone: '+02:00' }, ['schedule.timezone_unknown /timezone']],
    [{ cron: '@daily', timezone: 7 }, ['field.invalid /timezone']],
    [{ cron: 'TZ=Nowhere @daily' }, ['schedule.timezone_unknown /cron']],
    [{ cron: 'TZ=Asia/Tokyo @daily', timezone: 'UTC' }, ['schedule.timezone_twice /timezone']],
    [{ cron: '@daily', repeatedHour: 'last' }, ['field.invalid /repeatedHour']],
    [{ cron: '@daily', startAt: 'tomorrow', endAt: 5 }, ['field.invalid /startAt', 'field.invalid /endAt']],
    [{ cron: '@daily', startAt: '2026-12-01T00:00:00' }, ['field.invalid /startAt']],
    [{ cron: '@daily', jitter: '5m' }, ['field.invalid /jitter']],
    [{ cron: '@daily', jitter: 'P2D' }, ['field.invalid /jitter']],
    [{ cron: '@daily', missed: { policy: 'some' } }, ['field.invalid /missed/policy']],
    [{ cron: '@daily', missed: 5 }, ['field.invalid /missed/policy']],
    [{ cron: '@daily', missed: { window: 'soon' } }, ['field.invalid /missed/window']],
    [{ cron: '@daily', exclude: '2026-12-25' }, ['field.invalid /exclude']],
    [
      { cron: '@daily', exclude: ['2026-12-25', '2026-02-30', '2026-12-25/2026-12-24', '@every 1h', 'x', 7] },
      [1, 2, 3, 4, 5].map((i) => `schedule.exclude_invalid /exclude/${i}`),
    ],
  ])('%j is refused where it is wrong', (sent, expected) => {
    expect(faults(sent)).toEqual(expected);
  });

  it('is refused when it never fires, and the field that is to blame is named', () => {
    expect(faults({ cron: '0 0 30 2 *' })).toEqual(['schedule.never_fires /cron']);
    expect(faults({ cron: '0 0 0 1 1 ? 2020' })).toEqual(['schedule.never_fires /cron']);
    expect(faults({ cron: '@daily', startAt: '2027-01-02T00:00:00Z', endAt: '2027-01-01T00:00:00Z' })).toEqual([
      'schedule.never_fires /endAt',
    ]);
    expect(faults({ cron: '@daily', endAt: '2026-01-01T00:00:00Z' })).toEqual(['schedule.never_fires /endAt']);
    expect(faults({ cron: '@yearly', endAt: '2026-12-31T00:00:00Z' })).toEqual(['schedule.never_fires /endAt']);
    expect(faults({ cron: '@daily', exclude: ['0 0 * * *'] })).toEqual(['schedule.never_fires /exclude']);
    expect(faults({ cron: '* * * * * *', exclude: ['* * * * * *'] })).toEqual(['schedule.never_fires /exclude']);
  });

  it('is refused as quickly when all its exclusions have to be asked', () => {
    const never = Array.from({ length: 99 }, (_, i) => `${i % 60} 0 30 2 *`);
    expect(faults({ cron: '* * * * *', exclude: [...never, '* * * * *'] })).toEqual(['schedule.never_fires /exclude']);
  });

  it('is told which zones may have been meant', () => {
    const [fault] = scheduleFaults({ cron: '@daily', timezone: 'berlin' }, { createdAt: CREATED, now: CREATED });
    expect(fault?.message).toBe('There is no time zone "berlin". Did you mean Europe/Berlin?');
    const [far] = scheduleFaults({ cron: '@daily', timezone: 'Moon/Xyzzyplugh' }, { createdAt: CREATED, now: CREATED });
    expect(far?.message).toMatch(/Write an IANA name/);
  });

  it('cannot be made of wrong fields', () => {
    expect(() => scheduleOf({ cron: 'x' }, CREATED)).toThrow(ScheduleInvalid);
  });
});
