import fc from 'fast-check';
import { FixedClock, effortOf } from '@flow/testing/kernel';
import { codeOf, outputOf } from '@flow/testing/builtins';
import { formatPattern, parsePattern } from '../time-pattern';
import { momentOf, offsetMs } from '../time-zone';

describe('@internal/time/now', () => {
  it('tells the time of the clock that it is given', async () => {
    const clock = new FixedClock('2026-03-04T05:06:07.089Z');
    expect(await outputOf('@internal/time/now', {}, { clock })).toEqual({
      curtime: Date.parse('2026-03-04T05:06:07.089Z') * 1000,
      time: '2026-03-04T05:06:07.089Z',
    });
  });
});

describe('@internal/time/relative', () => {
  const start = '2026-01-01T12:00:00.000Z';
  it.each<[string, string, number | string, string]>([
    ['add', 'year', 1, '2027-01-01T12:00:00.000Z'],
    ['sub', 'month', 1, '2025-12-02T12:00:00.000Z'],
    ['add', 'day', '2', '2026-01-03T12:00:00.000Z'],
    ['sub', 'hour', 0.5, '2026-01-01T11:30:00.000Z'],
    ['add', 'minute', 90, '2026-01-01T13:30:00.000Z'],
    ['add', 'week', 1, '2026-01-08T12:00:00.000Z'],
  ])('%s %s %s', async (relative_type, relative_unit, relative_value, time) => {
    for (const old_time of [Date.parse(start) * 1000, String(Date.parse(start) * 1000), start])
      expect(
        await outputOf('@internal/time/relative', { old_time, relative_type, relative_unit, relative_value }),
      ).toEqual({
        new_time: Date.parse(time) * 1000,
        time,
      });
  });

  it('refuses what is no time, no number or too far away', async () => {
    const shift = { relative_type: 'add', relative_unit: 'day', relative_value: 1 };
    expect(await codeOf('@internal/time/relative', { ...shift, old_time: 'tomorrow' })).toBe('time.invalid');
    expect(await codeOf('@internal/time/relative', { ...shift, old_time: 0, relative_value: 'two' })).toBe(
      'time.invalid',
    );
    expect(await codeOf('@internal/time/relative', { ...shift, old_time: 0, relative_value: 1e12 })).toBe(
      'time.out_of_range',
    );
  });
});

describe('@internal/time/format and /parse', () => {
  it.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", 'UTC', '2026-07-01T10:05:09.042Z'],
    ['d.M.yy H:m:s', 'Europe/Berlin', '1.7.26 12:5:9'],
    ['EEEE d MMMM yyyy, hh:mm a', 'America/New_York', 'Wednesday 1 July 2026, 06:05 AM'],
    ["yyyyMMdd'T'HHmmssxx", '+05:30', '20260701T153509+0530'],
    ["'it''s' EEE MMM", 'Asia/Tokyo', "it's Wed Jul"],
    ['HH:mm XXX', '-03:30', '06:35 -03:30'],
  ])('writes %s in %s', async (pattern, timezone, text) => {
    const time = '2026-07-01T10:05:09.042Z';
    expect(await outputOf('@internal/time/format', { time, pattern, timezone })).toEqual({ text });
    expect(await outputOf('@internal/time/format', { time: Date.parse(time), unit: 'ms', pattern, timezone })).toEqual({
      text,
    });
  });

  it.each([
    ['2026-07-01T10:05:09Z', undefined, undefined, '2026-07-01T10:05:09.000Z'],
    ['2026-07-01', undefined, undefined, '2026-07-01T00:00:00.000Z'],
    ['1.7.2026', 'd.M.yyyy', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
    ['Jul 4, 2026 12:30 am', 'MMM d, yyyy hh:mm a', 'UTC', '2026-07-04T00:30:00.000Z'],
    ['04/07/26 14:00 +02:00', 'dd/MM/yy HH:mm XXX', 'Asia/Tokyo', '2026-07-04T12:00:00.000Z'],
  ])('reads %s by %s in %s', async (text, pattern, timezone, time) => {
    const output = await outputOf('@internal/time/parse', {
      text,
      ...(pattern && { pattern }),
      ...(timezone && { timezone }),
    });
    expect(output).toEqual({ time, curtime: Date.parse(time) * 1000 });
  });

  it.each([
    ['31.04.2026', 'dd.MM.yyyy'],
    ['25:00', 'HH:mm'],
    ['13:00 PM', 'hh:mm a'],
    ['2026-07-01x', 'yyyy-MM-dd'],
    ['1111', 'dd MM dd'],
    ['yesterday', undefined],
  ])('refuses %s by %s', async (text, pattern) => {
    expect(await codeOf('@internal/time/parse', { text, ...(pattern && { pattern }) })).toBe('time.invalid');
  });

  it('knows time zones, and says when it does not', async () => {
    for (const timezone of ['Mars/Base', '+25', 'Europe/../etc'])
      expect(await codeOf('@internal/time/format', { time: 0, timezone })).toBe('time.zone_unknown');
  });

  it('is quick on patterns and texts made to make it slow', async () => {
    for (const pattern of ['dMdMdM'.repeat(30), 'dMHmsyyyyh'])
      expect(await effortOf(() => parsePattern('1'.repeat(200), pattern, 'UTC'))).toBeLessThan(300);
  });

  it('reads back what it wrote', () => {
    const moment = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2090, 0, 1) });
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      '+13:45',
    );
    fc.assert(
      fc.property(moment, zone, (ms, where) => {
        const pattern = "EEE, d MMMM yyyy 'at' hh:mm:ss.SSS a XXX";
        expect(parsePattern(formatPattern(ms, pattern, where), pattern, 'UTC')).toBe(ms);
      }),
      { numRuns: 300 },
    );
  });
});

describe('time zones', () => {
  it('put a local time that clocks skipped behind the gap, and one that they showed twice at its first', () => {
    const local = (text: string) => Date.parse(`${text}Z`);
    // 2026-03-29 02:00 to 03:00 does not exist in Berlin; 2026-10-25 02:00 to 03:00 exists twice.
    expect(new Date(momentOf('Europe/Berlin', local('2026-03-29T02:30:00'))).toISOString()).toBe(
      '2026-03-29T01:30:00.000Z',
    );
    expect(new Date(momentOf('Europe/Berlin', local('2026-10-25T02:30:00'))).toISOString()).toBe(
      '2026-10-25T00:30:00.000Z',
    );
    expect(new Date(momentOf('Europe/Berlin', local('2026-07-01T12:00:00'))).toISOString()).toBe(
      '2026-07-01T10:00:00.000Z',
    );
  });

  it('are ahead of UTC by what their rules say', () => {
    expect(offsetMs('Asia/Kathmandu', 0)).toBe(5.5 * 3_600_000);
    expect(offsetMs('Asia/Kathmandu', Date.UTC(2026, 0, 1))).toBe(5.75 * 3_600_000);
    expect(offsetMs('-03:30', 0)).toBe(-3.5 * 3_600_000);
  });
});
