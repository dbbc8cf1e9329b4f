/** One input of a form that is made from a JSON Schema. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly description?: string;
  readonly required: boolean;
  readonly kind:
    'text' | 'longText' | 'number' | 'integer' | 'boolean' | 'choice' | 'date' | 'dateTime' | 'file' | 'files' | 'json';
  /** Of a choice: the values, any JSON, by the texts that the list shows. */
  readonly choices: ReadonlyMap<string, unknown>;
  /** What stands in it at first. */
  readonly initial: string;
}

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of the schema of an object; undefined where it does not name any, and any JSON may be given. */
export function fieldsOf(schema: Schema): readonly Field[] | undefined {
  const properties = schema['properties'];
  if (!isObject(properties) || Object.keys(properties).length === 0) return undefined;
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([key, property]) =>
    fieldOf(key, isObject(property) ? property : {}, required.includes(key)),
  );
}

function fieldOf(key: string, property: Schema, required: boolean): Field {
  const { title, description, default: preset } = property;
  const kind = kindOf(property);
  return {
    key,
    label: typeof title === 'string' && title !== '' ? title : key,
    ...(typeof description === 'string' && { description }),
    required,
    kind,
    choices: new Map(Array.isArray(property['enum']) ? property['enum'].map((value) => [textOf(value), value]) : []),
    initial: preset === undefined ? '' : kind === 'json' ? JSON.stringify(preset, null, 2) : textOf(preset),
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function kindOf(property: Schema): Field['kind'] {
  const { type, format, items } = property;
  if (Array.isArray(property['enum'])) return 'choice';
  if (type === 'boolean' || type === 'number' || type === 'integer') return type;
  if (type === 'array' && isObject(items) && items['format'] === 'file-handle') return 'files';
  if (type !== 'string') return 'json';
  if (format === 'file-handle') return 'file';
  if (format === 'date') return 'date';
  if (format === 'date-time') return 'dateTime';
  const { maxLength } = property;
  return typeof maxLength === 'number' && maxLength > 255 ? 'longText' : 'text';
}

export type FieldFault = 'missing' | 'number' | 'json';

export interface Filled {
  readonly data: Readonly<Record<string, unknown>>;
  /** By the key of the field; what the service checks beyond this it says itself. */
  readonly faults: Readonly<Record<string, FieldFault>>;
}

/** What was typed as the data of a run. What was left empty is left out, so that the service puts its default there. */
export function filled(fields: readonly Field[], typed: Readonly<Record<string, string>>): Filled {
  const data: Record<string, unknown> = {};
  const faults: Record<string, FieldFault> = {};
  for (const field of fields) {
    const text = typed[field.key] ?? '';
    if (text.trim() === '') {
      if (field.required) faults[field.key] = 'missing';
      continue;
    }
    const value = valueOf(field, text);
    if (value instanceof Unreadable) faults[field.key] = value.fault;
    else data[field.key] = value;
  }
  return { data, faults };
}

class Unreadable {
  constructor(readonly fault: FieldFault) {}
}

function valueOf({ kind, choices }: Field, text: string): unknown {
  switch (kind) {
    case 'number':
    case 'integer':
      return Number.isFinite(Number(text)) ? Number(text) : new Unreadable('number');
    case 'boolean':
      return text === 'true';
    case 'dateTime':
      return new Date(text).toISOString();
    case 'choice':
      return choices.get(text);
    case 'json':
    case 'files':
      return jsonOf(text);
    case 'text':
    case 'longText':
    case 'date':
    case 'file':
      return text;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return new Unreadable('json');
  }
}
