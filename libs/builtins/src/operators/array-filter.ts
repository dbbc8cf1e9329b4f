import type { Json, JsonObject } from '@flow/kernel';
import { COMPARISONS, done, failed, type Compare } from '@flow/operators';
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

interface Condition {
  readonly key?: string;
  readonly filter: string;
  readonly value?: Json;
}

interface Parameters {
  readonly data: Json;
  readonly Conditions?: readonly (readonly Condition[])[];
  readonly expression?: string;
  readonly values?: JsonObject;
}

const PREFIX = '@internal/cmp/';
/** The comparisons of branches by their short names, and two that look at the item's value alone. */
const FILTERS: ReadonlyMap<string, Compare> = new Map([
  ...[...COMPARISONS].flatMap(([id, compare]) =>
    id.startsWith(PREFIX) ? [[id.slice(PREFIX.length), compare] as const] : [],
  ),
  ['is-null', (a: Json) => a === null],
  ['not-null', (a: Json) => a !== null],
]);

function holds(item: Json, { key = '', filter, value = null }: Condition): boolean {
  return FILTERS.get(filter)?.(valueAt(item, key) ?? null, value) ?? false;
}

export const operator = definePure<Parameters>({
  id: '@internal/array/filter',
  title: 'Filter a list',
  help: 'Keeps the items for which conditions, or an expression, hold.',
  parameters: closed(
    {
      ...listSchema,
      Conditions: {
        type: 'array',
        maxItems: 100,
        description: 'Outer list: or; inner lists: and',
        items: {
          type: 'array',
          maxItems: 100,
          items: closed(
            {
              id: { type: 'string' },
              key: { type: 'string', description: 'A path in the item; the item itself when empty' },
              filter: { enum: [...FILTERS.keys()] },
              value: { description: 'What the value at the key is compared with' },
            },
            ['filter'],
          ),
        },
      },
      expression: { ...expressionSchema, description: 'Instead of conditions: keeps items for which it is true' },
      ...valuesSchema,
    },
    ['data'],
  ),
  verbatim: ['expression'],
  output: closed({ data: { type: 'array' } }, ['data']),
  example: {
    parameters: {
      data: [{ name: 'a', size: 3 }, { name: 'b', size: 30 }, { name: 'c' }],
      Conditions: [[{ key: 'size', filter: 'number-gt', value: 10 }], [{ key: 'size', filter: 'is-null' }]],
    },
    output: { data: [{ name: 'b', size: 30 }, { name: 'c' }] },
  },
  check: ({ expression, Conditions, values }) =>
    expression !== undefined && Conditions !== undefined
      ? [
          {
            pointer: '/expression',
            code: 'step.parameters_invalid',
            message: 'Give "Conditions" or "expression", not both.',
          },
        ]
      : expressionFaults(expression, '/expression', values),
  run({ data, Conditions = [], expression, values }, context) {
    const list = listOf(data);
    if (!list) return noList();
    const budget = budgetFor(list);
    const passes = expression === undefined ? undefined : itemExpression(expression, values, budget);
    const kept: Json[] = [];
    let odd: number | undefined;
    return eachItem(
      list,
      context,
      (item, index) => {
        const verdict = passes
          ? passes(item, index)
          : Conditions.length === 0 || Conditions.some((all) => all.every((condition) => holds(item, condition)));
        if (typeof verdict !== 'boolean' && verdict !== null) odd ??= index;
        if (verdict === true) kept.push(item);
      },
      () =>
        odd === undefined
          ? done({ data: kept })
          : failed('array.not_a_condition', `For item ${odd} the expression is neither true nor false.`),
    );
  },
});
