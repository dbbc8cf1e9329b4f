import { fieldsOf, filled } from './fields';

const schema = {
  type: 'object',
  properties: {
    customer: { type: 'string', title: 'Customer' },
    amount: { type: 'number', default: 12 },
    size: { enum: [1, 2, 'many'] },
    paid: { type: 'boolean' },
    items: { type: 'array', items: { type: 'string' }, default: ['a'] },
    due: { type: 'string', format: 'date' },
    report: { type: 'string', format: 'file-handle' },
    note: { type: 'string', maxLength: 5000 },
  },
  required: ['customer'],
};
const fields = fieldsOf(schema)!;

describe('a form from a JSON Schema', () => {
  it('has an input for every field, with its name and what stands in it at first', () => {
    expect(fields.map(({ key, label, kind, required, initial }) => [key, label, kind, required, initial])).toEqual([
      ['customer', 'Customer', 'text', true, ''],
      ['amount', 'amount', 'number', false, '12'],
      ['size', 'size', 'choice', false, ''],
      ['paid', 'paid', 'boolean', false, ''],
      ['items', 'items', 'json', false, '[\n  "a"\n]'],
      ['due', 'due', 'date', false, ''],
      ['report', 'report', 'file', false, ''],
      ['note', 'note', 'longText', false, ''],
    ]);
  });

  it('is none where anything may be given', () => {
    expect(fieldsOf({ type: 'object', additionalProperties: true })).toBeUndefined();
  });

  it('gives values of the types that the schema names, and leaves out what was left empty', () => {
    const typed = { customer: 'Ada', amount: '1.5', size: '2', paid: 'false', items: '["b"]', due: '' };
    expect(filled(fields, typed)).toEqual({
      data: { customer: 'Ada', amount: 1.5, size: 2, paid: false, items: ['b'] },
      faults: {},
    });
  });

  it('says what is missing and what cannot be read', () => {
    expect(filled(fields, { amount: 'x', items: '[' }).faults).toEqual({
      customer: 'missing',
      amount: 'number',
      items: 'json',
    });
  });
});
