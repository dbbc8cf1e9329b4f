import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { VALUE_TYPES, coerce, type ValueType } from '../coerce';
import { closed, definePure } from '../define';
import { JsonEdit } from '../json-path';
import { jsonOf } from '../json-text';

interface Field {
  readonly key: string;
  readonly type?: ValueType;
  readonly value?: Json;
}

export const operator = definePure<{ readonly json?: Json; readonly fields: readonly Field[] }>({
  id: '@internal/json/set',
  title: 'Put into JSON',
  help: 'Puts values at some paths into JSON; what is missing on the way is made.',
  parameters: closed(
    {
      json: { description: 'Data, or JSON text; an empty object when absent or empty' },
      fields: {
        type: 'array',
        maxItems: 1000,
        items: closed(
          {
            key: { type: 'string', minLength: 1, description: "A path: a.b.0.'quoted key'" },
            type: { enum: [...VALUE_TYPES], description: 'What the value is made into; as it is when absent' },
            value: {},
          },
          ['key'],
        ),
      },
    },
    ['fields'],
  ),
  output: closed({ json: { type: 'string' }, data: { description: 'The same as data' } }, ['json', 'data']),
  example: {
    parameters: { json: '{"name": "Ada"}', fields: [{ key: 'size.width', type: 'number', value: '3' }] },
    output: { json: '{"name":"Ada","size":{"width":3}}', data: { name: 'Ada', size: { width: 3 } } },
  },
  run({ json = null, fields }) {
    const parsed = json === null || json === '' ? { value: {} } : jsonOf(json);
    if ('fault' in parsed) return failed('json.invalid', parsed.fault);
    const edit = new JsonEdit(parsed.value);
    for (const { key, type, value = null } of fields) {
      const coerced = type ? coerce(value, type) : value;
      if (coerced === undefined)
        return failed('json.type_mismatch', `The value for "${key}" is none of the type "${type ?? ''}".`);
      try {
        edit.set(key, coerced);
      } catch (error) {
        if (error instanceof RangeError) return failed('json.path_invalid', error.message);
        throw error;
      }
    }
    return done({ json: JSON.stringify(edit.value), data: edit.value });
  },
});
