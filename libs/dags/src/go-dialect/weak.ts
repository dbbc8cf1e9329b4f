import { numberOf } from '@flow/expressions';
import { isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import type { Notes } from './notes';

/**
 * A value as the Go service's weak decoding reads it for a schema: keys that nobody reads are left out, a text that says a number
 * is one, a single value is a list of one. What holds an expression, and whatever the schema leaves open, stays.
 */
export function fitted(value: Json, schema: Json | undefined, pointer: string, notes: Notes): Json {
  if (!isJsonObject(schema)) return value;
  const { type } = schema;
  if (typeof type === 'string' && !hasType(value, type)) {
    const converted = convert(value, type);
    if (converted === undefined) return value;
    notes.warn(
      pointer,
      'go.value_converted',
      `The Go service reads this as ${NAMES[type] ?? type}, and so it is here.`,
    );
    if (type === 'array') notes.moved(`${pointer}/0`, pointer);
    return fitted(converted, schema, pointer, notes);
  }
  if (Array.isArray(value) && schema.items !== undefined)
    return (value as readonly Json[]).map((item, i) => fitted(item, schema.items, pointerTo(pointer, i), notes));
  if (isJsonObject(value) && isJsonObject(schema.properties)) return object(value, schema, pointer, notes);
  return value;
}

function object(value: JsonObject, schema: JsonObject, pointer: string, notes: Notes): JsonObject {
  const properties = schema.properties as JsonObject;
  const kept: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    const at = pointerTo(pointer, key);
    if (Object.hasOwn(properties, key)) kept[key] = fitted(item, properties[key], at, notes);
    else if (schema.additionalProperties !== false) kept[key] = item;
    else if (!isEmpty(item)) notes.warn(at, 'go.field_ignored', `Nobody reads "${key}" here; it is left out.`);
  }
  return kept;
}

/** The fields that somebody reads, without what editors write for "nothing". */
export function known(
  sent: JsonObject,
  fields: ReadonlySet<string>,
  pointer: string,
  notes: Notes,
): Partial<Record<string, Json>> & JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(sent)) {
    if (value === null) continue;
    if (fields.has(key)) kept[key] = value;
    else if (!isEmpty(value))
      notes.warn(pointerTo(pointer, key), 'go.field_ignored', `Nobody reads "${key}" here; it is left out.`);
  }
  return kept;
}

/** What an editor writes for "nothing". */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

const NAMES: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list of one',
};

function hasType(value: Json, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function convert(value: Json, type: string): Json | undefined {
  if (value === null || (typeof value === 'string' && value.includes('{{'))) return undefined;
  switch (type) {
    case 'array':
      return [value];
    case 'number':
    case 'integer':
      return typeof value === 'boolean' ? Number(value) : typeof value === 'string' ? numberOf(value) : undefined;
    case 'string':
      // A large whole number has lost its last digits already: an id that was sent without quotes.
      if (typeof value === 'number')
        return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
      return typeof value === 'boolean' ? (value ? '1' : '0') : undefined;
    case 'boolean':
      return value === 1 || value === '1' || value === 'true'
        ? true
        : value === 0 || value === '0' || value === 'false' || value === ''
          ? false
          : undefined;
    default:
      return undefined;
  }
}
