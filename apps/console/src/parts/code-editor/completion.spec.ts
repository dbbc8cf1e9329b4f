import { suggestionsAt } from './completion';

const SCHEMA = {
  type: 'object',
  required: ['title', 'steps'],
  properties: {
    title: { type: 'string', description: 'What it is called' },
    priority: { enum: ['low', 'high'] },
    steps: { type: 'array', items: { $ref: '#/$defs/step' } },
  },
  $defs: {
    step: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        operator: {
          anyOf: [
            { const: '@http/request', title: 'HTTP request' },
            { const: '@control/wait', title: 'Wait' },
          ],
        },
        parameters: { type: 'object' },
        steps: { type: 'array', items: { $ref: '#/$defs/step' } },
      },
      allOf: [
        {
          if: { properties: { operator: { const: '@http/request' } }, required: ['operator'] },
          then: { properties: { parameters: { properties: { method: { enum: ['GET', 'POST'] }, followRedirects: { type: 'boolean' } } } } }, // prettier-ignore
        },
        {
          if: { properties: { operator: { const: '@control/wait' } }, required: ['operator'] },
          then: { properties: { parameters: { properties: { duration: { if: { $ref: '#/$defs/t' }, then: true, else: { type: 'string' } } } } } }, // prettier-ignore
        },
      ],
    },
    t: { type: 'string' },
  },
};

/** The cursor stands at the bar. */
const at = (marked: string, format: 'json' | 'yaml' = 'yaml') =>
  suggestionsAt(marked.replace('|', ''), marked.indexOf('|'), format, SCHEMA)?.options.map(({ apply }) => apply);

describe('what the editor suggests', () => {
  it('names the keys that are not there yet', () => {
    expect(at('title: A\n|')).toEqual(['priority: ', 'steps: ']);
    expect(at('title: A\npri|')).toEqual(['priority: ', 'steps: ']);
    expect(at('{ "title": "A", "|" }', 'json')).toEqual(['"priority": ', '"steps": ']);
  });

  it('knows what stands in a list, in a body, and on one line', () => {
    const keys = ['operator: ', 'parameters: ', 'steps: '];
    expect(at('steps:\n  - id: a\n    |')).toEqual(keys);
    expect(at('steps:\n  - id: a\n    steps:\n      - id: b\n        |\n  - id: c')).toEqual(keys);
    expect(at('steps:\n  - { id: a, | }')).toEqual(keys);
    expect(at('steps:\n  - |')).toEqual(['id: ', ...keys]);
  });

  it('names the values of a key, quoted where they have to be', () => {
    expect(at('priority: |')).toEqual(['low', 'high']);
    expect(at('steps:\n  - operator: "@h|"')).toEqual(['"@http/request"', '"@control/wait"']);
    expect(at('{ "priority": "|" }', 'json')).toEqual(['"low"', '"high"']);
  });

  it('knows the parameters of the operator that stands there', () => {
    expect(at('steps:\n  - operator: "@http/request"\n    parameters:\n      |')).toEqual([
      'method: ',
      'followRedirects: ',
    ]);
    expect(at('steps:\n  - operator: "@control/wait"\n    parameters: { | }')).toEqual(['duration: ']);
    expect(at('steps:\n  - operator: "@http/request"\n    parameters: { followRedirects: | }')).toEqual([
      'true',
      'false',
    ]);
  });

  it('says nothing where it knows nothing', () => {
    expect(at('title: |')).toBeUndefined();
    expect(at('other:\n  |')).toBeUndefined();
  });
});
