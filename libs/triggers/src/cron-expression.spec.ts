import { parseCron, splitZone } from './cron-expression';
import { scheduleOf } from './schedule';
import { nextAfter } from './schedule-times';

const NOW = new Date('2026-11-27T00:00:00Z');

function next(cron: string): string | undefined {
  return nextAfter(scheduleOf({ cron }, NOW), NOW)?.toISOString().replace('.000Z', 'Z');
}

describe('a cron expression', () => {
  it.each([
    ['five fields', '30 2 * * *', '2026-11-27T02:30:00Z'],
    ['six fields, seconds first', '15 30 2 * * *', '2026-11-27T02:30:15Z'],
    ['seven fields, with a year', '0 0 0 1 1 ? 2099', '2099-01-01T00:00:00Z'],
    ['the Go service: ? for *', '0 0 2 * * ?', '2026-11-27T02:00:00Z'],
    ['the Go service: a step from a value on', '0 0/20 * * * ?', '2026-11-27T00:20:00Z'],
    ['a step from a value on goes to the end of the field', '50/5 1 * * *', '2026-11-27T01:50:00Z'],
    ['a range with a step', '10-30/10 1 * * *', '2026-11-27T01:10:00Z'],
    ['a list', '0 5,3 * * *', '2026-11-27T03:00:00Z'],
    ['names, in any case', '0 0 * jan mon', '2027-01-04T00:00:00Z'],
    ['7 is Sunday', '0 0 * * 7', '2026-11-29T00:00:00Z'],
    ['a range to 7', '0 0 * * 6-7', '2026-11-28T00:00:00Z'],
    ['L, the last day of the month', '0 0 L 2 *', '2027-02-28T00:00:00Z'],
    ['L-3, three days before it', '0 0 L-3 12 *', '2026-12-28T00:00:00Z'],
    ['15W, the nearest working day', '0 0 15W 11 *', '2027-11-15T00:00:00Z'],
    ['1W of a month that begins on Saturday, never the month before', '0 0 1W 5 *', '2027-05-03T00:00:00Z'],
    ['LW, the last working day', '0 0 LW 1 *', '2027-01-29T00:00:00Z'],
    ['FRI#2, the second Friday', '0 0 * * FRI#2', '2026-12-11T00:00:00Z'],
    ['FRI#L and 5L, the last Friday', '0 0 * 12 FRI#L', '2026-12-25T00:00:00Z'],
    ['5L', '0 0 * 12 5L', '2026-12-25T00:00:00Z'],
    ['day of month or day of week when both are given', '0 0 13 * FRI', '2026-12-04T00:00:00Z'],
    ['both with +', '0 0 13 * +FRI', '2027-08-13T00:00:00Z'],
    ['*/1 is *', '0 0 */1 * FRI', '2026-12-04T00:00:00Z'],
    ['*/2 is a day that is given', '0 0 */2 * FRI', '2026-11-29T00:00:00Z'],
    ['29 February', '0 0 29 2 *', '2028-02-29T00:00:00Z'],
    ['@yearly', '@yearly', '2027-01-01T00:00:00Z'],
    ['@annually', '@annually', '2027-01-01T00:00:00Z'],
    ['@monthly', '@monthly', '2026-12-01T00:00:00Z'],
    ['@weekly', '@weekly', '2026-11-29T00:00:00Z'],
    ['@daily', '@daily', '2026-11-28T00:00:00Z'],
    ['@midnight', '@midnight', '2026-11-28T00:00:00Z'],
    ['@hourly', '@hourly', '2026-11-27T01:00:00Z'],
    ['@every 1h30m', '@every 1h30m', '2026-11-27T01:30:00Z'],
    ['@every 90s', '@every 90s', '2026-11-27T00:01:30Z'],
    ['@every with a fraction', '@every 1.1h', '2026-11-27T01:06:00Z'],
  ])('%s', (_rule, cron, expected) => {
    expect(next(cron)).toBe(expected);
  });

  it('takes its zone as TZ= or CRON_TZ= before it', () => {
    expect(splitZone('TZ=Asia/Tokyo 0 2 * * *')).toEqual({ zone: 'Asia/Tokyo', cron: '0 2 * * *' });
    expect(next('CRON_TZ=Asia/Tokyo 0 2 * * *')).toBe('2026-11-27T17:00:00Z');
    expect(next('TZ=Asia/Tokyo @daily')).toBe('2026-11-27T15:00:00Z');
  });
});

describe('a wrong cron expression', () => {
  function faults(cron: string) {
    const read = parseCron(cron);
    return 'kind' in read ? [] : read.map(({ code, field }) => (field ? `${code} ${field}` : code));
  }

  it.each([
    ['', ['cron.empty']],
    ['* * * *', ['cron.form_unknown']],
    ['* * * * * * * *', ['cron.form_unknown']],
    ['60 * * * *', ['cron.field_invalid minute']],
    ['0 24 * * *', ['cron.field_invalid hour']],
    ['0 0 0 * *', ['cron.field_invalid dayOfMonth']],
    ['0 0 32 * *', ['cron.field_invalid dayOfMonth']],
    ['0 0 * 13 *', ['cron.field_invalid month']],
    ['0 0 * FOO *', ['cron.field_invalid month']],
    ['0 0 * * 8', ['cron.field_invalid dayOfWeek']],
    ['0 0 * * L', ['cron.field_invalid dayOfWeek']],
    ['0 0 * * FRI#6', ['cron.field_invalid dayOfWeek']],
    ['0 0 * * FRI-MON', ['cron.field_invalid dayOfWeek']],
    ['0 22-2 * * *', ['cron.field_invalid hour']],
    ['*/0 * * * *', ['cron.field_invalid minute']],
    ['*/70 * * * *', ['cron.field_invalid minute']],
    ['1,,2 * * * *', ['cron.field_invalid minute']],
    ['-5 * * * *', ['cron.field_invalid minute']],
    ['1e1 * * * *', ['cron.field_invalid minute']],
    ['1/2/3 * * * *', ['cron.field_invalid minute']],
    ['MON * * * *', ['cron.field_invalid minute']],
    ['0 0 32W * *', ['cron.field_invalid dayOfMonth']],
    ['0 0 1-15W * *', ['cron.field_invalid dayOfMonth']],
    ['0 0 0 1 1 ? 1969', ['cron.field_invalid year']],
    ['61 24 * * * *', ['cron.field_invalid second']],
    [
      '99 99 99 99 99',
      ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'].map((field) => `cron.field_invalid ${field}`),
    ],
    ['@reboot', ['cron.name_unknown']],
    ['@fortnightly', ['cron.name_unknown']],
    ['@every', ['cron.every_invalid']],
    ['@every 0s', ['cron.every_invalid']],
    ['@every 500ms', ['cron.every_invalid']],
    ['@every 1.5s', ['cron.every_invalid']],
    ['@every 5', ['cron.every_invalid']],
    ['@every 9999h', ['cron.every_invalid']],
    ['0 0 * * * '.repeat(40), ['cron.form_unknown']],
  ])('%s is refused, the field named', (cron, expected) => {
    expect(faults(cron)).toEqual(expected);
  });

  it('says which field it is, where it stands and what it takes', () => {
    const read = parseCron('0 25 * * *');
    expect('kind' in read ? undefined : read[0]?.message).toBe(
      'Field 2 of the cron expression, the hour: "25" is none of 0-23. It takes 0-23, "*", "?", lists (1,2), ranges (1-5) and steps (*/2).',
    );
  });
});
