import { isJsonObject, type Json } from '@flow/kernel';
import type { JsonSchema } from './operator';

/** Ajv keyword of ours: true for a text that holds `{{`. */
export const IS_TEMPLATE = 'x-is-template';
/** Ajv keyword of ours: true for a value in which, at any depth, a text holds `{{`. */
export const HOLDS_TEMPLATE = 'x-holds-template';

const ONE = ['additionalProperties', 'items', 'contains', 'unevaluatedProperties', 'unevaluatedItems'];
const LIST = ['allOf', 'anyOf', 'prefixItems'];
const KEYS_ONLY = ['required', 'dependentRequired', 'minProperties', 'maxProperties'];
const MAP = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

/**
 * The schema of parameters whose texts may still hold `{{ }}`: at every place such a text fits too, whatever type its value will
 * have, and everything around it (required and unknown keys, the other values) is checked as before. What only the values
 * can decide is left open where one of them is a template: there `oneOf` asks for one fit or more, `not` for
 * nothing, and `if` lets either arm fit; what depends on keys alone is asked for all the same. The texts in `verbatim` are never rendered and stay as strict as they are.
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

/** Whether a schema looks at which keys there are and at no value: no template can change its answer. */
function asksKeysOnly(schema: Json): boolean {
  return isJsonObject(schema) && Object.keys(schema).every((keyword) => KEYS_ONLY.includes(keyword));
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
  const unlessTemplate = (strict: JsonSchema, open: JsonSchema | boolean) =>
    further.push({ if: { [HOLDS_TEMPLATE]: true }, then: open, else: strict });
  if (Array.isArray(oneOf)) {
    const forms = (oneOf as readonly Json[]).map(orTemplate);
    if (oneOf.every(asksKeysOnly)) further.push({ oneOf });
    else unlessTemplate({ oneOf: forms }, { anyOf: forms });
  }
  if (not !== undefined) {
    if (asksKeysOnly(not)) further.push({ not });
    else unlessTemplate({ not }, true);
  }
  if (condition !== undefined) {
    const arms = { then: orTemplate(then), else: orTemplate(otherwise) };
    if (asksKeysOnly(condition)) further.push({ if: condition, ...arms });
    else unlessTemplate({ if: condition, ...arms }, { anyOf: [arms.then, arms.else] });
  }
  if (further.length === 0) return loose;
  return { ...loose, allOf: [...(Array.isArray(loose.allOf) ? (loose.allOf as readonly Json[]) : []), ...further] };
}
