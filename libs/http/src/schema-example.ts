import type { JsonSchema } from './dto-schemas';

const DEEPEST = 8;

/** A small value that a schema describes: its own example, else the fields that it requires. For people to start from. */
export function exampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>, depth = 0): unknown {
  if (typeof schema.$ref === 'string') {
    const target = schemas[schema.$ref.split('/').pop() ?? ''];
    return target && depth < DEEPEST ? exampleOf(target, schemas, depth + 1) : {};
  }
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0] as unknown;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0] as unknown;
  const first = ([] as unknown[]).concat(schema.anyOf ?? schema.oneOf ?? [])[0];
  if (first !== undefined) return exampleOf(first as JsonSchema, schemas, depth + 1);
  switch (Array.isArray(schema.type) ? (schema.type as unknown[])[0] : schema.type) {
    case 'object': {
      const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
      const required = (schema.required ?? []) as string[];
      if (depth >= DEEPEST) return {};
      return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, schemas, depth + 1)]));
    }
    case 'array':
      return depth < DEEPEST && schema.items ? [exampleOf(schema.items as JsonSchema, schemas, depth + 1)] : [];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return 'text';
    default:
      return {};
  }
}
