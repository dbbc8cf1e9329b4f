import type { Json } from '@flow/kernel';
import fc from 'fast-check';
import { COMPARISONS } from './comparison';

const compare = (operator: string, a: Json, b: Json = null): boolean => {
  const found = COMPARISONS.get(
    operator.startsWith('approval') ? `@workflow/cmp/${operator}` : `@internal/cmp/${operator}`,
  );
  if (!found) throw new Error(`No comparison ${operator}`);
  return found(a, b);
};

describe('comparisons', () => {
  it.each<[string, Json, Json, boolean]>([
    ['string-eq', 'a', 'a', true],
    ['string-eq', 'a', 'A', false],
    ['string-neq', 'a', 'b', true],
    ['string-contains', 'invoice 7', 'invoice', true],
    ['string-contains', 'x', '', true],
    ['string-not-contains', 'x', 'y', true],
    ['string-start-with', 'abc', 'ab', true],
    ['string-end-with', 'abc', 'bc', true],
    ['string-match', 'order 123', '[0-9]+', true],
    ['string-match', 'order 123', '^[0-9]+$', false],
    ['number-eq', 1, 1.0, true],
    ['number-neq', 1, 2, true],
    ['number-gt', 2, 1, true],
    ['number-gte', 2, 2, true],
    ['number-lt', 1, 2, true],
    ['number-lte', 2, 1, false],
    ['date-eq', '2024-05-01T08:00:00Z', '2024-05-01T10:00:00+02:00', true],
    ['date-neq', '2024-05-01', '2024-05-02', true],
    ['date-earlier-than', '2024-05-01T08:00:00Z', '2024-05-01T08:00:00.001Z', true],
    ['date-later-than', '2024-05-02', '2024-05-01T23:59:59Z', true],
    ['approval-eq', 'pass', 'pass', true],
    ['approval-eq', { result: 'pass' }, 'pass', true],
    ['approval-neq', { result: 'reject' }, 'pass', true],
  ])('%s(%j, %j) is %j', (operator, a, b, expected) => {
    expect(compare(operator, a, b)).toBe(expected);
  });

  it('knows every operator of the Go service and no other', () => {
    expect(COMPARISONS.size).toBe(21);
  });

  it('compares numbers that are written as text as numbers', () => {
    expect(compare('number-gt', '10', '9')).toBe(true);
    expect(compare('number-eq', ' 1e2 ', 100)).toBe(true);
    expect(compare('number-lt', '-2.5', -2)).toBe(true);
  });

  it.each<Json>([null, true, [], {}, '', 'ten', '0x10', '1_000', 'Infinity', 'NaN', [1]])(
    'does not take %j for a number, and certainly not for zero',
    (side) => {
      for (const operator of ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'])
        expect([compare(`number-${operator}`, side, 0), compare(`number-${operator}`, 0, side)]).toEqual([
          false,
          false,
        ]);
    },
  );

  it.each<Json>([null, 1, true, [], {}, ['a']])('is false for texts against %j, the negative operators too', (side) => {
    for (const operator of ['eq', 'neq', 'contains', 'not-contains', 'start-with', 'end-with', 'match'])
      expect([compare(`string-${operator}`, side, 'a'), compare(`string-${operator}`, 'a', side)]).toEqual([
        false,
        false,
      ]);
    expect([compare('string-empty', side), compare('string-not-empty', side)]).toEqual([false, false]);
  });

  it('looks at the first side alone for empty and not-empty', () => {
    expect([compare('string-empty', ''), compare('string-empty', ' '), compare('string-not-empty', ' ')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('puts RFC 3339, seconds, milliseconds and microseconds on one scale', () => {
    const ms = Date.parse('2024-05-01T08:00:00Z');
    for (const side of [ms, ms / 1000, ms * 1000, String(ms), String(ms / 1000), '2024-05-01T08:00:00Z']) {
      expect(compare('date-eq', side, '2024-05-01T08:00:00Z')).toBe(true);
      expect(compare('date-later-than', side, '2024-05-01T07:59:59Z')).toBe(true);
    }
  });

  it.each<Json>(['', 'today', '2024-02-30', '2024-05-01T25:00:00Z', null, true, {}, []])(
    'does not take %j for a date',
    (side) => {
      for (const operator of ['eq', 'neq', 'earlier-than', 'later-than'])
        expect(compare(`date-${operator}`, side, '2024-05-01')).toBe(false);
    },
  );

  it('matches nothing with a pattern that RE2 does not take', () => {
    expect([compare('string-match', 'a', '('), compare('string-match', 'aa', '(a)\\1')]).toEqual([false, false]);
    expect(compare('string-match', 'a', 'a'.repeat(10_000))).toBe(false);
  });

  it('finishes patterns that back-track for ever elsewhere', () => {
    expect(compare('string-match', `${'a'.repeat(50_000)}!`, '(a+)+$')).toBe(false);
  });

  it('finds a long text in a long one that almost holds it everywhere', () => {
    const half = 'a'.repeat(50_000);
    expect(compare('string-contains', 'a'.repeat(2_000_000), `${half}b${half}`)).toBe(false);
    expect(compare('string-contains', `${'a'.repeat(2_000_000)}b${half}`, `${half}b${half}`)).toBe(true);
  });

  it('refuses to search a huge text with a huge pattern', () => {
    expect(() => compare('string-match', 'a'.repeat(1_000_000), '(\\pL{1,30}){30}$')).toThrow(
      expect.objectContaining({ code: 'expression.too_costly' }) as Error,
    );
  });

  it('answers true or false for whatever data', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMPARISONS.keys()), fc.jsonValue(), fc.jsonValue(), (operator, a, b) => {
        expect(typeof COMPARISONS.get(operator)?.(a as Json, b as Json)).toBe('boolean');
      }),
    );
  });

  it('orders numbers as numbers are ordered, however they are written', () => {
    const side = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(side, side, fc.boolean(), fc.boolean(), (a, b, asText, bsText) => {
        const [left, right] = [asText ? String(a) : a, bsText ? String(b) : b];
        expect(compare('number-lt', left, right)).toBe(a < b);
        expect(compare('number-gte', left, right)).toBe(a >= b);
        expect(compare('number-eq', left, right)).toBe(a === b);
      }),
    );
  });
});
