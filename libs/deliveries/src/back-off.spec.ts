import fc from 'fast-check';
import { JITTER, LONGEST_RETRY_AFTER_MS, MOST_ATTEMPTS, pauseAfter, retryAfterMs } from './back-off';

const HOUR = 3_600_000;
const NOW = new Date('2026-01-01T00:00:00.000Z');
const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('The pauses between attempts', () => {
  it('begin with seconds, grow to hours, and take about a day in all', () => {
    const pauses = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, i) => pauseAfter(i + 1, 0.5) ?? 0);
    expect(pauses.slice(0, 4)).toEqual([5_000, 30_000, 120_000, 600_000]);
    expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
    const all = pauses.reduce((sum, pause) => sum + pause, 0);
    expect(all).toBeGreaterThan(22 * HOUR);
    expect(all).toBeLessThan(26 * HOUR);
    expect(pauseAfter(MOST_ATTEMPTS, 0.5)).toBeUndefined();
    expect(pauseAfter(MOST_ATTEMPTS, 0.5, HOUR)).toBeUndefined();
  });

  it('are spread by a fifth in both directions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_ATTEMPTS - 1 }), chance, (attempt, fraction) => {
        const middle = pauseAfter(attempt, 0.5)!;
        const pause = pauseAfter(attempt, fraction)!;
        expect(Math.abs(pause - middle)).toBeLessThanOrEqual(middle * JITTER + 1);
      }),
    );
    expect(pauseAfter(1, 0)).toBe(4_000);
  });

  it('are never shorter than what the receiver asks for, up to a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MOST_ATTEMPTS - 1 }), chance, fc.nat(), (attempt, fraction, asked) => {
        const pause = pauseAfter(attempt, fraction, asked)!;
        expect(pause).toBeGreaterThanOrEqual(Math.min(asked, LONGEST_RETRY_AFTER_MS));
        expect(pause).toBeGreaterThanOrEqual(pauseAfter(attempt, fraction)!);
      }),
    );
    expect(pauseAfter(1, 0.5, 1e12)).toBe(LONGEST_RETRY_AFTER_MS);
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['soon', 0],
    ['-1', 0],
    ['1e9', 0],
    ['2026-01-01T01:00:00Z', 0],
    ['', 0],
    [undefined, 0],
  ])('%p asks for %p ms', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });
});
