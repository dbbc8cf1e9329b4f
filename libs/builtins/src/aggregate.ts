import { canonicalJson, type Json } from '@flow/kernel';
import { compareValues } from './ordering';

export const AGGREGATES = [
  'count',
  'countDistinct',
  'sum',
  'avg',
  'min',
  'max',
  'median',
  'first',
  'last',
  'list',
] as const;
export type AggregateName = (typeof AGGREGATES)[number];

/**
 * One value for many. null never counts; `sum`, `avg` and `median` look at numbers only, and of none at all a sum is 0 and the others null;
 * `min` and `max` compare any values.
 */
export function aggregate(op: AggregateName, all: readonly Json[]): Json {
  const values = all.filter((value) => value !== null);
  const numbers = values.filter((value): value is number => typeof value === 'number');
  switch (op) {
    case 'count':
      return values.length;
    case 'countDistinct':
      return new Set(values.map(canonicalJson)).size;
    case 'sum':
      return finite(numbers.reduce((sum, value) => sum + value, 0));
    case 'avg':
      return numbers.length === 0 ? null : finite(numbers.reduce((sum, value) => sum + value, 0) / numbers.length);
    case 'median':
      return median(numbers);
    case 'min':
      return extreme(values, -1);
    case 'max':
      return extreme(values, 1);
    case 'first':
      return values[0] ?? null;
    case 'last':
      return values.at(-1) ?? null;
    case 'list':
      return values;
  }
}

function extreme(values: readonly Json[], sign: 1 | -1): Json {
  let best = values[0] ?? null;
  for (const value of values) if (compareValues(value, best) * sign > 0) best = value;
  return best;
}

function median(numbers: readonly number[]): Json {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Past the range of numbers there is no value that JSON could hold. */
function finite(value: number): Json {
  return Number.isFinite(value) ? value : null;
}
