import { fieldsOf } from './fields';
import { filled } from './filled';

const schema = {
  type: 'object',
  properties: {
    customer: { type: 'string', title: 'Customer' },
    amount: { type: 'number', default: 12 },
    size: { enum: [1, 2, 'many'] },
    paid: { type: 'boolean' },
    urgent: { type: 'boolean' },
    items: { type: 'array', items: { type: 'string' }, default: ['a'] },
    due: { type: 'string', format: 'date' },
    report: { type: 'string', format: 'file-handle' },
    note: { type: 'string', maxLength: 5000 },
  },
  required: ['customer', 'urgent'],
};
const fields = fieldsOf(schema);

describe('a form from a JSON Schema', () => {
  it('has an input for every field, with its name and what stands in it at first', () => {
    expect(fields.map(({ key, label, kind, required, initial }) => [key, label, kind, required, initial])).toEqual([
      ['customer', 'Customer', 'text', true, ''],
      ['amount', 'amount', 'number', false, '12'],
      ['size', 'size', 'choice', false, ''],
      ['paid', 'paid', 'maybe', false, ''],
      ['urgent', 'urgent', 'boolean', true, 'false'],
      ['items', 'items', 'json', false, '[\n  "a"\n]'],
      ['due', 'due', 'date', false, ''],
      ['report', 'report', 'file', false, ''],
      ['note', 'note', 'longText', false, ''],
    ]);
  });

  it('is one field for all of it where the schema names no properties', () => {
    const wholes = [
      { type: 'object', additionalProperties: true },
      { type: 'string' },
      null,
      { type: 'array', default: [1] },
    ];
    expect(wholes.map((one) => fieldsOf(one).map(({ key, kind, initial }) => [key, kind, initial]))).toEqual([
      [['', 'json', '{}']],
      [['', 'json', '']],
      [['', 'json', '{}']],
      [['', 'json', '[\n  1\n]']],
    ]);
    expect(filled(fieldsOf({ type: 'string' }), { '': '"a text"' })).toEqual({ data: 'a text', faults: {} });
    expect(filled(fieldsOf({ type: 'string' }), { '': '' })).toEqual({ data: undefined, faults: {} });
  });

  it('shows a preset moment in the zone of the viewer, and gives it back as it was', () => {
    const at = '2026-11-27T10:30:00.000Z';
    const moments = fieldsOf({ properties: { at: { type: 'string', format: 'date-time', default: at } } });
    expect(filled(moments, { at: moments[0]!.initial }).data).toEqual({ at });
    expect(filled(moments, { at: 'soon' }).faults).toEqual({ at: 'time' });
  });

  it('gives values of the types that the schema names, and leaves out what was left empty', () => {
    const typed = { customer: 'Ada', amount: '1.5', size: '2', paid: 'false', urgent: 'true', items: '["b"]', due: '' };
    expect(filled(fields, typed)).toEqual({
      data: { customer: 'Ada', amount: 1.5, size: 2, paid: false, urgent: true, items: ['b'] },
      faults: {},
    });
  });

  it('says what is missing and what cannot be read', () => {
    expect(filled(fields, { amount: 'x', items: '[', urgent: 'false' }).faults).toEqual({
      customer: 'missing',
      amount: 'number',
      items: 'json',
    });
  });
});
