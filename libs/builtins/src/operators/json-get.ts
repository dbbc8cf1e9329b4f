import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { VALUE_TYPES, coerce, type ValueType } from '../coerce';
import { closed, definePure } from '../define';
import { valueAt } from '../json-path';
import { jsonOf, textOf } from '../json-text';

interface Field {
  readonly key: string;
  readonly type?: ValueType;
  readonly value?: Json;
}

/** The value at the field's path, or its default; as the field's type where it can be that. */
function fieldValue(json: Json, { key, type, value = null }: Field): Json {
  const found = valueAt(json, key) ?? value;
  return (type && coerce(found, type)) ?? found;
}

export const operator = definePure<{ readonly json: Json; readonly fields: readonly Field[] }>({
  id: '@internal/json/get',
  title: 'Take from JSON',
  help: 'Takes the values at some paths out of JSON.',
  parameters: closed(
    {
      json: { description: 'Data, or JSON text' },
      fields: {
        type: 'array',
        maxItems: 1000,
        items: closed(
          {
            key: { type: 'string', description: "A path: a.b.0.'quoted key'" },
            type: { enum: [...VALUE_TYPES] },
            value: { description: 'What it is when there is nothing at the path' },
          },
          ['key'],
        ),
      },
    },
    ['json', 'fields'],
  ),
  output: closed(
    {
      fields: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: '_0, _1... in the order of the fields, as text; what is no text is JSON',
      },
      values: { type: 'array', description: 'The same values as they are' },
    },
    ['fields', 'values'],
  ),
  example: {
    parameters: {
      json: '{"name": "Ada", "tags": ["a", "b"]}',
      fields: [
        { key: 'name', type: 'string' },
        { key: 'tags.1', type: 'string' },
        { key: 'age', type: 'number', value: 36 },
      ],
    },
    output: { fields: { _0: 'Ada', _1: 'b', _2: '36' }, values: ['Ada', 'b', 36] },
  },
  run({ json, fields }) {
    const parsed = jsonOf(json);
    if ('fault' in parsed) return failed('json.invalid', parsed.fault);
    const values = fields.map((field) => fieldValue(parsed.value, field));
    return done({ fields: Object.fromEntries(values.map((value, i) => [`_${i}`, textOf(value)])), values });
  },
});
