import { pointerTo, type Json, type JsonObject } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, definePure } from '../define';
import {
  budgetFor,
  eachItem,
  expressionFaults,
  expressionSchema,
  itemExpression,
  listOf,
  listSchema,
  noList,
  valuesSchema,
} from '../list-work';

interface Parameters {
  readonly data: Json;
  readonly expression?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly values?: JsonObject;
}

export const operator = definePure<Parameters>({
  id: '@internal/array/map',
  title: 'Change every item',
  help: 'Makes a new list with one entry for each item, by an expression or by the fields of a new object.',
  parameters: {
    ...closed(
      {
        ...listSchema,
        expression: expressionSchema,
        fields: {
          type: 'object',
          minProperties: 1,
          maxProperties: 200,
          additionalProperties: expressionSchema,
          description: 'Instead of one expression: each key of the new object with its expression',
        },
        ...valuesSchema,
      },
      ['data'],
    ),
    oneOf: [{ required: ['expression'] }, { required: ['fields'] }],
  },
  verbatim: ['expression', 'fields'],
  output: closed({ data: { type: 'array' } }, ['data']),
  example: {
    parameters: {
      data: [
        { name: 'a', price: 2 },
        { name: 'b', price: 3 },
      ],
      fields: { name: 'item.name', total: 'item.price * count' },
      values: { count: 10 },
    },
    output: {
      data: [
        { name: 'a', total: 20 },
        { name: 'b', total: 30 },
      ],
    },
  },
  check: ({ expression, fields, values }) => [
    ...expressionFaults(expression, '/expression', values),
    ...Object.entries((fields ?? {}) as JsonObject).flatMap(([key, text]) =>
      expressionFaults(text, pointerTo('/fields', key), values),
    ),
  ],
  run({ data, expression, fields = {}, values }, context) {
    const list = listOf(data);
    if (!list) return noList();
    const budget = budgetFor(list);
    const whole = expression === undefined ? undefined : itemExpression(expression, values, budget);
    const parts = Object.entries(fields).map(([key, text]) => [key, itemExpression(text, values, budget)] as const);
    const made: Json[] = [];
    return eachItem(
      list,
      context,
      (item, index) => {
        made.push(
          whole ? whole(item, index) : Object.fromEntries(parts.map(([key, part]) => [key, part(item, index)])),
        );
      },
      () => done({ data: made }),
    );
  },
});
