import { canonicalJson, type Json } from '@flow/kernel';

const RANK = { boolean: 0, number: 1, string: 2, object: 3 } as const;

/** One order for all JSON values: false, true, numbers, texts by code point, then the rest by its JSON. null is the caller's. */
export function compareValues(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const difference = RANK[kindOf(a)] - RANK[kindOf(b)];
  if (difference !== 0) return difference;
  const [left, right] = [canonicalJson(a), canonicalJson(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function kindOf(value: Json): keyof typeof RANK {
  const type = typeof value;
  return type === 'boolean' || type === 'number' || type === 'string' ? type : 'object';
}
