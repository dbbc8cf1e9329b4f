import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { VALUE_TYPES, coerce, type ValueType } from '../coerce';
import { closed, definePure } from '../define';

interface Parameters {
  readonly type: ValueType;
  readonly value?: Json;
}

export const operator = definePure<Parameters>({
  id: '@internal/define',
  title: 'Define a variable',
  help: 'Holds a value of one type that later steps read and assign to.',
  parameters: closed(
    {
      type: { enum: [...VALUE_TYPES] },
      value: {
        description: 'Text that says a number, true or false, or JSON is read as the type asks; null when absent',
      },
    },
    ['type'],
  ),
  output: closed({ value: {} }, ['value']),
  example: { parameters: { type: 'number', value: '42' }, output: { value: 42 } },
  run({ type, value = null }) {
    const coerced = coerce(value, type);
    return coerced === undefined
      ? failed('define.type_mismatch', `The value is none of the type "${type}".`)
      : done({ value: coerced });
  },
});
