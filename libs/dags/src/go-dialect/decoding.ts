import { parsePath, type Reference } from '@flow/expressions';
import { isJsonObject, type Json } from '@flow/kernel';
import { isDecoded } from './settings';
import { writeParts } from './paths';

const FUNCTIONS: Readonly<Record<string, string>> = { number: 'number', integer: 'number', string: 'string' };

/**
 * The weak decoding of what is known only in the run: where a parameter takes numbers alone, a text that says one is one, and where it
 * takes texts alone, everything is its text and nothing the empty one.
 */
export function decodedInTheRun(operator: string, parameters: Json, schema: Json | undefined): Json {
  return isDecoded(operator) ? decoded(parameters, schema) : parameters;
}

function decoded(value: Json, schema: Json | undefined): Json {
  if (!isJsonObject(schema)) return value;
  if (typeof value === 'string') {
    const wanted = typeof schema.type === 'string' ? FUNCTIONS[schema.type] : undefined;
    const path = wanted === undefined ? undefined : onlyPath(value);
    return wanted === undefined || path === undefined ? value : `{{${wanted}(${path})}}`;
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => decoded(item, schema.items));
  const { properties } = schema;
  if (!isJsonObject(value) || !isJsonObject(properties)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item, properties[key])]));
}

/** The path that is the whole text, as it stands within a larger expression; a secret stands alone. */
function onlyPath(text: string): string | undefined {
  const inner = text.startsWith('{{') && text.endsWith('}}') ? text.slice(2, -2) : '';
  const path = parsePath(inner);
  return path && path.name !== 'secrets' ? operandOf(path) : undefined;
}

function operandOf({ name, path }: Reference): string | undefined {
  const parts = writeParts(path);
  if (parts === undefined) return undefined;
  if (/^[A-Za-z_]\w*$/.test(name)) return name + parts;
  if (name.startsWith('__')) return `step(${JSON.stringify(name.slice(2))})${parts}`;
  const root = writeParts([name]);
  return root === undefined ? undefined : `trigger${root}${parts}`;
}
