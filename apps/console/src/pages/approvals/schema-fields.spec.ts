import { dataOf, fieldsOf } from './schema-fields';

const schema = {
  type: 'object',
  required: ['amount', 'why'],
  properties: {
    amount: { type: 'number', title: 'Amount', default: 5 },
    why: { type: 'string', description: 'For the books' },
    urgent: { type: 'boolean' },
    way: { enum: ['bank', 'cash'] },
    lines: { type: 'array' },
  },
};

describe('a form from a schema', () => {
  const fields = fieldsOf(schema) ?? [];

  it('has a field for each property', () => {
    expect(fields.map(({ name, kind, isRequired, initial }) => [name, kind, isRequired, initial])).toEqual([
      ['amount', 'number', true, '5'],
      ['why', 'text', true, ''],
      ['urgent', 'boolean', false, ''],
      ['way', 'choice', false, ''],
      ['lines', 'json', false, ''],
    ]);
  });

  it('gives data of the right types, without what was left empty', () => {
    const values = { amount: '1.5', why: '7', urgent: 'true', way: '', lines: '[1]' };
    expect(dataOf(fields, values)).toEqual({ data: { amount: 1.5, why: '7', urgent: true, lines: [1] } });
  });

  it('says what is wrong with every field at once', () => {
    expect(dataOf(fields, { amount: 'many', why: ' ', lines: '[' })).toEqual({
      faults: { amount: 'notNumber', why: 'required', lines: 'invalidJson' },
    });
  });

  it('is none for what is no object of properties', () => {
    for (const other of [null, undefined, true, { type: 'string' }, [schema]]) expect(fieldsOf(other)).toBeUndefined();
  });
});
