import { findText } from '@flow/kernel';
import fc from 'fast-check';
import { numberText, Pattern, timeOf, formatTime, offsetOf } from '.';
import { MAX_CACHED_PATTERNS } from './limits';

describe('patterns', () => {
  it('match anywhere unless anchored, and tell where and which groups', () => {
    expect(Pattern.of('b').test('abc')).toBe(true);
    expect(Pattern.of('^b$').test('abc')).toBe(false);
    expect(Pattern.of('(\\w)(\\d)?').find('-a1')).toEqual({ text: 'a1', index: 1, groups: ['a', '1'] });
    expect(Pattern.of('(a)|(b)').findAll('ab-b', 2)).toEqual([
      { text: 'a', index: 0, groups: ['a', null] },
      { text: 'b', index: 1, groups: [null, 'b'] },
    ]);
    expect(Pattern.of('x').find('abc')).toBeUndefined();
  });

  it('keep what they were when many others were compiled since', () => {
    const first = Pattern.of('first');
    for (let i = 0; i <= MAX_CACHED_PATTERNS; i += 1) Pattern.of(`p${i}`);
    expect(Pattern.of('first')).not.toBe(first);
    expect(Pattern.of(`p${MAX_CACHED_PATTERNS}`)).toBe(Pattern.of(`p${MAX_CACHED_PATTERNS}`));
    expect(Pattern.of('first').test('the first')).toBe(true);
  });

  it.each(['(', '(?=a)', '(a)\\1', 'a{2000}', 'a'.repeat(600), '[z-a]', '(?<!a)b'])(
    'are refused when RE2 does not take %s',
    (source) => {
      expect(() => Pattern.of(source)).toThrow(expect.objectContaining({ code: 'expression.invalid' }) as Error);
    },
  );

  it('stop a search that reads the rest of a long text for each match', () => {
    expect(() => Pattern.of('.*b|a').findAll('a'.repeat(100_000), Infinity)).toThrow(
      expect.objectContaining({ code: 'expression.too_costly' }) as Error,
    );
  });

  it('end at empty matches', () => {
    expect(
      Pattern.of('a*')
        .findAll('baa', 10)
        .map(({ text }) => text),
    ).toEqual(['', 'aa', '']);
  });
});

describe('findText', () => {
  it('finds what the built-in search finds', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 40 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: -2, max: 45 }), (t, p, from) =>
        expect(findText(t, p, from)).toBe(t.indexOf(p, from)),
      ),
    );
  });

  it('finds it in texts so long that the built-in search would be slow', () => {
    const shape = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 3_000 })), { maxLength: 6 });
    const write = (runs: [string, number][]): string => runs.map(([char, times]) => char.repeat(times)).join('');
    fc.assert(
      fc.property(shape, shape, fc.nat({ max: 5_000 }), (around, runs, from) => {
        const piece = `${write(runs)}ab`.slice(0, 5_000);
        const text = write(around) + piece + 'a'.repeat(12_000) + write(around);
        expect(findText(text, piece, from)).toBe(text.indexOf(piece, from));
      }),
      { numRuns: 50 },
    );
  });
});

describe('numbers as text', () => {
  it('have no exponent and read back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
        const text = numberText(n);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).toBe(n === 0 ? 0 : n);
      }),
    );
    expect([1e21, -1.5e-7, 123456789e20, 5e-324].map(numberText).map((text) => text.slice(0, 24))).toEqual([
      '1000000000000000000000',
      '-0.00000015',
      '1234567890000000000000000000'.slice(0, 24),
      '0.0000000000000000000000',
    ]);
  });
});

describe('times', () => {
  it('read what RFC 3339 writes, and only that', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(timeOf(date.toISOString())).toBe(date.getTime());
          expect(formatTime(date.getTime(), "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", 0)).toBe(date.toISOString());
        },
      ),
    );
    expect(timeOf('2024-05-01T10:00:00.123456+02:00')).toBe(Date.parse('2024-05-01T08:00:00.123Z'));
    expect(timeOf('2024-02-29')).toBe(Date.parse('2024-02-29T00:00:00Z'));
    for (const text of [
      '',
      '2023-02-29',
      '2024-13-01',
      '2024-1-1',
      '2024-05-01T08:00',
      '2024-05-01T24:00:00Z',
      '2024-05-01T08:00:00',
      '1714550400',
      'x2024-05-01',
    ])
      expect([text, timeOf(text)]).toEqual([text, undefined]);
  });

  it('take offsets, no names', () => {
    expect(['Z', '+08:00', '-0330', 'Europe/Berlin', '+25:00'].map(offsetOf)).toEqual([
      0,
      480,
      -210,
      undefined,
      undefined,
    ]);
  });
});
