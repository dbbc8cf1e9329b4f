import { isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import type { JsonSchema } from './operator';

/**
 * Where `{{secrets.name}}` may stand: the JSON pointers of all texts among `parameters` whose schema says `"x-secret": true`
 * (on the text itself, or on an object or list that holds it). Of a choice, every form counts.
 */
export function secretPointers(
  operator: { readonly parameters: JsonSchema },
  parameters: JsonObject,
): readonly string[] {
  const found = new Set<string>();
  const root = operator.parameters;

  const collect = (value: Json, pointer: string) => {
    if (typeof value === 'string') found.add(pointer);
    else for (const [key, item] of entriesOf(value)) collect(item, pointerTo(pointer, key));
  };

  const walk = (schema: Json | undefined, value: Json, pointer: string, refs: readonly string[]) => {
    if (!isJsonObject(schema)) return;
    if (schema['x-secret'] === true) {
      collect(value, pointer);
      return;
    }
    if (typeof schema.$ref === 'string' && !refs.includes(`${schema.$ref} ${pointer}`))
      walk(resolve(root, schema.$ref), value, pointer, [...refs, `${schema.$ref} ${pointer}`]);
    for (const keyword of ['anyOf', 'oneOf', 'allOf'])
      for (const form of Object.values(schema[keyword] ?? [])) walk(form as Json, value, pointer, refs);
    for (const keyword of ['if', 'then', 'else']) walk(schema[keyword], value, pointer, refs);
    for (const [key, item] of entriesOf(value))
      for (const child of childSchemas(schema, key, Array.isArray(value)))
        walk(child, item, pointerTo(pointer, key), refs);
  };

  walk(root, parameters, '', []);
  return [...found];
}

function entriesOf(value: Json): readonly (readonly [string, Json])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value as JsonObject) : [];
}

function childSchemas(schema: JsonSchema, key: string, ofList: boolean): readonly Json[] {
  if (ofList) {
    const tuple = Array.isArray(schema.prefixItems) ? (schema.prefixItems as readonly Json[])[Number(key)] : undefined;
    return [tuple ?? schema.items ?? true];
  }
  const children: Json[] = [];
  if (isJsonObject(schema.properties) && Object.hasOwn(schema.properties, key))
    children.push(schema.properties[key] ?? true);
  if (isJsonObject(schema.patternProperties))
    for (const [pattern, child] of Object.entries(schema.patternProperties))
      if (new RegExp(pattern, 'u').test(key)) children.push(child);
  if (children.length === 0) children.push(schema.additionalProperties ?? schema.unevaluatedProperties ?? true);
  return children;
}

function resolve(root: JsonSchema, ref: string): Json | undefined {
  if (!ref.startsWith('#')) return undefined;
  let at: Json | undefined = root;
  for (const token of ref.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as JsonObject)[key] : undefined;
  }
  return at;
}
