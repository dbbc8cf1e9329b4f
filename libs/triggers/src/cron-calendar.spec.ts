import * as fc from 'fast-check';
import { atOrAfter, atOrBefore, matches, type CronCalendar } from './cron-calendar';
import { parseCron } from './cron-expression';

const item = (min: number, max: number, ...others: string[]) => {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: max - min }).map((by) => `*/${by}`);
  const one = fc.oneof(value.map(String), range, step, ...(others.length > 0 ? [fc.constantFrom(...others)] : []));
  return fc.oneof(
    fc.constant('*'),
    fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((items) => items.join(',')),
  );
};
const crons = fc
  .tuple(
    item(0, 59),
    item(0, 59),
    item(0, 23),
    item(1, 31, 'L', 'L-2', 'LW', '1W', '15W', '31W'),
    item(1, 12),
    fc.tuple(fc.constantFrom('', '+'), item(0, 7, 'MON#1', 'FRI#5', 'SUN#L')).map((parts) => parts.join('')),
    fc.constantFrom('*', '2024-2028', '2026'),
  )
  .map((fields) => fields.join(' '));
const walls = fc.integer({ min: Date.UTC(2023, 0) / 1000, max: Date.UTC(2030, 0) / 1000 });

function calendarOf(cron: string): CronCalendar {
  const read = parseCron(cron);
  if (!('kind' in read) || read.kind !== 'calendar') throw new Error(`${cron} has no calendar`);
  return read.calendar;
}

describe('the calendar of an expression', () => {
  it('finds the first match and the last one, with none between that and the time asked about', () => {
    fc.assert(
      fc.property(crons, walls, fc.double({ min: 0, max: 1, noNaN: true }), (cron, wall, part) => {
        const calendar = calendarOf(cron);
        const next = atOrAfter(calendar, wall);
        if (next === undefined) return;
        expect(next).toBeGreaterThanOrEqual(wall);
        expect(matches(calendar, next)).toBe(true);
        const between = wall + Math.floor((next - wall) * part);
        expect(matches(calendar, between)).toBe(between === next);
        expect(atOrBefore(calendar, next)).toBe(next);
        expect(atOrBefore(calendar, next - 1) ?? -1).toBeLessThan(wall);
      }),
      { numRuns: 2000 },
    );
  });

  it('matches second by second what it finds', () => {
    fc.assert(
      fc.property(crons, walls, (cron, wall) => {
        const calendar = calendarOf(cron);
        const found: number[] = [];
        for (let at = atOrAfter(calendar, wall); at !== undefined && at < wall + 600; at = atOrAfter(calendar, at + 1))
          found.push(at);
        const walked = Array.from({ length: 600 }, (_, i) => wall + i).filter((second) => matches(calendar, second));
        expect(found).toEqual(walked);
      }),
      { numRuns: 200 },
    );
  });
});
