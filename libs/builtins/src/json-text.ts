import { numberText } from '@flow/expressions';
import { FORBIDDEN_KEYS, type Json } from '@flow/kernel';

const DEPTH_LIMIT = 200;

export type Parsed = { readonly value: Json } | { readonly fault: string };

/** Reads JSON text from outside: not too deep, and without keys that name JavaScript's own machinery. */
export function parseJson(text: string): Parsed {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return { fault: `The text is no JSON: ${(error as Error).message}.` };
  }
  const fault = jsonFault(value);
  return fault === undefined ? { value } : { fault };
}

/** JSON data as it is, or the JSON that a text holds. */
export function jsonOf(value: Json): Parsed {
  return typeof value === 'string' ? parseJson(value) : { value };
}

function jsonFault(root: Json): string | undefined {
  const stack: [Json, number][] = [[root, 1]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [value, depth] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEPTH_LIMIT) return `The JSON is nested deeper than ${DEPTH_LIMIT} levels.`;
    const isList = Array.isArray(value);
    for (const [key, item] of Object.entries(value)) {
      if (!isList && FORBIDDEN_KEYS.has(key)) return `The JSON holds the key "${key}", which is not allowed.`;
      if (typeof item === 'object') stack.push([item, depth + 1]);
    }
  }
  return undefined;
}

/** A value as it stands in a text: null is empty, numbers have no exponent, objects and lists are JSON. */
export function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  return JSON.stringify(value);
}
