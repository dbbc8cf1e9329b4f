import { givenSchemaFaults, givenSchemaProblem } from './given-schema';

describe('A schema that an author wrote', () => {
  const letters = { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' } };

  it('holds texts to its patterns, each to its own', () => {
    const schema = { properties: { a: letters, b: { type: 'string', pattern: '^[0-9]+$' } } };
    expect(givenSchemaFaults(schema, { a: ['x'], b: '1' })).toEqual([]);
    expect(givenSchemaFaults(schema, { a: ['x', '1'], b: 'x' }).map(({ pointer }) => pointer)).toEqual(['/a/1', '/b']);
  });

  it('finds repeated items in time that grows with their number', () => {
    const items = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const schema = { type: 'array', uniqueItems: true };
    expect(givenSchemaFaults(schema, items)).toEqual([]);
    expect(givenSchemaFaults(schema, [...items, { i: 7 }])).toEqual([
      expect.objectContaining({ pointer: '', message: 'The parameters holds the same entry twice (7 and 200000).' }),
    ]);
    expect(givenSchemaFaults(schema, [1, '1', { a: 1, b: 2 }, { b: 2, a: 1 }])).toHaveLength(1);
  }, 10_000);

  it('cannot be used with a pattern that may hang, or with what it is not there', () => {
    expect(givenSchemaProblem({ pattern: '(a)\\1' })).toBeDefined();
    expect(givenSchemaProblem({ $ref: 'https://example.com/x.json' })).toBeDefined();
    expect(givenSchemaProblem(letters)).toBeUndefined();
  });
});
