import { numberOf } from '@flow/expressions';
import { isJsonObject, type Json } from '@flow/kernel';
import { parseJson, textOf } from './json-text';

export const VALUE_TYPES = ['string', 'number', 'boolean', 'object', 'array'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/**
 * A value as the type that an author asked for: anything becomes text, text becomes a number, true, false, an object or a list when
 * it says one. null stays null. undefined when the value cannot be that.
 */
export function coerce(value: Json, type: ValueType): Json | undefined {
  if (value === null) return null;
  switch (type) {
    case 'string':
      return textOf(value);
    case 'number':
      return typeof value === 'string' ? numberOf(value) : typeof value === 'number' ? value : undefined;
    case 'boolean':
      return value === 'true' || value === true ? true : value === 'false' || value === false ? false : undefined;
    case 'object':
      return matching(value, isJsonObject);
    case 'array':
      return matching(value, Array.isArray);
  }
}

function matching(value: Json, fits: (value: Json) => boolean): Json | undefined {
  const parsed = typeof value === 'string' ? parseJson(value) : { value };
  return 'value' in parsed && fits(parsed.value) ? parsed.value : undefined;
}
