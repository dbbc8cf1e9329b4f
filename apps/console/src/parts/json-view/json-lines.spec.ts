import {
  CHARACTERS_AT_FIRST,
  ITEMS_AT_FIRST,
  MOST_CHARACTERS,
  linesOf,
  roughBytes,
  type JsonFolding,
} from './json-lines';

const folding = (more: Partial<JsonFolding> = {}): JsonFolding => ({
  toggled: new Set(),
  shown: new Map(),
  whole: new Set(),
  ...more,
});
const shown = (value: unknown, more: Partial<JsonFolding> = {}) =>
  linesOf(value, folding(more)).map(({ depth, name, text }) => `${' '.repeat(depth)}${name ?? ''}=${text}`);

describe('lines of a value', () => {
  it('are those of the first levels, and of what was opened', () => {
    const value = { a: { b: { c: [1, 'x', null, true] } }, empty: {} };
    expect(shown(value)).toEqual(['={2}', ' a={1}', '  b={1}', ' empty={0}']);
    expect(shown(value, { toggled: new Set(['/a/b', '/a/b/c']) })).toEqual([
      '={2}',
      ' a={1}',
      '  b={1}',
      '   c=[4]',
      '    0=1',
      '    1=x',
      '    2=null',
      '    3=true',
      ' empty={0}',
    ]);
    expect(shown(value, { toggled: new Set(['']) })).toEqual(['={2}']);
  });

  it('keep names with slashes apart', () => {
    const lines = linesOf({ 'a/b': 1, a: { b: 2 } }, folding());
    expect(new Set(lines.map(({ key }) => key)).size).toBe(4);
  });

  it('are few for a list of a million, and more when they are asked for', () => {
    const list = Array.from({ length: 1_000_000 }, (_, i) => i);
    const lines = linesOf(list, folding());
    expect(lines).toHaveLength(ITEMS_AT_FIRST + 2);
    expect(lines.at(-1)).toMatchObject({ kind: 'more', text: String(1_000_000 - ITEMS_AT_FIRST) });
    expect(linesOf(list, folding({ shown: new Map([['', 250]]) }))).toHaveLength(252);
  });

  it('hold a part of a long text, and never all of a very long one', () => {
    const value = { text: 'x'.repeat(10 * 1024 * 1024) };
    expect(linesOf(value, folding())[1]).toMatchObject({ length: value.text.length });
    expect(linesOf(value, folding())[1]?.text).toHaveLength(CHARACTERS_AT_FIRST);
    expect(linesOf(value, folding({ whole: new Set(['/text']) }))[1]?.text).toHaveLength(MOST_CHARACTERS);
  });
});

it('bytes are counted up to where it no longer matters', () => {
  expect(roughBytes({ a: 'bcd' }, 1_000)).toBeGreaterThanOrEqual(JSON.stringify({ a: 'bcd' }).length);
  const huge = Array.from({ length: 100_000 }, () => 'x'.repeat(100));
  expect(roughBytes(huge, 1_000)).toBeLessThan(JSON.stringify(huge).length);
});
