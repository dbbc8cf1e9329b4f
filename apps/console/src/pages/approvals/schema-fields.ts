/** A field of a form, as far as a JSON Schema of flat data says it. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly kind: 'text' | 'number' | 'boolean' | 'choice' | 'json';
  readonly choices: readonly string[];
  readonly isRequired: boolean;
  readonly initial: string;
}

export type Values = Readonly<Record<string, string>>;
export type FieldFault = 'required' | 'notNumber' | 'invalidJson';

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of a schema of an object; undefined where it is another, and one JSON document is written by hand. */
export function fieldsOf(schema: unknown): readonly Field[] | undefined {
  if (!isSchema(schema) || !isSchema(schema.properties)) return undefined;
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  return Object.entries(schema.properties).map(([name, property]) => fieldOf(name, property, required.includes(name)));
}

function fieldOf(name: string, property: unknown, isRequired: boolean): Field {
  const { type, title, description, enum: choices, default: initial } = isSchema(property) ? property : {};
  const texts = Array.isArray(choices) && choices.every((one) => typeof one === 'string') ? choices : [];
  const kind =
    texts.length > 0
      ? 'choice'
      : type === 'string'
        ? 'text'
        : type === 'number' || type === 'integer'
          ? 'number'
          : type === 'boolean'
            ? 'boolean'
            : 'json';
  return {
    name,
    title: typeof title === 'string' ? title : name,
    description: typeof description === 'string' ? description : undefined,
    kind,
    choices: texts,
    isRequired,
    initial:
      initial === undefined ? '' : typeof initial === 'string' && kind !== 'json' ? initial : JSON.stringify(initial),
  };
}

/** The data that the form says, or what is wrong with each field. What is empty and not required is left out. */
export function dataOf(
  fields: readonly Field[],
  values: Values,
): { readonly data: Readonly<Record<string, unknown>> } | { readonly faults: Readonly<Record<string, FieldFault>> } {
  const data: Record<string, unknown> = {};
  const faults: Record<string, FieldFault> = {};
  for (const field of fields) {
    const read = readField(field, values[field.name] ?? '');
    if ('fault' in read) faults[field.name] = read.fault;
    else if (read.value !== undefined) data[field.name] = read.value;
  }
  return Object.keys(faults).length > 0 ? { faults } : { data };
}

function readField(
  { kind, isRequired }: Field,
  text: string,
): { readonly value: unknown } | { readonly fault: FieldFault } {
  if (kind === 'boolean') return { value: text === 'true' };
  if (text.trim() === '') return isRequired ? { fault: 'required' } : { value: undefined };
  if (kind === 'number') return Number.isFinite(Number(text)) ? { value: Number(text) } : { fault: 'notNumber' };
  if (kind !== 'json') return { value: text };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { fault: 'invalidJson' };
  }
}
