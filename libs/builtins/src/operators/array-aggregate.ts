import { canonicalJson, type Json, type JsonObject } from '@flow/kernel';
import { done } from '@flow/operators';
import { AGGREGATES, aggregate, type AggregateName } from '../aggregate';
import { closed, definePure } from '../define';
import { valueAt } from '../json-path';
import { eachItem, listOf, listSchema, noList, type Work } from '../list-work';

interface Aggregate {
  readonly op: AggregateName;
  readonly key?: string;
  readonly as: string;
}

interface Parameters {
  readonly data: Json;
  readonly groupBy?: readonly string[];
  readonly aggregates: readonly Aggregate[];
}

interface Group {
  readonly head: JsonObject;
  readonly items: Json[];
}

/** One row a group. A single cell may be work over the whole list. */
function* rowsOf(groups: Iterable<Group>, aggregates: readonly Aggregate[], isLate: () => boolean): Work {
  const rows: JsonObject[] = [];
  for (const { head, items } of groups) {
    const cells: [string, Json][] = [];
    for (const { op, key, as } of aggregates) {
      cells.push([as, aggregate(op, key === undefined ? items : items.map((item) => valueAt(item, key) ?? null))]);
      if (isLate()) yield;
    }
    rows.push({ ...head, ...Object.fromEntries(cells) });
  }
  return done({ data: rows, result: rows[0] ?? null });
}

export const operator = definePure<Parameters>({
  id: '@internal/array/aggregate',
  title: 'Sum up a list',
  help: 'Counts, sums, averages and more, over the whole list or for each group of it.',
  parameters: closed(
    {
      ...listSchema,
      groupBy: {
        type: 'array',
        maxItems: 20,
        items: { type: 'string', minLength: 1 },
        description: 'Paths whose values make a group, and stand in its row; none makes one row of all',
      },
      aggregates: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: closed(
          {
            op: { enum: [...AGGREGATES] },
            key: { type: 'string', minLength: 1, description: 'A path in the item; the item itself when absent' },
            as: { type: 'string', minLength: 1, description: 'The name of the value in the row' },
          },
          ['op', 'as'],
        ),
      },
    },
    ['data', 'aggregates'],
  ),
  output: closed(
    {
      data: {
        type: 'array',
        items: { type: 'object' },
        description: 'One row a group, in the order in which groups first come',
      },
      result: { type: ['object', 'null'], description: 'The first row: the only one without groupBy' },
    },
    ['data', 'result'],
  ),
  example: {
    parameters: {
      data: [
        { city: 'Oslo', rain: 3 },
        { city: 'Rome', rain: 0 },
        { city: 'Oslo', rain: 5 },
      ],
      groupBy: ['city'],
      aggregates: [
        { op: 'count', as: 'days' },
        { op: 'avg', key: 'rain', as: 'rain' },
      ],
    },
    output: {
      data: [
        { city: 'Oslo', days: 2, rain: 4 },
        { city: 'Rome', days: 1, rain: 0 },
      ],
      result: { city: 'Oslo', days: 2, rain: 4 },
    },
  },
  run({ data, groupBy = [], aggregates }, context) {
    const list = listOf(data);
    if (!list) return noList();
    const groups = new Map<string, Group>();
    if (groupBy.length === 0) groups.set('[]', { head: {}, items: [] });
    return eachItem(
      list,
      context,
      (item) => {
        const values = groupBy.map((key) => valueAt(item, key) ?? null);
        const id = canonicalJson(values);
        const group = groups.get(id) ?? {
          head: Object.fromEntries(groupBy.map((key, i) => [key, values[i] ?? null])),
          items: [],
        };
        group.items.push(item);
        groups.set(id, group);
      },
      (isLate) => rowsOf(groups.values(), aggregates, isLate),
    );
  },
});
