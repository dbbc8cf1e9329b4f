import { RequestInvalid } from '@flow/kernel';
import fc from 'fast-check';
import { parseJsonBody } from './json-body';

const parse = (text: string, maxDepth = 64): unknown => parseJsonBody(Buffer.from(text), maxDepth);

function faultsOf(text: string | Buffer, maxDepth = 64): string[] {
  try {
    parseJsonBody(Buffer.from(text), maxDepth);
  } catch (error) {
    if (error instanceof RequestInvalid) return error.faults.map(({ code, pointer }) => `${code} ${pointer}`.trim());
    throw error;
  }
  return [];
}

describe('A JSON body', () => {
  it('reads as JSON.parse does, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'grapheme' }), (value) => {
        const text = JSON.stringify(value);
        // These names are refused as keys, as the tests below say; chance finds them too.
        fc.pre(!/"(?:__proto__|constructor|prototype)":/.test(text));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is refused past the depth, counted before it is built', () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
    expect(faultsOf(nested(64))).toEqual([]);
    expect(faultsOf(nested(66))).toEqual(['json.too_deep']);
    expect(faultsOf('['.repeat(1_000_000))).toEqual(['json.too_deep']);
    expect(faultsOf(nested(200), 200)).toEqual([]);
  });

  it('may hold as many brackets in its texts as it likes', () => {
    expect(faultsOf(JSON.stringify({ a: '[{'.repeat(1000), b: '\\"[['.repeat(100) }))).toEqual([]);
  });

  it.each([
    ['{"a":[{"__proto__":{"x":1}}]}', 'json.key_forbidden /a/0/__proto__'],
    ['{"a/b":{"constructor":1}}', 'json.key_forbidden /a~1b/constructor'],
    ['{"prototype":1}', 'json.key_forbidden /prototype'],
    ['{"\\u005f_proto__":1}', 'json.key_forbidden /__proto__'],
    ['{"a":1e999}', 'json.number_too_large /a'],
    [`{"a":[${'9'.repeat(400)}]}`, 'json.number_too_large /a/0'],
    ['{"a":"\\ud800"}', 'json.text_invalid /a'],
    ['{"\\udfff":1}', 'json.text_invalid'],
  ])('is refused as %s', (text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  it('may speak of those names in its texts', () => {
    expect(parse('{"text":"__proto__ and constructor"}')).toEqual({ text: '__proto__ and constructor' });
  });

  it('names every forbidden key at once', () => {
    expect(faultsOf('{"prototype":1,"a":{"constructor":2}}')).toHaveLength(2);
  });

  it.each(['', '{', '{"a":1,}', 'nul', '\ufeff{}', "{'a':1}", '1 2', '{"a":NaN}'])(
    'is refused when malformed: %p',
    (text) => {
      expect(faultsOf(text)).toEqual(['json.malformed']);
    },
  );

  it('is refused when it is not UTF-8', () => {
    expect(faultsOf(Buffer.from([0x22, 0xff, 0x22]))).toEqual(['json.not_utf8']);
  });

  it('lets the last of equal keys win, as JSON.parse does', () => {
    expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 });
  });
});
