import type { Json } from '@flow/kernel';
import { codeOf, outputOf } from '@flow/testing/builtins';
import { effortOf } from '@flow/testing/kernel';
import { segmentsOf, valueAt } from '../json-path';

describe('paths into JSON', () => {
  it.each<[string, string[]]>([
    ['a.b.0', ['a', 'b', '0']],
    ["a.'b.c'.d", ['a', 'b.c', 'd']],
    ['"x y" . z', ['x y', 'z']],
    ['a..b', ['a', '', 'b']],
    ['a', ['a']],
  ])('%s is %j', (path, segments) => expect(segmentsOf(path)).toEqual(segments));

  it('never lead to JavaScript itself', () => {
    for (const path of ['constructor', '__proto__', 'toString', 'a.length', 'l.length', 'l.map'])
      expect(valueAt({ a: 'text', l: [1] }, path)).toBeUndefined();
  });

  it('find a key that holds the dots itself first', () => {
    expect(valueAt({ 'a.b': 1, a: { b: 2 } }, 'a.b')).toBe(1);
  });
});

describe('a long path', () => {
  it.each([
    ['spaces within a part', `a${' '.repeat(300_000)}b`],
    ['quotes that nobody closes', "'a.".repeat(100_000)],
    ['quotes with more behind them', "'a'b.".repeat(100_000)],
    ['dots', '.'.repeat(300_000)],
  ])('costs as much as it is long: %s', async (_what, key) => {
    const read = () => outputOf('@internal/json/get', { json: { a: 1 }, fields: [{ key }] });
    expect((await read()).values).toEqual([null]);
    expect(await effortOf(read)).toBeLessThan(300);
  });
});

describe('@internal/json/get', () => {
  it('gives texts as the Go service does, and the values as they are', async () => {
    const json = '{"name":"张三","age":28,"hobbies":["a"],"ok":true,"no":null}';
    const fields = ['name', 'age', 'hobbies', 'ok', 'no', 'missing'].map((key) => ({ key, value: 'default' }));
    expect(await outputOf('@internal/json/get', { json, fields })).toEqual({
      fields: { _0: '张三', _1: '28', _2: '["a"]', _3: 'true', _4: 'default', _5: 'default' },
      values: ['张三', 28, ['a'], true, 'default', 'default'],
    });
  });

  it('takes data as well as text, and makes values of the type that is asked for where it can', async () => {
    const json = { n: '12', t: 12, x: 'many' };
    const fields = [
      { key: 'n', type: 'number' },
      { key: 't', type: 'string' },
      { key: 'x', type: 'number' },
    ];
    expect((await outputOf('@internal/json/get', { json, fields })).values).toEqual([12, '12', 'many']);
  });

  it('says when the text is no JSON', async () => {
    expect(await codeOf('@internal/json/get', { json: '{', fields: [] })).toBe('json.invalid');
  });
});

describe('@internal/json/set', () => {
  it('copies what it changes once, however many fields it puts in, and never changes what came in', async () => {
    const json = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, { n: 0 }]));
    const fields = Array.from({ length: 1_000 }, (_, i) => ({ key: `k${i}.n`, value: i }));
    const write = () => outputOf('@internal/json/set', { json, fields });
    const { data } = await write();
    expect(await effortOf(write)).toBeLessThan(300);
    expect((data as Record<string, unknown>).k999).toEqual({ n: 999 });
    expect(json.k999).toEqual({ n: 0 });
  });

  it('puts one value at two places without tying them together', async () => {
    const shared = { n: 1 };
    const fields = [
      { key: 'a', value: shared },
      { key: 'b', value: shared },
      { key: 'a.n', value: 2 },
    ];
    expect((await outputOf('@internal/json/set', { fields })).data).toEqual({ a: { n: 2 }, b: { n: 1 } });
  });

  it.each<[Json, Json, Json]>([
    ['', [{ key: 'a', value: 1 }], { a: 1 }],
    [
      null,
      [
        { key: 'a.b', value: 1 },
        { key: 'a.c', value: 2 },
      ],
      { a: { b: 1, c: 2 } },
    ],
    [
      { l: [1, 2] },
      [
        { key: 'l.1', value: 'x' },
        { key: 'l.3', value: 'y' },
      ],
      { l: [1, 'x', null, 'y'] },
    ],
    [{}, [{ key: 'l.0.a', value: 1 }], { l: [{ a: 1 }] }],
    [{ a: 'text' }, [{ key: 'a.b', value: 1 }], { a: { b: 1 } }],
    [{ o: { '0': 'x' } }, [{ key: 'o.0', value: 'y' }], { o: { '0': 'y' } }],
    [
      {},
      [
        { key: 'size', type: 'number', value: '12' },
        { key: 'id', type: 'string', value: 7 },
      ],
      { size: 12, id: '7' },
    ],
    [
      {},
      [
        { key: 'a', type: 'array', value: '[1]' },
        { key: 'n', type: 'number' },
      ],
      { a: [1], n: null },
    ],
  ])('into %j puts %j', async (json, fields, data) => {
    const output = await outputOf('@internal/json/set', { json, fields });
    expect(output.data).toEqual(data);
    expect(JSON.parse(output.json as string)).toEqual(data);
  });

  it('leaves what it was given as it was', async () => {
    const json = { a: { b: [1] } };
    await outputOf('@internal/json/set', { json, fields: [{ key: 'a.b.0', value: 2 }] });
    expect(json).toEqual({ a: { b: [1] } });
  });

  it.each<[string, Json, string]>([
    ['__proto__.x', 1, 'json.path_invalid'],
    ['a.constructor', 1, 'json.path_invalid'],
    ['l.x', 1, 'json.path_invalid'],
    ['l.1000000000', 1, 'json.path_invalid'],
  ])('refuses to set %s', async (key, value, code) => {
    expect(await codeOf('@internal/json/set', { json: { l: [] }, fields: [{ key, value }] })).toBe(code);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('refuses a value that is not of its type', async () => {
    const fields = [{ key: 'n', type: 'number', value: 'many' }];
    expect(await codeOf('@internal/json/set', { fields })).toBe('json.type_mismatch');
  });
});

describe('@internal/json/parse', () => {
  it.each<[Json, Json]>([
    ['{"a":1}', { a: 1 }],
    ['```json\n{"a":1}\n```', { a: 1 }],
    ['  ```\n[1]```  ', [1]],
    ['"text"', 'text'],
    [{ already: 'data' }, { already: 'data' }],
    [null, null],
  ])('reads %j', async (json, data) => expect(await outputOf('@internal/json/parse', { json })).toEqual({ data }));

  it.each([['{'], [''], ['{"__proto__":1}'], ['{"a":{"constructor":1}}'], [`${'['.repeat(300)}${']'.repeat(300)}`]])(
    'refuses %s',
    async (json) => expect(await codeOf('@internal/json/parse', { json })).toBe('json.invalid'),
  );

  it('stands text that is nested without end', async () => {
    expect(await codeOf('@internal/json/parse', { json: '['.repeat(1_000_000) })).toBe('json.invalid');
  });
});

describe('@internal/json/template', () => {
  it('gives the data of a result that is JSON, and null for any other', async () => {
    expect(await outputOf('@internal/json/template', { json: { a: 1 }, template: 'n: {{ .a }}' })).toEqual({
      result: 'n: 1',
      data: null,
    });
    expect(await codeOf('@internal/json/template', { json: 'no', template: '' })).toBe('json.invalid');
  });
});
