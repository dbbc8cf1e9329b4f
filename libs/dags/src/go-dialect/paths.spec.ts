import { compileTemplate } from '@flow/expressions';
import type { Json } from '@flow/kernel';
import fc from 'fast-check';
import { parseGoPath, piecesOf, writePath } from './paths';

describe('The texts of the Go service', () => {
  it.each([
    ['no braces', ['no braces']],
    ['{{a}}', ['<a>']],
    ['x {{ __1.b }} y', ['x ', '< __1.b >', ' y']],
    ['{{a}}{{b}}', ['<a>', '<b>']],
    ['{{{a}}} is literal, {{b}} is not', ['{{{a}}} is literal, ', '<b>', ' is not']],
    ['an open {{ stays', ['an open {{ stays']],
    ["{{__1.'}}'}}", ["<__1.'}}'>"]],
    ['{"a": {"b": {{__1.c}}}}', ['{"a": {"b": ', '<__1.c>', '}}']],
  ])('are cut at their braces: %s', (text, pieces) => {
    expect(piecesOf(text).map((piece) => (piece.kind === 'raw' ? piece.text : `<${piece.text}>`))).toEqual(pieces);
  });

  it('lose nothing when they are cut', () => {
    const words = fc.constantFrom('{{', '}}', '{', '}', '"', "'", 'a', '.', '__1', ' ', '{{{', '}}}');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (list) => {
        const text = list.join('');
        const joined = piecesOf(text).map((piece) => (piece.kind === 'raw' ? piece.text : `{{${piece.text}}}`));
        expect(joined.join('')).toBe(text);
      }),
    );
  });
});

describe('Texts of braces and quotes that nobody closes', () => {
  it.each(['{', '{{{a}}', `{{"'}}`, "{{'}}", '{{a', '{{"'])('are cut in one go: %s', (unit) => {
    const text = unit.repeat(150_000);
    expect(
      piecesOf(text).reduce((length, piece) => length + piece.text.length + (piece.kind === 'raw' ? 0 : 4), 0),
    ).toBe(text.length);
  });
});

describe('The paths of the Go service', () => {
  it.each([
    ['__1.answer', '__1.answer'],
    [' __1 . answer ', undefined],
    ['__1.items.0.name', '__1.items.0.name'],
    ["__1.'a.b'.c", "__1.'a.b'.c"],
    ['__1."it\'s"', '__1."it\'s"'],
    ['__1.content-type', "__1.'content-type'"],
    ['__1.@version', "__1.'@version'"],
    ['__a-b.x', '__a-b.x'],
    ['__my_item.x', '__my_item.x'],
    ['__a b.x', '__a b.x'],
    ['__a:b.x', 'step("a:b").x'],
    ['__a/b.x', 'step("a/b").x'],
    ['__1.\u200bx', '__1.x'],
    ['index', 'index'],
    ['__1.007', "__1.'007'"],
    ['1 + 2', undefined],
    ['__1.items[0]', undefined],
    ['__1.a - __2.b', undefined],
    ['upper(__1.a)', undefined],
    ['', undefined],
    ['.a', undefined],
    ['__1.', undefined],
    ['__1..a', undefined],
    ["__1.'a", undefined],
  ])('%s', (text, expected) => {
    const path = parseGoPath(text);
    expect(path && writePath(path)).toBe(expected);
  });

  it('read the same value here, whatever the keys are called', () => {
    const key = fc.oneof(
      fc
        .string({ minLength: 1, maxLength: 8 })
        .filter((text) => !/['"\\{}\u200b-\u200d\u2060\ufeff]|__proto__/.test(text)),
      fc.nat(20),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 4 }), fc.stringMatching(/^[a-z0-9_:/-]{1,8}$/), (path, id) => {
        const written = writePath({ name: `__${id}`, path });
        const data = path.reduceRight<Json>((inner, part) => ({ [part]: inner }), 'found');
        const scope = {
          get: (name: string) => (name === `__${id}` ? data : undefined),
          step: (name: string) => (name === id ? data : undefined),
        };
        expect(compileTemplate(`{{${written ?? ''}}}`).evaluate(scope)).toEqual('found');
      }),
    );
  });
});
