import type { Json } from '@flow/kernel';
import { codeOf, outputOf } from '@flow/testing/builtins';
import { effortOf } from '@flow/testing/kernel';

describe('@internal/text/split', () => {
  it.each<[string, string, string | undefined, string[]]>([
    ['a,b,,c', ',', undefined, ['a', 'b', '', 'c']],
    ['a，b', '，', undefined, ['a', 'b']],
    ['a b', ' ', undefined, ['a', 'b']],
    ['a<>b', 'custom', '<>', ['a', 'b']],
    ['é漢😀', 'custom', '', ['é', '漢', '😀']],
    ['', ',', undefined, ['']],
  ])('cuts "%s" at "%s" %s', async (text, separator, custom, items) => {
    const output = await outputOf('@internal/text/split', { text, separator, ...(custom !== undefined && { custom }) });
    expect(output.items).toEqual(items);
    expect(JSON.parse(output.slices as string)).toEqual(Object.fromEntries(items.entries()));
  });

  it('takes time that grows with the text alone, whatever the separator', async () => {
    const custom = `${'a'.repeat(100_000)}b${'a'.repeat(100_000)}`;
    const text = `${'a'.repeat(700_000)}${custom}c`;
    const split = () => outputOf('@internal/text/split', { text, separator: 'custom', custom });
    const { items } = await split();
    expect(await effortOf(split)).toBeLessThan(300);
    expect(items).toEqual(['a'.repeat(700_000), 'c']);
  });
});

describe('@internal/text/join', () => {
  it.each<[Json, string, string]>([
    [['a', 'b'], ',', 'a,b'],
    [['a', 1, null, true, { b: 1e21 }], '', 'a1true{"b":1e+21}'],
    ['["a","b"]', ';', 'a;b'],
    ['{"0":"a","1":"b"}', ';', 'a;b'],
    ['plain', ';', 'plain'],
    ['7', ';', '7'],
    [null, ';', ''],
  ])('joins %j with "%s"', async (texts, separator, text) => {
    expect(await outputOf('@internal/text/join', { texts, separator })).toEqual({ text });
  });

  it('undoes split, from either of its outputs', async () => {
    const split = await outputOf('@internal/text/split', { text: 'a;b;c;d;e;f;g;h;i;j;k;l', separator: ';' });
    for (const texts of [split.items!, split.slices!])
      expect(await outputOf('@internal/text/join', { texts, separator: ';' })).toEqual({
        text: 'a;b;c;d;e;f;g;h;i;j;k;l',
      });
  });
});

describe('@internal/text/match', () => {
  it.each([
    ['NUMBER', 'order 12345, sum 678.90', ['12345', '678', '90']],
    ['EMAIL', 'to a.b+c@mail.example.org, not @x or a@b', ['a.b+c@mail.example.org']],
    ['CN_PHONE_NUMBER', '电话13812345678，12345678901', ['13812345678']],
    ['CN_ID_CARD', '11010519491231002X and 110105194913310021', ['11010519491231002X']],
    ['CN_ID_CARD', 'x 110105199012310021 y', ['110105199012310021']],
    ['CN_BANK_CARD_NUMBER', '6222021234567890123 and 123', ['6222021234567890123']],
    ['NUMBER', 'none', []],
  ])('finds %s in "%s"', async (matchtype, text, items) => {
    expect(await outputOf('@internal/text/match', { text, matchtype })).toEqual({ matched: items[0] ?? '', items });
  });

  it('is quick on text made to make it slow', async () => {
    for (const text of ['a'.repeat(2048), `${'a.'.repeat(1020)}@`, `a@${'a-'.repeat(1000)}`, `a@${'a.'.repeat(1000)}1`])
      expect(await effortOf(() => outputOf('@internal/text/match', { text, matchtype: 'EMAIL' }))).toBeLessThan(300);
  });
});

describe('@internal/define', () => {
  it.each<[string, Json, Json]>([
    ['string', { a: 1 }, '{"a":1}'],
    ['string', 3, '3'],
    ['number', ' 4.5 ', 4.5],
    ['number', null, null],
    ['boolean', 'true', true],
    ['object', '{"a": 1}', { a: 1 }],
    ['array', '[1]', [1]],
    ['array', [2], [2]],
  ])('reads as %s what %j says', async (type, value, defined) => {
    expect(await outputOf('@internal/define', { type, value })).toEqual({ value: defined });
  });

  it.each<[string, Json]>([
    ['number', 'four'],
    ['number', '0x10'],
    ['number', true],
    ['boolean', 1],
    ['object', '[1]'],
    ['array', '{"a":'],
    ['object', '{"__proto__": {}}'],
  ])('refuses as %s what %j does not say', async (type, value) => {
    expect(await codeOf('@internal/define', { type, value })).toBe('define.type_mismatch');
  });
});

describe('@internal/text/template', () => {
  it('fails with what is wrong in the template', async () => {
    expect(await codeOf('@internal/text/template', { template: '{{ if' })).toBe('template.invalid');
    expect(await codeOf('@internal/text/template', { template: '{{ div 1 0 }}' })).toBe('template.failed');
    expect(await codeOf('@internal/text/template', { template: '{{ range 1e9 }}{{ end }}' })).toBe(
      'template.too_costly',
    );
  });
});
