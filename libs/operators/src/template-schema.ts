import { isJsonObject, type Json } from '@flow/kernel';
import type { JsonSchema } from './operator';

/** Ajv keyword of ours: true for a text that holds `{{`. */
export const IS_TEMPLATE = 'x-is-template';
/** Ajv keyword of ours: true for a value in which, at any depth, a text holds `{{`. */
export const HOLDS_TEMPLATE = 'x-holds-template';

const ONE = ['additionalProperties', 'items', 'contains', 'unevaluatedProperties', 'unevaluatedItems'];
const LIST = ['allOf', 'anyOf', 'prefixItems'];
const MAP = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

/**
 * The schema of parameters whose texts may still hold `{{ }}`: at every place such a text fits too, whatever type its value will
 * have, and everything around it (required and unknown keys, the other values) is checked as before. What only the values
 * can decide is left open where one of them is a template: `oneOf` asks for one fit or more, `not` nothing, and an
 * `if` that sees a template lets either arm fit. The texts in `verbatim` are never rendered and stay as strict as they are.
 */
export function templateSchema(schema: JsonSchema, verbatim: readonly string[] = []): JsonSchema {
  const { properties, ...rest } = schema;
  const loose = loosened(rest);
  if (!isJsonObject(properties)) return loose;
  const entries = Object.entries(properties).map(
    ([key, value]) => [key, verbatim.includes(key) ? value : orTemplate(value)] as const,
  );
  return { ...loose, properties: Object.fromEntries(entries) };
}

export function isTemplate(value: Json): boolean {
  return typeof value === 'string' && value.includes('{{');
}

export function holdsTemplate(value: Json): boolean {
  if (isTemplate(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsTemplate);
}

function orTemplate(schema: Json): JsonSchema | boolean {
  if (!isJsonObject(schema)) return schema === true;
  return { if: { [IS_TEMPLATE]: true }, then: true, else: loosened(schema) };
}

function loosened(schema: JsonSchema): JsonSchema {
  const { oneOf, not, if: condition, then = true, else: otherwise = true, maxContains: _open, ...rest } = schema;
  const loose: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(rest)) {
    if (ONE.includes(keyword)) loose[keyword] = orTemplate(value);
    else if (LIST.includes(keyword) && Array.isArray(value)) loose[keyword] = value.map(orTemplate);
    else if (MAP.includes(keyword) && isJsonObject(value))
      loose[keyword] = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, orTemplate(item)]));
    else loose[keyword] = value;
  }
  const further: Json[] = [];
  if (Array.isArray(oneOf)) further.push({ anyOf: oneOf.map(orTemplate) });
  if (not !== undefined) further.push({ if: { [HOLDS_TEMPLATE]: true }, then: true, else: { not } });
  if (condition !== undefined) {
    const arms = [orTemplate(then), orTemplate(otherwise)];
    further.push({
      if: { [HOLDS_TEMPLATE]: true },
      then: { anyOf: arms },
      else: { if: condition, then: arms[0] ?? true, else: arms[1] ?? true },
    });
  }
  if (further.length === 0) return loose;
  return { ...loose, allOf: [...(Array.isArray(loose.allOf) ? (loose.allOf as readonly Json[]) : []), ...further] };
}
