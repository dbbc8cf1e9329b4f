import { localTime } from '../../shell/time-text';

/** One input of a form that is made from a JSON Schema; all of them hold a text. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly description?: string;
  readonly required: boolean;
  /** `boolean` is always one of two, `maybe` can be left unsaid as well. */
  readonly kind:
    | 'text'
    | 'longText'
    | 'number'
    | 'integer'
    | 'boolean'
    | 'maybe'
    | 'choice'
    | 'date'
    | 'dateTime'
    | 'file'
    | 'files'
    | 'json';
  /** Of a choice: the values, any JSON, by the texts that the list shows. */
  readonly choices: ReadonlyMap<string, unknown>;
  /** What stands in it at first. */
  readonly initial: string;
}

/** The key of the one field that holds all of the data. */
export const WHOLE = '';

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field for each property; where the schema names none, one for all of the data as JSON. */
export function fieldsOf(schema: unknown): readonly Field[] {
  const whole = isObject(schema) ? schema : {};
  const properties = whole['properties'];
  if (!isObject(properties) || Object.keys(properties).length === 0) return [wholeOf(whole)];
  const required = Array.isArray(whole['required']) ? (whole['required'] as unknown[]) : [];
  return Object.entries(properties).map(([key, property]) =>
    fieldOf(key, isObject(property) ? property : {}, required.includes(key)),
  );
}

function wholeOf(schema: Schema): Field {
  const { type = 'object', default: preset = type === 'object' ? {} : undefined } = schema;
  const initial = preset === undefined ? '' : JSON.stringify(preset, null, 2);
  return { key: WHOLE, label: '', required: false, kind: 'json', choices: new Map(), initial };
}

function fieldOf(key: string, property: Schema, required: boolean): Field {
  const { title, description, default: preset } = property;
  const kind = kindOf(property, required);
  return {
    key,
    label: typeof title === 'string' && title !== '' ? title : key,
    ...(typeof description === 'string' && { description }),
    required,
    kind,
    choices: new Map(Array.isArray(property['enum']) ? property['enum'].map((value) => [textOf(value), value]) : []),
    initial: preset === undefined ? (kind === 'boolean' ? 'false' : '') : initialOf(kind, preset),
  };
}

function initialOf(kind: Field['kind'], preset: unknown): string {
  if (kind === 'json') return JSON.stringify(preset, null, 2);
  return kind === 'dateTime' && typeof preset === 'string' ? localTime(preset) : textOf(preset);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function kindOf(property: Schema, required: boolean): Field['kind'] {
  const { type, format, items } = property;
  if (Array.isArray(property['enum'])) return 'choice';
  if (type === 'boolean') return required || property['default'] !== undefined ? 'boolean' : 'maybe';
  if (type === 'number' || type === 'integer') return type;
  if (type === 'array' && isObject(items) && items['format'] === 'file-handle') return 'files';
  if (type !== 'string') return 'json';
  if (format === 'file-handle') return 'file';
  if (format === 'date') return 'date';
  if (format === 'date-time') return 'dateTime';
  const { maxLength } = property;
  return typeof maxLength === 'number' && maxLength > 255 ? 'longText' : 'text';
}
