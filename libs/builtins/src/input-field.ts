import { timeOf } from '@flow/expressions';
import {
  FORBIDDEN_KEYS,
  canonicalJson,
  isJsonObject,
  pointerTo,
  type Fault,
  type Json,
  type JsonObject,
} from '@flow/kernel';
import type { JsonSchema } from '@flow/operators';

/** One field of a form, as its author describes it. */
export interface InputField {
  readonly key: string;
  readonly name?: string;
  readonly type: FieldType;
  readonly required?: boolean;
  readonly default?: Json;
  readonly description?: string;
  readonly enum?: readonly Json[];
}

/** What each type takes, as JSON Schema says it; `long_string` and `radio` are the Go service's names for texts. */
const FIELD_SCHEMAS = {
  string: { type: 'string' },
  long_string: { type: 'string' },
  radio: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  object: { type: 'object' },
  array: { type: 'array' },
  datetime: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
  any: {},
} as const satisfies Record<string, JsonSchema>;
export type FieldType = keyof typeof FIELD_SCHEMAS;
export const FIELD_TYPES = Object.keys(FIELD_SCHEMAS) as readonly FieldType[];

const TAKES: Readonly<Record<FieldType, readonly [what: string, fits: (value: Json) => boolean]>> = {
  string: ['a text', isText],
  long_string: ['a text', isText],
  radio: ['a text', isText],
  number: ['a number', (value) => typeof value === 'number'],
  integer: ['a whole number', (value) => Number.isInteger(value)],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  object: ['an object', isJsonObject],
  array: ['a list', Array.isArray],
  datetime: ['an RFC 3339 time', (value) => isText(value) && value.length > 10 && timeOf(value) !== undefined],
  date: ['a date (2026-01-31)', (value) => isText(value) && value.length === 10 && timeOf(value) !== undefined],
  any: ['a value', () => true],
};

function isText(value: Json): value is string {
  return typeof value === 'string';
}

/** JSON Schema of the input that these fields take: for forms, API descriptions and callers. */
export function fieldsSchema(fields: readonly InputField[]): JsonSchema {
  const properties = fields.map(({ key, name, type, description, enum: choices, default: fallback }) => [
    key,
    {
      ...FIELD_SCHEMAS[type],
      ...(name !== undefined && { title: name }),
      ...(description !== undefined && { description }),
      ...(choices && { enum: choices }),
      ...(fallback !== undefined && { default: fallback }),
    },
  ]);
  const required = fields
    .filter((field) => field.required === true && field.default === undefined)
    .map(({ key }) => key);
  return {
    type: 'object',
    properties: Object.fromEntries(properties) as JsonObject,
    required,
    additionalProperties: false,
  };
}

/** The value of every field: what came in, else its default, else null; or everything that is wrong with what came in. */
export function readFields(
  fields: readonly InputField[],
  input: JsonObject,
): { readonly values: JsonObject } | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const values: Record<string, Json> = {};
  for (const field of fields) {
    const given = Object.hasOwn(input, field.key) ? input[field.key] : undefined;
    const value = given ?? field.default ?? null;
    values[field.key] = value;
    const fault = value === null ? missing(field) : given === undefined ? undefined : misfit(field, value);
    if (fault) faults.push({ pointer: pointerTo('', field.key), ...fault });
  }
  const known = new Set(fields.map(({ key }) => key));
  for (const key of Object.keys(input).filter((name) => !known.has(name)))
    faults.push({
      pointer: pointerTo('', key),
      code: 'input.unknown',
      message: `The form has no field "${key}"${known.size > 0 ? `; it has ${[...known].join(', ')}` : ''}.`,
    });
  return faults.length > 0 ? { faults } : { values };
}

function missing({ key, required }: InputField): { code: string; message: string } | undefined {
  return required === true ? { code: 'input.missing', message: `The field "${key}" is required.` } : undefined;
}

function misfit({ key, type, enum: choices }: InputField, value: Json): { code: string; message: string } | undefined {
  const [what, fits] = TAKES[type];
  if (!fits(value)) return { code: 'input.type_mismatch', message: `The field "${key}" takes ${what}.` };
  if (choices && !choices.some((choice) => canonicalJson(choice) === canonicalJson(value)))
    return {
      code: 'input.not_a_choice',
      message: `The field "${key}" takes one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}.`,
    };
  return undefined;
}

/** What a schema cannot say about a form: keys differ and are free to use, and defaults and choices are of their field's type. */
export function fieldFaults(
  fields: readonly InputField[],
  pointer: string,
  reserved: readonly string[],
): readonly Fault[] {
  const faults: Fault[] = [];
  const say = (at: string, message: string) => faults.push({ pointer: at, code: 'step.parameters_invalid', message });
  const seen = new Set<string>();
  fields.forEach((field, i) => {
    const at = pointerTo(pointer, i);
    if (reserved.includes(field.key) || FORBIDDEN_KEYS.has(field.key))
      say(`${at}/key`, `The key "${field.key}" is taken.`);
    if (seen.has(field.key)) say(`${at}/key`, `Two fields have the key "${field.key}".`);
    seen.add(field.key);
    const fallback = field.default === undefined || field.default === null ? undefined : misfit(field, field.default);
    if (fallback) say(`${at}/default`, `The default does not fit. ${fallback.message}`);
    field.enum?.forEach((choice, j) => {
      const fault = misfit({ key: field.key, type: field.type }, choice);
      if (fault) say(`${at}/enum/${j}`, `The choice does not fit. ${fault.message}`);
    });
  });
  return faults;
}
