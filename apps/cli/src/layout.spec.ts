import { bar, columns, countText, sizeText, timeText, wrap } from './layout';

describe('What is written for people', () => {
  it('stands in columns, whatever its colours', () => {
    expect(
      columns([
        ['a', 'bb', 'c'],
        ['aaa', '\x1b[31mb\x1b[39m', ''],
        ['', '', 'c'],
      ]),
    ).toEqual(['a    bb  c', 'aaa  \x1b[31mb\x1b[39m', '         c']);
  });

  it('is broken between words', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('unbreakable one', 5)).toEqual(['unbreakable', 'one']);
    expect(wrap('one\ntwo', 80)).toEqual(['one', 'two']);
  });

  it('says sizes, times and counts as one says them', () => {
    expect([0, 1_023, 1_024, 1_500_000, 2 ** 40].map(sizeText)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.4 MiB',
      '1.0 TiB',
    ]);
    expect([0.4, 999, 1_000, 59_949, 59_950, 200_000].map(timeText)).toEqual([
      '0 ms',
      '999 ms',
      '1.0 s',
      '59.9 s',
      '1 min 0 s',
      '3 min 20 s',
    ]);
    expect([countText(1, 'file'), countText(1_200, 'row')]).toEqual(['1 file', '1,200 rows']);
  });

  it('fills a bar only when all is done', () => {
    expect([bar(0, 0, 4), bar(1, 2, 4), bar(99, 100, 4), bar(4, 4, 4), bar(9, 4, 4)]).toEqual([
      '[....]',
      '[##..]',
      '[###.]',
      '[####]',
      '[####]',
    ]);
  });
});
