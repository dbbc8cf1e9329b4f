import type { Json, JsonObject } from '@flow/kernel';
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
import { compareValues } from '../ordering';

interface By {
  readonly key?: string;
  readonly expression?: string;
  readonly order?: 'asc' | 'desc';
  readonly nulls?: 'first' | 'last';
}

interface Parameters {
  readonly data: Json;
  readonly by?: readonly By[];
  readonly values?: JsonObject;
}

function compare(a: Json, b: Json, { order, nulls = 'last' }: By): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === (nulls === 'first') ? -1 : 1;
  return order === 'desc' ? compareValues(b, a) : compareValues(a, b);
}

export const operator = definePure<Parameters>({
  id: '@internal/array/sort',
  title: 'Sort a list',
  help: 'Sorts by one or more keys or expressions; equal items keep their order.',
  parameters: closed(
    {
      ...listSchema,
      by: {
        type: 'array',
        maxItems: 20,
        description: 'The first counts most; without any, the items themselves are compared',
        items: closed({
          key: { type: 'string', description: 'A path in the item; the item itself when empty' },
          expression: { ...expressionSchema, description: 'Instead of a key' },
          order: { enum: ['asc', 'desc'], default: 'asc' },
          nulls: { enum: ['first', 'last'], default: 'last', description: 'Where items without the value go' },
        }),
      },
      ...valuesSchema,
    },
    ['data'],
  ),
  verbatim: ['by'],
  output: closed({ data: { type: 'array' } }, ['data']),
  example: {
    parameters: {
      data: [
        { n: 'b', size: 1 },
        { n: 'a', size: 2 },
        { n: 'c', size: 2 },
      ],
      by: [{ key: 'size', order: 'desc' }, { key: 'n' }],
    },
    output: {
      data: [
        { n: 'a', size: 2 },
        { n: 'c', size: 2 },
        { n: 'b', size: 1 },
      ],
    },
  },
  check: ({ by, values }) =>
    ((by ?? []) as unknown as readonly By[]).flatMap(({ expression }, i) =>
      expressionFaults(expression, `/by/${i}/expression`, values),
    ),
  run({ data, by = [{}], values }, context) {
    const list = listOf(data);
    if (!list) return noList();
    const budget = budgetFor(list);
    const readers = by.map(({ key = '', expression }) =>
      expression === undefined
        ? (item: Json) => valueAt(item, key) ?? null
        : itemExpression(expression, values, budget),
    );
    const rows: { item: Json; sortBy: readonly Json[] }[] = [];
    return eachItem(
      list,
      context,
      (item, index) => rows.push({ item, sortBy: readers.map((read) => read(item, index)) }),
      () => {
        rows.sort((a, b) => {
          for (const [i, rule] of by.entries()) {
            const difference = compare(a.sortBy[i] ?? null, b.sortBy[i] ?? null, rule);
            if (difference !== 0) return difference;
          }
          return 0;
        });
        return done({ data: rows.map(({ item }) => item) });
      },
    );
  },
});
