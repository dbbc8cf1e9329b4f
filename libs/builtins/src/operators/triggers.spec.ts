import type { Json, JsonObject } from '@flow/kernel';
import { OperatorCatalogue, type TriggerOperator } from '@flow/operators';
import { theBuiltins } from '@flow/testing/builtins';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

function theTrigger(id: string): TriggerOperator {
  const operator = theBuiltins().find((candidate) => candidate.id === id);
  if (operator?.kind !== 'trigger') throw new Error(`${id} is no trigger`);
  return operator;
}

const form = theTrigger('@trigger/form');
const FIELDS: JsonObject = {
  fields: [
    { key: 'city', name: 'City', type: 'string', required: true, enum: ['Oslo', 'Rome'] },
    { key: 'days', type: 'number', default: 3 },
    { key: 'from', type: 'datetime', description: 'First day' },
    { key: 'tags', type: 'array' },
  ],
};

function accepted(input: JsonObject, parameters = FIELDS): Json {
  const answer = form.accept(parameters, input);
  return 'output' in answer ? answer.output : answer.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('@trigger/manual', () => {
  it('gives on whatever the start brings', () => {
    expect(theTrigger('@trigger/manual').accept({}, { a: [1] })).toEqual({ output: { a: [1] } });
  });
});

describe('@trigger/form', () => {
  it('gives every field a key: what came in, else its default, else null', () => {
    const values = { city: 'Oslo', days: 3, from: null, tags: null };
    expect(accepted({ city: 'Oslo' })).toEqual({ ...values, _type: 'form', fields: values, accessor: '{}' });
  });

  it('says who started it', () => {
    const answer = form.accept(FIELDS, { city: 'Rome' }, { id: 'u-1', name: 'Ada', type: 'user' });
    expect(answer).toMatchObject({ output: { accessor: '{"id":"u-1","name":"Ada","type":"user"}' } });
  });

  it('names every fault of the input at once', () => {
    expect(accepted({ days: '3', from: '2026-01-01', tags: {}, 'x/y': 1 })).toEqual([
      '/city input.missing',
      '/days input.type_mismatch',
      '/from input.type_mismatch',
      '/tags input.type_mismatch',
      '/x~1y input.unknown',
    ]);
    expect(accepted({ city: 'Paris' })).toEqual(['/city input.not_a_choice']);
    expect(accepted({ city: null })).toEqual(['/city input.missing']);
  });

  it.each<[string, Json[], Json[]]>([
    ['string', ['', 'a'], [1, true, [], {}]],
    ['long_string', ['a'], [1]],
    ['radio', ['a'], [1]],
    ['number', [0, -1.5], ['1', true, []]],
    ['integer', [0, 7], [1.5, '7']],
    ['boolean', [true, false], ['true', 0, 1]],
    ['object', [{}, { a: 1 }], [[], 'x', 1]],
    ['array', [[], [1]], [{}, '[]']],
    [
      'datetime',
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5+02:00'],
      ['2026-01-01', '2026-02-30T00:00:00Z', 'now', 0],
    ],
    ['date', ['2026-01-31'], ['2026-02-31', '2026-01-01T00:00:00Z', 1]],
    ['any', [1, 'x', [], {}, false], []],
  ])('a %s takes what it says and nothing else', (type, good, bad) => {
    const parameters = { fields: [{ key: 'f', type }] };
    for (const value of good) expect(accepted({ f: value }, parameters)).toMatchObject({ f: value });
    for (const value of bad) expect(accepted({ f: value }, parameters)).toEqual(['/f input.type_mismatch']);
  });

  it('tells its input as JSON Schema, which takes the same', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
    addFormats(ajv);
    const schema = form.inputSchema(FIELDS);
    const fits = ajv.compile(schema);
    expect(schema).toMatchObject({
      required: ['city'],
      additionalProperties: false,
      properties: { days: { default: 3 }, city: { title: 'City' } },
    });
    for (const input of [
      { city: 'Oslo' },
      { city: 'Rome', days: 1, tags: ['a'] },
      {},
      { city: 'Paris' },
      { city: 'Oslo', x: 1 },
      { city: 'Oslo', days: '1' },
    ])
      expect(fits(input)).toBe(!Array.isArray(accepted(input as JsonObject)));
  });

  it.each<[object, Json[], Json[], string]>([
    [{ type: 'string', format: 'email' }, ['a@b.example'], ['a', 'a@', ''], 'input.format_mismatch'],
    [{ type: 'string', format: 'uri' }, ['https://a.example/b?c'], ['a b', '/x'], 'input.format_mismatch'],
    [{ type: 'string', format: 'uuid' }, ['123e4567-e89b-12d3-a456-426614174000'], ['123'], 'input.format_mismatch'],
    [{ type: 'string', format: 'ipv4' }, ['10.0.0.1'], ['10.0.0.256'], 'input.format_mismatch'],
    [{ type: 'string', format: 'duration' }, ['PT30S'], ['30s'], 'input.format_mismatch'],
    [{ type: 'string', pattern: '^[A-Z]{2}-[0-9]+$' }, ['AB-1'], ['AB-', 'xAB-1'], 'input.format_mismatch'],
    [{ type: 'string', min: 2, max: 3 }, ['ab', '🙂🙂🙂'], ['a', 'abcd', ''], 'input.out_of_bounds'],
    [{ type: 'integer', min: -1, max: 5 }, [-1, 5], [-2, 6], 'input.out_of_bounds'],
    [{ type: 'number', max: 0.5 }, [0.5, -9], [0.51], 'input.out_of_bounds'],
    [{ type: 'array', min: 1, max: 2 }, [[1]], [[], [1, 2, 3]], 'input.out_of_bounds'],
  ])('holds a field %j to it, and says so in the schema', (rules, good, bad, code) => {
    const parameters = { fields: [{ key: 'f', ...rules }] } as JsonObject;
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
    addFormats(ajv);
    const fits = ajv.compile(form.inputSchema(parameters));
    expect(form.check?.(parameters)).toEqual([]);
    for (const value of good) {
      expect(accepted({ f: value }, parameters)).toMatchObject({ f: value });
      expect(fits({ f: value })).toBe(true);
    }
    for (const value of bad) {
      expect(accepted({ f: value }, parameters)).toEqual([`/f ${code}`]);
      expect(fits({ f: value })).toBe(false);
    }
  });

  it.each<[object, string]>([
    [{ type: 'boolean', min: 1 }, '/fields/0/min'],
    [{ type: 'string', min: 0.5 }, '/fields/0/min'],
    [{ type: 'number', min: 2, max: 1 }, '/fields/0/max'],
    [{ type: 'number', pattern: 'a' }, '/fields/0/pattern'],
    [{ type: 'date', format: 'email' }, '/fields/0/format'],
    [{ type: 'string', pattern: '(?=a)' }, '/fields/0/pattern'],
    [{ type: 'string', min: 3, default: 'ab' }, '/fields/0/default'],
    [{ type: 'string', pattern: '^a', enum: ['a', 'b'] }, '/fields/0/enum/1'],
  ])('cannot have a field %j', (rules, pointer) => {
    const parameters = { fields: [{ key: 'f', ...rules }] } as JsonObject;
    expect(form.check?.(parameters).map((fault) => fault.pointer)).toEqual([pointer]);
  });

  it('fills in defaults that look like templates as they are: a trigger is never rendered', () => {
    const parameters = { fields: [{ key: 'f', type: 'string', default: '{{vars.x}}' }] };
    expect(accepted({}, parameters)).toMatchObject({ f: '{{vars.x}}' });
  });

  it.each<[Json, string[]]>([
    [
      [
        { key: 'a', type: 'string' },
        { key: 'a', type: 'number' },
      ],
      ['/fields/1/key'],
    ],
    [
      [
        { key: '_type', type: 'string' },
        { key: '__proto__', type: 'string' },
      ],
      ['/fields/0/key', '/fields/1/key'],
    ],
    [[{ key: 'a', type: 'number', default: 'x' }], ['/fields/0/default']],
    [[{ key: 'a', type: 'string', enum: ['x', 1], default: 'y' }], ['/fields/0/default', '/fields/0/enum/1']],
    [[{ key: 'a', type: 'text' }], ['/fields/0/type']],
    [[{ type: 'string' }], ['/fields/0/key']],
    ['{{vars.fields}}', ['/fields']],
    [[], []],
  ])('refuses when a DAG is saved: %j', (fields, pointers) => {
    const faults = new OperatorCatalogue([form]).faultsOf(form, { fields }, { templates: true });
    expect(faults.map(({ pointer }) => pointer)).toEqual(pointers);
  });
});
