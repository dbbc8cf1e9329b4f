import type { Json } from '@flow/kernel';
import fc from 'fast-check';
import { compileTemplate, type Scope } from '.';

const data: Record<string, Json> = {
  a: 1,
  list: [1, 'x', null],
  nothing: null,
  yes: true,
  o: { k: [0.1] },
  '__step one': 'out',
};
const scope: Scope = { get: (name) => (Object.hasOwn(data, name) ? data[name] : undefined) };
const render = (text: string): Json => compileTemplate(text).evaluate(scope);

describe('templates', () => {
  it.each<[string, Json]>([
    ['', ''],
    ['plain', 'plain'],
    ['{{a}}', 1],
    ['{{ \t\n a \u00a0 }}', 1],
    ['\u200b{{a}}', '\u200b1'],
    ['{{\u200ba\ufeff}}', 1],
    ['{{a \u200b+ 1}}', 2],
    ['{{a}} ', '1 '],
    ['{{a}}{{a}}', '11'],
    ['{{list}}', [1, 'x', null]],
    ['={{list}}', '=[1,"x",null]'],
    ['={{o}}', '={"k":[0.1]}'],
    ['={{nothing}}={{missing.deep}}=', '==='],
    ['={{yes}}', '=true'],
    ['{{__step one}}', 'out'],
    ['{ {a} }', '{ {a} }'],
    ['}} {{a}} }}', '}} 1 }}'],
    ['{{{a}}}', '{{a}}'],
    ['{{{}}}', '{{}}'],
    ['{{{ {{a}} }}}', '{{ {{a}} }}'],
    ['{{{a}}', '{1'],
    ['{{{a', '{{{a'],
    ['{{a}} {{', '1 {{'],
    ['{{a} }', '{{a} }'],
    ['{"x": {{a}}}', '{"x": 1}'],
    ['{{"a}}b"}}', 'a}}b'],
    ["{{'it\\'s }}'}}", "it's }}"],
    ['{{ {"k": {"l": 1}} }}', { k: { l: 1 } }],
    ['{{ a // the first }}', 1],
  ])('gives for %j %j', (text, expected) => {
    expect(render(text)).toEqual(expected);
  });

  it('tells a text that is exactly one expression from others', () => {
    expect([compileTemplate('{{a}}').single, compileTemplate(' {{a}}').single, compileTemplate('a').single]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('gives its parts in the order of the text', () => {
    const { parts } = compileTemplate('x{{a}}{{{b}}}y{{list.0}}');
    expect(
      parts.map((part) => (part.kind === 'text' ? part.text : { value: part.expression.evaluate(scope) })),
    ).toEqual(['x', { value: 1 }, '{{b}}y', { value: 1 }]);
  });

  it('is constant exactly when it reads no name', () => {
    expect(['x', '{{{x}}}', '{{1 + 1}}', '{{'].map((text) => compileTemplate(text).constant)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['{{a}}', 'x{{a}}', "{{step('a')}}"].map((text) => compileTemplate(text).constant)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it.each([
    ['{{a +}}', 'A value is missing before the end of the expression (column 6 of "{{a +}}")'],
    ['ab {{ foo(1) }}', 'There is no function "foo" (column 7 of "ab {{ foo(1) }}")'],
    ["{{1 +\n  bar.'x y'.zzz(2)}}", `There is no function "zzz" (line 2, column 3 of "{{1 + bar.'x y'.zzz(2)}}")`],
    [
      "{{ a.'b c'.0.d = 1 }}",
      `A single "=" means nothing here; to compare, write "==" (column 16 of "{{ a.'b c'.0.d = 1 }}")`,
    ],
    ['{{a.size(1, 2)}}', '"size" takes 1 argument, not 3 (column 3 of "{{a.size(1, 2)}}")'],
    [
      '{{a.toLowerCase()}}',
      'There is no function "toLowerCase"; it is called "lower" here (column 3 of "{{a.toLowerCase()}}")',
    ],
    ['{{uper(a)}}', 'There is no function "uper"; did you mean "upper"? (column 3 of "{{uper(a)}}")'],
    ['{{}}', 'The expression is empty (column 3 of "{{}}")'],
  ])('says of %j what is wrong and where', (text, message) => {
    expect(() => compileTemplate(text)).toThrow(
      expect.objectContaining({ code: 'expression.invalid', message }) as Error,
    );
  });

  it('says where an evaluation failed, within the whole text', () => {
    expect(() => render('sum: {{ a - list }}')).toThrow(
      '"-" needs numbers, not a list (column 13 of "sum: {{ a - list }}")',
    );
  });

  it('leaves literal text alone', () => {
    const literal = fc.string({ unit: 'binary' }).filter((text) => !text.includes('{{'));
    fc.assert(fc.property(literal, (text) => expect(render(text)).toBe(text)));
  });

  it('brings any text through literal braces', () => {
    const inner = fc.string({ unit: fc.constantFrom('a', '{', '}', ' ', "'", '"', '.') });
    fc.assert(
      fc.property(
        inner.filter((text) => !`${text}}}}`.slice(0, -1).includes('}}}')),
        (text) => expect(render(`<{{{${text}}}}>`)).toBe(`<{{${text}}}>`),
      ),
    );
  });

  it('joins literal text and values in their order', () => {
    const piece = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ' ', '}', '.') }).map((text) => [text, text] as const),
      fc.constantFrom(['{{a}}', '1'] as const, ['{{ nothing }}', ''] as const, ['{{list}}', '[1,"x",null]'] as const),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2 }), (pieces) => {
        const text = `>${pieces.map(([written]) => written).join('|')}<`;
        expect(render(text)).toBe(`>${pieces.map(([, shown]) => shown).join('|')}<`);
      }),
    );
  });
});
