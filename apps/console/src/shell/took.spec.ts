import { bytesText, durationText, tookMs } from './took';

it('lengths of time are short, and never 60 of anything', () => {
  expect([0, 12.4, 999, 1_000, 3_449, 59_499, 61_000, 125_000].map(durationText)).toEqual([
    '0 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '3.4 s',
    '59 s',
    '1 min 1 s',
    '2 min 5 s',
  ]);
  expect([3_599_900, 3_600_000, 11_040_000, 86_400_000, 176_400_000].map(durationText)).toEqual([
    '1 h',
    '1 h',
    '3 h 4 min',
    '1 d',
    '2 d 1 h',
  ]);
});

it('what goes on is measured up to now, and what has not begun is not', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  expect(tookMs({ startedAt }, Date.parse(startedAt) + 7)).toBe(7);
  expect(tookMs({ startedAt, endedAt: '2026-01-01T00:00:01.000Z' }, 0)).toBe(1_000);
  expect(tookMs({ startedAt: null }, 5)).toBeUndefined();
});

it('bytes are told in the unit that fits', () => {
  expect([12, 2_048, 10 * 1_048_576].map(bytesText)).toEqual(['12 B', '2.0 KiB', '10.0 MiB']);
});
