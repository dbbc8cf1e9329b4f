import { canonicalJson, type Json, type JsonObject } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, definePure } from '../define';
import { valueAt } from '../json-path';
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
  readonly key?: string;
  readonly expression?: string;
  readonly values?: JsonObject;
}

export const operator = definePure<Parameters>({
  id: '@internal/array/group',
  title: 'Group a list',
  help: 'Puts items with the same value into one group, in the order in which the values first come.',
  parameters: {
    ...closed(
      {
        ...listSchema,
        key: { type: 'string', description: 'A path in the item; items without it form the group null' },
        expression: { ...expressionSchema, description: 'Instead of a key' },
        ...valuesSchema,
      },
      ['data'],
    ),
    oneOf: [{ required: ['key'] }, { required: ['expression'] }],
  },
  verbatim: ['expression'],
  output: closed(
    {
      groups: {
        type: 'array',
        items: closed({ key: {}, count: { type: 'integer' }, items: { type: 'array' } }, ['key', 'count', 'items']),
      },
    },
    ['groups'],
  ),
  example: {
    parameters: {
      data: [
        { c: 'red', n: 1 },
        { c: 'blue', n: 2 },
        { c: 'red', n: 3 },
      ],
      key: 'c',
    },
    output: {
      groups: [
        {
          key: 'red',
          count: 2,
          items: [
            { c: 'red', n: 1 },
            { c: 'red', n: 3 },
          ],
        },
        { key: 'blue', count: 1, items: [{ c: 'blue', n: 2 }] },
      ],
    },
  },
  check: ({ expression, values }) => expressionFaults(expression, '/expression', values),
  run({ data, key = '', expression, values }, context) {
    const list = listOf(data);
    if (!list) return noList();
    const budget = budgetFor(list);
    const read = expression === undefined ? undefined : itemExpression(expression, values, budget);
    const groups = new Map<string, { key: Json; items: Json[] }>();
    return eachItem(
      list,
      context,
      (item, index) => {
        const value = read ? read(item, index) : (valueAt(item, key) ?? null);
        const id = canonicalJson(value);
        const group = groups.get(id) ?? { key: value, items: [] };
        group.items.push(item);
        groups.set(id, group);
      },
      () =>
        done({
          groups: [...groups.values()].map((group) => ({
            key: group.key,
            count: group.items.length,
            items: group.items,
          })),
        }),
    );
  },
});
