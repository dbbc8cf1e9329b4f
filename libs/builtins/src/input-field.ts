import { fullFormats } from 'ajv-formats/dist/formats';
import { Pattern, timeOf } from '@flow/expressions';
import {
  FORBIDDEN_KEYS,
  canonicalJson,
  isJsonObject,
  pointerTo,
  type Fault,
  type Json,
  type JsonObject,
} from '@flow/kernel';
import { isFileValue, type FileValue, type JsonSchema } from '@flow/operators';

/** One field of a form, as its author describes it. */
export interface InputField {
  readonly key: string;
  readonly name?: string;
  readonly type: FieldType;
  readonly required?: boolean;
  readonly default?: Json;
  readonly description?: string;
  readonly enum?: readonly Json[];
  /** Of texts. */
  readonly format?: FieldFormat;
  /** Of texts, RE2: it matches anywhere unless it is anchored. */
  readonly pattern?: string;
  /** The least and the most: of numbers their value, of texts their length in characters, of lists their items. */
  readonly min?: number;
  readonly max?: number;
  /** Of files: most bytes of each, and the media types that it may have (`image/*` takes all of a kind). */
  readonly maxBytes?: number;
  readonly contentTypes?: readonly string[];
}

/** A media type, or all of a kind. */
export const CONTENT_TYPE = '^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/([a-z0-9][a-z0-9!#$&^_.+-]{0,126}|\\*)$';

const FORMATS = {
  email: 'an e-mail address',
  uri: 'an address with a scheme (https://example.com)',
  uuid: 'a UUID',
  hostname: 'a host name',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  duration: 'an ISO 8601 duration (PT30S)',
} as const;
export type FieldFormat = keyof typeof FORMATS;
export const FIELD_FORMATS = Object.keys(FORMATS) as readonly FieldFormat[];

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
  file: { type: 'string', format: 'file-handle' },
  files: { type: 'array', items: { type: 'string', format: 'file-handle' } },
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
  file: ['the id of a file that was uploaded (POST /files)', isFileValue],
  files: [
    'a list of ids of files that were uploaded (POST /files)',
    (value) => Array.isArray(value) && (value as readonly Json[]).every(isFileValue),
  ],
  any: ['a value', () => true],
};

function isText(value: Json): value is string {
  return typeof value === 'string';
}

/** JSON Schema of the input that these fields take: for forms, API descriptions and callers. */
export function fieldsSchema(fields: readonly InputField[]): JsonSchema {
  const properties = fields.map((field) => {
    const { key, name, type, description, enum: choices, default: fallback, format, pattern } = field;
    const schema = {
      ...FIELD_SCHEMAS[type],
      ...(format && { format }),
      ...(pattern !== undefined && { pattern }),
      ...boundsSchema(field),
      ...(field.maxBytes !== undefined && { 'x-max-bytes': field.maxBytes }),
      ...(field.contentTypes && { 'x-content-types': field.contentTypes }),
      ...(name !== undefined && { title: name }),
      ...(description !== undefined && { description }),
      ...(choices && { enum: choices }),
      ...(fallback !== undefined && { default: fallback }),
    };
    return [key, schema];
  });
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

export function fileFieldsOf(fields: readonly InputField[]): readonly string[] {
  return fields.filter(({ type }) => isFileType(type)).map(({ key }) => key);
}

function isFileType(type: FieldType): boolean {
  return type === 'file' || type === 'files';
}

/** What `min` and `max` count; undefined for types that they say nothing of. */
function measureOf(type: FieldType): 'value' | 'Length' | 'Items' | undefined {
  const { type: kind, format } = FIELD_SCHEMAS[type] as { type?: string; format?: string };
  if (kind === 'number' || kind === 'integer') return 'value';
  if (kind === 'array') return 'Items';
  return kind === 'string' && format === undefined ? 'Length' : undefined;
}

function boundsSchema({ type, min, max }: InputField): JsonSchema {
  const measure = measureOf(type);
  if (!measure) return {};
  const [least, most] = measure === 'value' ? ['minimum', 'maximum'] : [`min${measure}`, `max${measure}`];
  return { ...(min !== undefined && { [least]: min }), ...(max !== undefined && { [most]: max }) };
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

interface Misfit {
  readonly code: string;
  readonly message: string;
}

function misfit(field: InputField, value: Json): Misfit | undefined {
  const { key, type, enum: choices } = field;
  const [what, fits] = TAKES[type];
  if (!fits(value)) return { code: 'input.type_mismatch', message: `The field "${key}" takes ${what}.` };
  if (choices && !choices.some((choice) => canonicalJson(choice) === canonicalJson(value)))
    return {
      code: 'input.not_a_choice',
      message: `The field "${key}" takes one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}.`,
    };
  if (isFileType(type)) return outOfBounds(field, value) ?? wrongFile(field, [value].flat() as FileValue[]);
  return outOfBounds(field, value) ?? (isText(value) ? outOfForm(field, value) : undefined);
}

function outOfBounds({ key, type, min = -Infinity, max = Infinity }: InputField, value: Json): Misfit | undefined {
  const measure = measureOf(type);
  if (!measure) return undefined;
  const size =
    typeof value === 'number' ? value : isText(value) ? Array.from(value).length : (value as readonly Json[]).length;
  if (size >= min && size <= max) return undefined;
  const what = { value: '', Length: ' characters', Items: ' items' }[measure];
  const bound = size < min ? `at least ${min}` : `at most ${max}`;
  return { code: 'input.out_of_bounds', message: `The field "${key}" takes ${bound}${what}.` };
}

function wrongFile(
  { key, maxBytes = Infinity, contentTypes }: InputField,
  files: readonly FileValue[],
): Misfit | undefined {
  const large = files.find(({ bytes }) => bytes > maxBytes);
  if (large)
    return {
      code: 'input.file_too_large',
      message: `The field "${key}" takes files of at most ${maxBytes} bytes; ${large.name} has ${large.bytes}.`,
    };
  const other =
    contentTypes && files.find(({ contentType }) => !contentTypes.some((type) => covers(type, contentType)));
  if (!other) return undefined;
  return {
    code: 'input.file_type',
    message: `The field "${key}" takes ${contentTypes.join(', ')}; ${other.name} is ${other.contentType}.`,
  };
}

function covers(allowed: string, contentType: string): boolean {
  return allowed.endsWith('/*') ? contentType.startsWith(allowed.slice(0, -1)) : allowed === contentType;
}

function outOfForm({ key, format, pattern }: InputField, value: string): Misfit | undefined {
  if (format && !hasFormat(format, value))
    return { code: 'input.format_mismatch', message: `The field "${key}" takes ${FORMATS[format]}.` };
  if (pattern !== undefined && !Pattern.of(pattern).test(value))
    return { code: 'input.format_mismatch', message: `The field "${key}" takes what matches ${pattern}.` };
  return undefined;
}

function hasFormat(format: FieldFormat, value: string): boolean {
  const known = fullFormats[format];
  if (typeof known === 'function') return Boolean((known as (text: string) => unknown)(value));
  return known instanceof RegExp && known.test(value);
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
    ownFaults(field).forEach(([name, message]) => say(`${at}/${name}`, message));
    if (ownFaults(field).length > 0) return;
    const fallback = field.default === undefined || field.default === null ? undefined : misfit(field, field.default);
    if (fallback) say(`${at}/default`, `The default does not fit. ${fallback.message}`);
    field.enum?.forEach((choice, j) => {
      const { enum: _choices, ...rules } = field;
      const fault = misfit(rules, choice);
      if (fault) say(`${at}/enum/${j}`, `The choice does not fit. ${fault.message}`);
    });
  });
  return faults;
}

/** What of a field's own rules cannot be, and why. */
function ownFaults(field: InputField): readonly (readonly [name: string, why: string])[] {
  const { type, maxBytes, contentTypes, default: fallback, enum: choices } = field;
  const given = isFileType(type) ? { default: fallback, enum: choices } : { maxBytes, contentTypes };
  const misplaced = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  return [
    ...misplaced.map(([name]) => [name, `A field of type ${type} has no "${name}".`] as const),
    ...formFaults(field),
  ];
}

function formFaults({
  type,
  format,
  pattern,
  min,
  max,
}: InputField): readonly (readonly [name: string, why: string])[] {
  const faults: (readonly [string, string])[] = [];
  const measure = measureOf(type);
  for (const [name, bound] of Object.entries({ min, max })) {
    if (bound === undefined) continue;
    if (!measure) faults.push([name, `A field of type ${type} has no "${name}".`]);
    else if (measure !== 'value' && !(Number.isInteger(bound) && bound >= 0))
      faults.push([name, `"${name}" of a field of type ${type} is a whole number from 0.`]);
  }
  if (min !== undefined && max !== undefined && min > max) faults.push(['max', '"max" is below "min".']);
  if (format !== undefined && measure !== 'Length') faults.push(['format', `A field of type ${type} has no "format".`]);
  if (pattern === undefined) return faults;
  if (measure !== 'Length') return [...faults, ['pattern', `A field of type ${type} has no "pattern".`]];
  try {
    Pattern.of(pattern);
    return faults;
  } catch (error) {
    return [...faults, ['pattern', error instanceof Error ? error.message : 'RE2 does not take this pattern.']];
  }
}
