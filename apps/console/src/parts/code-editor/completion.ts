import { isMap, isPair, isScalar, parseDocument, visit, type Node, type Pair } from 'yaml';
import type { TextFormat } from './definition-text';

type Schema = Readonly<Record<string, unknown>>;

export interface Suggestion {
  readonly label: string;
  readonly detail?: string;
  readonly info?: string;
  /** What is written in the place of what was typed. */
  readonly apply: string;
}

export interface Suggestions {
  /** Where what was typed of it begins. */
  readonly from: number;
  readonly options: readonly Suggestion[];
}

/** Stands where the cursor is, in a copy of the text that is read to learn what the cursor is in. */
const HERE = '\u{f8ff}here';

/** What can stand at a place of a definition, by its JSON Schema: keys that are not there yet, or the values that a key takes. */
export function suggestionsAt(
  text: string,
  position: number,
  format: TextFormat,
  schema: Schema,
): Suggestions | undefined {
  const typed = /["']?[\w@/.-]*$/.exec(text.slice(0, position))?.[0] ?? '';
  const from = position - typed.length;
  const rest = text.slice(position).replace(/^[\w@/.-]*["']?/, '');
  const found = spotOf(text.slice(0, from), rest, format);
  if (found === undefined) return undefined;
  const { root, path, kind, keys } = found;
  const schemas = path.reduce<readonly Reached[]>((reached, segment) => reached.flatMap((one) => into(one, segment, schema)), expand({ schema, value: root }, schema)); // prettier-ignore
  const options = kind === 'key' ? keysOf(schemas, keys, format) : valuesOf(schemas, format);
  return options.length === 0 ? undefined : { from, options };
}

interface Spot {
  readonly root: unknown;
  /** To the object whose key is typed, or to the value. */
  readonly path: readonly (string | number)[];
  readonly kind: 'key' | 'value';
  readonly keys: ReadonlySet<string>;
}

function spotOf(before: string, after: string, format: TextFormat): Spot | undefined {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const beginsLine = format === 'yaml' && /^[\s-]*$/.test(line);
  if (format === 'json') return spotIn(`${before}"${HERE}"${after}`);
  return (
    (beginsLine ? spotIn(`${before}${HERE}:${after.replace(/^\s*:/, '')}`) : undefined) ??
    spotIn(`${before}${HERE}${after}`)
  );
}

function spotIn(text: string): Spot | undefined {
  const document = parseDocument(text, { strict: false, logLevel: 'silent', prettyErrors: false });
  let spot: Omit<Spot, 'root'> | undefined;
  visit(document, {
    Scalar(at, node, ancestors) {
      if (node.value !== HERE) return undefined;
      const isKey = at === 'key';
      const path = pathOf(ancestors as readonly Node[], isKey ? undefined : node);
      const map = isKey ? ancestors.at(-2) : undefined;
      spot = { path, kind: isKey ? 'key' : 'value', keys: isMap(map) ? namesIn(map.items) : new Set() };
      return visit.BREAK;
    },
  });
  return spot && { ...spot, root: document.toJS({ maxAliasCount: 100 }) as unknown };
}

const namesIn = (pairs: readonly Pair[]): ReadonlySet<string> =>
  new Set(pairs.map(({ key }) => (isScalar(key) ? String(key.value) : '')).filter((name) => name !== HERE));

function pathOf(ancestors: readonly (Node | Pair)[], leaf: Node | undefined): (string | number)[] {
  // The pair that holds the typed key is no part of the way to its object.
  const way = leaf === undefined ? ancestors.slice(0, -1) : [...ancestors, leaf];
  return way.flatMap((one, at): (string | number)[] => {
    if (isPair(one)) return [isScalar(one.key) ? String(one.key.value) : ''];
    const next = way[at + 1];
    const items = 'items' in one && !isMap(one) ? (one.items as readonly unknown[]) : [];
    const index = items.indexOf(next);
    return index >= 0 ? [index] : [];
  });
}

interface Reached {
  readonly schema: Schema;
  readonly value: unknown;
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A schema with all that it refers to and combines, as far as it holds for the value that stands there. */
function expand({ schema, value }: Reached, root: Schema): readonly Reached[] {
  const { $ref, if: condition, then, else: otherwise } = schema;
  const parts: unknown[] = [];
  if (typeof $ref === 'string') parts.push(referred($ref, root));
  for (const list of ['allOf', 'anyOf', 'oneOf'])
    if (Array.isArray(schema[list])) parts.push(...(schema[list] as readonly unknown[]));
  if (isObject(condition)) parts.push(holds(condition, value) ? then : otherwise);
  return [{ schema, value }, ...parts.filter(isObject).flatMap((part) => expand({ schema: part, value }, root))];
}

function referred(reference: string, root: Schema): unknown {
  const [, pointer = ''] = reference.split('#');
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((within, name) => (isObject(within) ? within[name] : undefined), root);
}

/** Conditions of the schema ask for the value of a key (which operator?); those that ask for more do not hold here. */
function holds(condition: Schema, value: unknown): boolean {
  const { properties } = condition;
  if (!isObject(properties) || !isObject(value)) return false;
  return Object.entries(properties).every(
    ([key, asked]) => isObject(asked) && 'const' in asked && value[key] === asked['const'],
  );
}

function into({ schema, value }: Reached, segment: string | number, root: Schema): readonly Reached[] {
  const inner =
    isObject(value) || Array.isArray(value)
      ? (value as Readonly<Record<string | number, unknown>>)[segment]
      : undefined;
  const { properties, additionalProperties, items } = schema;
  const next =
    typeof segment === 'number'
      ? items
      : isObject(properties) && segment in properties
        ? properties[segment]
        : additionalProperties;
  return isObject(next) ? expand({ schema: next, value: inner }, root) : [];
}

function keysOf(schemas: readonly Reached[], taken: ReadonlySet<string>, format: TextFormat): readonly Suggestion[] {
  const found = new Map<string, Suggestion>();
  for (const { schema } of schemas) {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    for (const [key, property] of isObject(schema['properties']) ? Object.entries(schema['properties']) : []) {
      if (taken.has(key)) continue;
      const { description, type } = isObject(property) ? innermost(property) : {};
      const before = found.get(key);
      const details = [before?.detail, typeof type === 'string' ? type : undefined].find((one) => one !== undefined);
      found.set(key, {
        label: key,
        detail: required.includes(key) ? `${details ?? ''} *` : details,
        info: before?.info ?? (typeof description === 'string' ? description : undefined),
        apply: format === 'json' ? `"${key}": ` : `${key}: `,
      });
    }
  }
  return [...found.values()];
}

/** Of "a template, or else what it is": what it is. */
const innermost = (schema: Schema): Schema => (isObject(schema['else']) ? innermost(schema['else']) : schema);

function valuesOf(schemas: readonly Reached[], format: TextFormat): readonly Suggestion[] {
  const found = new Map<unknown, Suggestion>();
  for (const { schema } of schemas) {
    const { enum: choices, const: only, title, description, type } = schema;
    const values: unknown[] = Array.isArray(choices)
      ? choices
      : 'const' in schema
        ? [only]
        : type === 'boolean'
          ? [true, false]
          : [];
    for (const value of values) {
      const detail = 'const' in schema && typeof title === 'string' ? title : undefined;
      const info = typeof description === 'string' ? description : undefined;
      found.set(value, { label: String(value), detail, info, apply: literal(value, format) });
    }
  }
  return [...found.values()];
}

/** What begins with a letter needs no quotes in YAML, but for words that mean something else. */
const literal = (value: unknown, format: TextFormat): string =>
  format === 'yaml' && typeof value === 'string' && /^(?!(true|false|null|yes|no|on|off)$)[a-z][\w./-]*$/i.test(value)
    ? value
    : JSON.stringify(value);
