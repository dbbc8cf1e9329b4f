import type { JsonObject } from '@flow/kernel';
import { OperatorCatalogue, done, secretPointers, type ActionOperator, type JsonSchema } from '@flow/operators';

function anOperator(parameters: JsonSchema, extra: Partial<ActionOperator> = {}): ActionOperator {
  return {
    kind: 'action',
    id: '@test/operator',
    title: 'Test',
    help: 'Tests.',
    parameters: { type: 'object', additionalProperties: false, ...parameters },
    output: {},
    example: { parameters: {}, output: null },
    effect: 'pure',
    idempotent: true,
    timeoutMs: 1000,
    capabilities: [],
    run: () => done(null),
    ...extra,
  };
}

const HTTP_LIKE: JsonSchema = {
  required: ['url'],
  properties: {
    url: { type: 'string', minLength: 1 },
    method: { enum: ['GET', 'POST'] },
    retries: { type: 'integer', minimum: 0, maximum: 5 },
    headers: { type: 'object', additionalProperties: { type: 'string', 'x-secret': true } },
    expected: {
      type: 'array',
      items: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\d{3}$', description: 'three digits' }] },
    },
    auth: {
      oneOf: [
        {
          type: 'object',
          required: ['type', 'token'],
          additionalProperties: false,
          properties: { type: { const: 'bearer' }, token: { type: 'string', 'x-secret': true } },
        },
        {
          type: 'object',
          required: ['type', 'username'],
          additionalProperties: false,
          properties: {
            type: { const: 'basic' },
            username: { type: 'string' },
            password: { type: 'string', 'x-secret': true },
          },
        },
      ],
    },
  },
};

function faultsOf(
  parameters: JsonObject,
  options: { templates?: boolean; schema?: JsonSchema; extra?: Partial<ActionOperator> } = {},
) {
  const operator = anOperator(options.schema ?? HTTP_LIKE, options.extra);
  return new OperatorCatalogue([operator])
    .faultsOf(operator, parameters, { templates: options.templates ?? true })
    .map(({ pointer, message }) => `${pointer} ${message}`);
}

describe('OperatorCatalogue', () => {
  it('refuses two operators with one id, and says which operator is not there', () => {
    const operator = anOperator({});
    expect(() => new OperatorCatalogue([operator, operator])).toThrow('Two operators have the id @test/operator.');
    const catalogue = new OperatorCatalogue([operator]);
    expect(catalogue.get('@test/operator')).toBe(operator);
    expect(() => catalogue.get('@test/none')).toThrow('@test/none is not available');
    expect(catalogue.list()).toEqual([operator]);
  });

  it('says each fault once, where it is and what to do', () => {
    const faults = faultsOf({ method: 'FETCH', retries: 9, header: {}, expected: ['20'], headers: { a: 1 } });
    expect(faults.sort()).toEqual([
      '/expected/0 "expected[0]" does not have the right form: three digits.',
      '/header The parameter "header" is unknown; there are url, method, retries, headers, expected, auth.',
      '/headers/a "headers.a" must be a text, not a number.',
      '/method "method" must be one of "GET", "POST".',
      '/retries "retries" must be at most 5.',
      '/url The parameter "url" is missing.',
    ]);
  });

  it('of a choice, speaks of the form that was meant', () => {
    const url = 'x';
    expect(faultsOf({ url, auth: { type: 'bearer', tokn: 'x' } })).toEqual([
      '/auth/token The parameter "auth.token" is missing.',
      '/auth/tokn The parameter "auth.tokn" is unknown; there are type, token.',
    ]);
    expect(faultsOf({ url, auth: { type: 'digest' } })).toEqual([
      '/auth "auth" fits none of the forms that it may have: type "bearer", type "basic".',
    ]);
    expect(faultsOf({ url, auth: 7 })).toEqual(['/auth "auth" fits none of the forms that it may have: an object.']);
    expect(faultsOf({ url, expected: [true] })).toEqual([
      '/expected/0 "expected[0]" fits none of the forms that it may have: a whole number or a text.',
    ]);
  });

  it('escapes keys in pointers and writes them plainly in sentences', () => {
    expect(faultsOf({ url: 'x', headers: { 'a/b~c': null } })).toEqual([
      '/headers/a~1b~0c "headers.a/b~c" must be a text, not null.',
    ]);
  });

  it('tells what is wrong with a key once, at the object that has it', () => {
    const schema: JsonSchema = { properties: { o: { type: 'object', propertyNames: { pattern: '^[a-z]+$' } } } };
    expect(faultsOf({ o: { A: 1 } }, { schema })).toEqual(['/o "o" has the key "A", which is not allowed.']);
  });

  it('changes nothing: defaults of a schema are for readers', () => {
    const parameters = {};
    expect(faultsOf(parameters, { schema: { properties: { a: { type: 'string', default: 'x' } } } })).toEqual([]);
    expect(parameters).toEqual({});
  });
});

describe('parameters with templates', () => {
  it('may hold one wherever a value of any type stands', () => {
    const parameters = {
      url: '{{__0.url}}/x',
      method: '{{vars.method}}',
      retries: '{{1 + 1}}',
      headers: '{{__0.headers}}',
      expected: ['{{__0.status}}', 200],
      auth: { type: 'basic', username: '{{__0.user}}', password: '{{secrets.p}}' },
    };
    expect(faultsOf(parameters)).toEqual([]);
    expect(faultsOf({ url: 'x', auth: '{{__0.auth}}', expected: '{{__0.expected}}' })).toEqual([]);
  });

  it('are checked as they stand once they are rendered', () => {
    expect(faultsOf({ url: 'x', retries: '{{2}}' }, { templates: false })).toEqual([
      '/retries "retries" must be a whole number, not a text.',
    ]);
  });

  it('hide no missing or unknown key, beside or above them', () => {
    expect(faultsOf({ method: '{{m}}', hedaers: { a: '{{b}}' } }).map((fault) => fault.split(' ')[0])).toEqual([
      '/url',
      '/hedaers',
    ]);
    expect(faultsOf({ url: '{{u}}', auth: { type: 'bearer', token: '{{t}}', extra: '{{e}}' } })).toEqual([
      '/auth/extra The parameter "auth.extra" is unknown; there are type, token.',
    ]);
    expect(faultsOf({ url: '{{u}}', auth: { type: '{{kind}}', tokn: 'x' } })).not.toEqual([]);
  });

  it('hide no wrong value beside them', () => {
    expect(faultsOf({ url: '{{u}}', retries: 9, expected: ['{{s}}', 'x'] })).toHaveLength(2);
    expect(faultsOf({ url: '{{u}}', auth: { type: 'basic', username: '{{n}}', password: 5 } })).toEqual([
      '/auth/password "auth.password" must be a text, not a number.',
    ]);
  });

  it('leave open what only the values decide', () => {
    const schema: JsonSchema = {
      properties: { a: { type: 'string' }, b: { type: 'string' }, n: { type: 'string', not: { const: '' } } },
      if: { properties: { a: { const: 'x' } }, required: ['a'] },
      then: { required: ['b'] },
    };
    expect(faultsOf({ a: 'x' }, { schema })).toEqual(['/b The parameter "b" is missing.']);
    expect(faultsOf({ a: '{{v}}' }, { schema })).toEqual([]);
    expect(faultsOf({ a: 'y', n: '{{v}}' }, { schema })).toEqual([]);
    expect(faultsOf({ a: 'y', n: '' }, { schema })).toHaveLength(1);
  });

  it('leave nothing open that only the keys decide', () => {
    const schema: JsonSchema = {
      properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
      not: { required: ['b', 'c'] },
    };
    expect(faultsOf({ a: '{{x}}' }, { schema })).toEqual([]);
    expect(faultsOf({ a: '{{x}}', b: '{{y}}' }, { schema })).toEqual([
      ' The parameters fit more than one of the forms that it may have: give one of a, b.',
    ]);
    expect(faultsOf({ b: '{{y}}', c: '{{z}}' }, { schema })).toHaveLength(1);
  });

  it('follow references and recursion', () => {
    const schema: JsonSchema = {
      properties: { tree: { $ref: '#/$defs/node' } },
      $defs: {
        node: {
          type: 'object',
          required: ['size'],
          additionalProperties: false,
          properties: { size: { type: 'integer' }, next: { $ref: '#/$defs/node' } },
        },
      },
    };
    expect(faultsOf({ tree: { size: 1, next: { size: '{{n}}', next: '{{rest}}' } } }, { schema })).toEqual([]);
    expect(faultsOf({ tree: { size: 1, next: { next: '{{rest}}' } } }, { schema })).toEqual([
      '/tree/next/size The parameter "tree.next.size" is missing.',
    ]);
  });

  it('do not exist where an operator takes its text verbatim', () => {
    const schema: JsonSchema = { properties: { target: { type: 'string', pattern: '^\\{\\{__' } } };
    expect(faultsOf({ target: '{{__1.a}}' }, { schema, extra: { verbatim: ['target'] } })).toEqual([]);
    expect(faultsOf({ target: '{{vars.a}}' }, { schema, extra: { verbatim: ['target'] } })).toHaveLength(1);
  });

  it('let the operator speak when the schema found nothing, and only when a DAG is saved', () => {
    const check = () => [{ pointer: '/a', code: 'test.fault', message: 'No.' }];
    const schema: JsonSchema = { properties: { a: { type: 'integer' } } };
    expect(faultsOf({ a: 1 }, { schema, extra: { check } })).toEqual(['/a No.']);
    expect(faultsOf({ a: 'x' }, { schema, extra: { check } })).toHaveLength(1);
    expect(faultsOf({ a: 1 }, { schema, extra: { check }, templates: false })).toEqual([]);
  });
});

describe('secretPointers', () => {
  it('lists the marked texts that are there, through objects, lists and choices', () => {
    const operator = anOperator({
      properties: {
        ...(HTTP_LIKE.properties as JsonObject),
        keys: { type: 'array', items: { type: 'string', 'x-secret': true } },
        whole: { type: 'object', 'x-secret': true },
        pairs: { type: 'array', prefixItems: [{ type: 'string' }, { $ref: '#/$defs/hidden' }] },
      },
      patternProperties: { '^key-': { type: 'string', 'x-secret': true } },
      $defs: { hidden: { type: 'string', 'x-secret': true } },
    });
    const parameters = {
      url: '{{secrets.no}}',
      headers: { 'X-A': 'a', 'X/B': 'b' },
      auth: { type: 'basic', username: 'u', password: 'p' },
      keys: ['k', 'l'],
      whole: { deep: ['d', 1], plain: 'p' },
      pairs: ['name', 'value', 'rest'],
      'key-1': 'k',
      other: 'o',
    };
    expect(secretPointers(operator, parameters)).toEqual([
      '/headers/X-A',
      '/headers/X~1B',
      '/auth/password',
      '/keys/0',
      '/keys/1',
      '/whole/deep/0',
      '/whole/plain',
      '/pairs/1',
      '/key-1',
    ]);
    expect(secretPointers(operator, {})).toEqual([]);
  });
});
