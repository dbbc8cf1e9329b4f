import fc from 'fast-check';
import { LargeValue, textWithLarge, withLarge, withoutLarge, type Json, type LargeForm } from '@flow/kernel';
import { piecesOf, textIn } from '@flow/testing/platform';
import { jsonPieces } from './json-pieces';
import { JsonThread } from './json-thread';
import { maskedBytes } from './masked-bytes';

const none = () => {
  throw new Error('No value is large here.');
};
const large = (form: LargeForm, parts?: ReadonlyMap<string, Json | undefined>) =>
  new LargeValue({ sha256: form, bytes: 1, form }, parts) as unknown as Json;
const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('JSON in pieces', () => {
  it('is the same text as in one', () =>
    fc.assert(
      fc.asyncProperty(json, async (value) => {
        expect(await textIn(jsonPieces(value, none))).toBe(JSON.stringify(value));
      }),
      { numRuns: 100 },
    ));

  it('is so of long texts, with pairs of surrogates at every place, and of long lists', async () => {
    const values: Json[] = [
      `${'x'.repeat(262_143)}😀${'"\n'.repeat(300_000)}`,
      Array.from({ length: 50_000 }, (_, i) => ({ i })),
      Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key ${i}`, [i, `${i}`]])),
    ];
    for (const value of values) expect(JSON.parse(await textIn(jsonPieces({ value }, none)))).toEqual({ value });
  });

  it('writes large values out where they stand, in the form that they have', async () => {
    const bytes: Record<string, string> = { json: '{"a": [1]}', text: 'a "text"\n', base64: 'bytes of it' };
    const value = { in: [large('json'), large('text')], bin: large('base64') };
    const text = await textIn(jsonPieces(value, ({ form }) => piecesOf(...(bytes[form] ?? '').split(/(?<=.)/))));
    expect(JSON.parse(text)).toEqual({
      in: [{ a: [1] }, 'a "text"\n'],
      bin: Buffer.from('bytes of it').toString('base64'),
    });
  });
});

describe('data with large values', () => {
  it('goes through text and comes back, beside any data', () => {
    const parts = new Map<string, Json | undefined>([
      ['.a', { deep: [1] }],
      ['0', undefined],
      ['.b', new LargeValue(undefined, new Map([['.c', 1]])) as unknown as Json],
    ]);
    fc.assert(
      fc.property(json, (other) => {
        const one = large('json', parts);
        const data = { other, list: [one, { again: one }], plain: { at: null } };
        const back = withLarge(JSON.parse(textWithLarge(data)) as typeof data);
        expect(back.other).toEqual(JSON.parse(JSON.stringify(other)));
        const found = back.list[0] as unknown as LargeValue;
        expect(found).toBeInstanceOf(LargeValue);
        expect((back.list[1] as { again: unknown }).again).toBe(found);
        expect([found.stored, found.part('a'), found.part(0)]).toEqual([
          { sha256: 'json', bytes: 1, form: 'json' },
          { deep: [1] },
          undefined,
        ]);
        expect((found.part('b') as unknown as LargeValue).part('c')).toBe(1);
        expect(() => found.part('other')).toThrow(/too large to be held/);
      }),
    );
  });

  it('is the same object where it holds none, and no text where nobody looks after them', () => {
    const data = { a: [1, { b: null }] };
    expect(withoutLarge(data)).toBe(data);
    expect(() => JSON.stringify({ a: large('json') })).toThrow(/too large to be held/);
  });
});

describe('masked bytes', () => {
  it('show no secret, however the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('hunter2', 'hunter', '2', 'pässwörd', 'x', 'hunhunter2ter2'), { maxLength: 20 }),
        fc.integer({ min: 1, max: 9 }),
        async (words, size) => {
          const all = Buffer.from(words.join(''));
          const cut = async function* () {
            for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
          };
          const hidden = ['hunter2', 'pässwörd'];
          const wanted = hidden.reduce((text, secret) => text.split(secret).join('***'), all.toString());
          expect(await textIn(maskedBytes(cut(), hidden))).toBe(wanted);
        },
      ),
    ));
});

describe('the thread that reads JSON', () => {
  const thread = new JsonThread();
  const ask = { wanted: { isWhole: true, children: [] }, inlineBytes: 10, limitBytes: 1_000, forms: [] };
  const keep = (text: string, more: object = {}) => thread.keep(piecesOf(text), { ...ask, ...more });

  it('loads what it was given, in portions', async () => {
    const values: Json[] = [
      Array.from({ length: 30_000 }, (_, i) => ({ i, list: [i, [`${i}`]] })),
      { a: 'x'.repeat(300_000), b: { c: Array.from({ length: 9_000 }, (_, i) => i), d: { e: 'y'.repeat(100_000) } } },
      'z'.repeat(200_000),
      null,
    ];
    for (const value of values) expect(await thread.load(piecesOf(JSON.stringify(value)))).toEqual(value);
  });

  it('hides secrets in texts, keys and numbers, also where JSON has escaped them', async () => {
    const text = '{"my \\u0068unter2":["hunter2!",12345678,"plain"],"n":1}';
    const kept = await keep(text, { forms: ['hunter2', '12345678'] });
    expect('bytes' in kept && Buffer.from(kept.bytes).toString()).toBe('{"my ***":["***!","***","plain"],"n":1}');
  });

  it.each([
    ['no JSON', '{"a":', /no JSON/],
    ['bytes that are no text', '"\u{fffd}', /no JSON/],
    ['a key that names machinery', '{"a":{"__proto__":1}}', /__proto__/],
    ['JSON that is too deep', '['.repeat(300) + ']'.repeat(300), /deeper/],
  ])('tells the fault of %s', async (_what, text, fault) => {
    expect(await keep(text)).toEqual({ fault: expect.stringMatching(fault) as string });
  });

  it('gives small JSON as it is, and refuses what is too large in our own writing', async () => {
    expect(await keep(`${' '.repeat(500)}[1, 2]`)).toEqual({ value: [1, 2] });
    expect(await keep(JSON.stringify('x'.repeat(2_000)))).toEqual({ tooLarge: true });
  });

  it('lets out the error of its source, and reads the next text', async () => {
    const broken = async function* () {
      yield Buffer.from('[');
      throw new Error('cut');
    };
    await expect(thread.keep(broken(), ask)).rejects.toThrow('cut');
    expect(await keep('[1]')).toEqual({ value: [1] });
  });
});
