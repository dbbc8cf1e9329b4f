import { AppError } from './app-error';
import { isJsonObject, type Json, type JsonObject } from './json';

/** What the bytes of a large value are: JSON text, or the text that the value is, or the bytes of a text in Base64. */
export type LargeForm = 'json' | 'text' | 'base64';

/** Where a large value lies: its bytes by their SHA-256 in the blob store. */
export interface StoredBytes {
  readonly sha256: string;
  readonly bytes: number;
  readonly form: LargeForm;
}

/** The inside of a large value was asked for and is not at hand. */
export class LargeValueClosed extends AppError {
  readonly kind = 'invalid';
  readonly code = 'value.too_large_to_read';
  constructor(
    message: string,
    /** The one that has to be read for it. */
    readonly value?: LargeValue,
  ) {
    super(message);
  }
}

/**
 * A value that is too large to be held: it lies in the blob store, and this stands in its place. It is handed on like any
 * value. Of its inside the parts are at hand that were taken out when it came in, because an expression names them; all of it
 * is at hand within `withContents`. An object of its own kind, so that no JSON from outside can pass for one; in text it stands
 * beside the data, never in it (`withoutLarge`).
 */
export class LargeValue {
  readonly #stored: StoredBytes | undefined;
  readonly #parts: ReadonlyMap<string, Json | undefined>;
  /** The large value that this one is a part of, and under which name. */
  #around: { readonly value: LargeValue; readonly name: string } | undefined;
  #content: { readonly value: Json } | undefined;

  /** Without `stored`: the inside of a large value that is only on the way to parts further in. */
  constructor(stored: StoredBytes | undefined, parts: ReadonlyMap<string, Json | undefined> = new Map()) {
    this.#stored = stored;
    this.#parts = parts;
    for (const [name, part] of parts) if (part instanceof LargeValue) part.#around = { value: this, name };
  }

  /** Throws LargeValueClosed for the inside of another one. */
  get stored(): StoredBytes {
    if (this.#stored) return this.#stored;
    throw new LargeValueClosed('Only parts of this large value are at hand, not all of it.');
  }

  get parts(): ReadonlyMap<string, Json | undefined> {
    return this.#parts;
  }

  get isWhole(): boolean {
    return this.#stored !== undefined;
  }

  /** The value itself. Throws LargeValueClosed unless it, or what it is a part of, is open. */
  get content(): Json {
    const found = this.#found();
    if (found) return found.value;
    throw new LargeValueClosed('The value is too large to be held in memory.', this.#whole());
  }

  /** One part, undefined when the value has none of this name. Throws LargeValueClosed when it was not taken out and nothing is open. */
  part(key: Json): Json | undefined {
    const name = partName(key);
    if (name === undefined || (this.#stored && this.#stored.form !== 'json')) return undefined;
    return this.#parts.has(name) ? this.#parts.get(name) : partOf(this.content, name);
  }

  /** Whoever makes text of data that may hold large values uses `textWithLarge`. */
  toJSON(): Json {
    return this.content;
  }

  /** Opens large values while the work is done, which must be over when it returns. */
  static withContents<T>(contents: ReadonlyMap<LargeValue, Json>, work: () => T): T {
    for (const [large, value] of contents) large.#content = { value };
    try {
      return work();
    } finally {
      for (const large of contents.keys()) large.#content = undefined;
    }
  }

  #found(): { readonly value: Json } | undefined {
    if (this.#content || !this.#around) return this.#content;
    const { value, name } = this.#around;
    const around = value.#found();
    return around && { value: partOf(around.value, name) ?? null };
  }

  /** The nearest value around it that lies in the blob store by itself. */
  #whole(): LargeValue | undefined {
    if (this.#stored || !this.#around) return this.#stored && this;
    return this.#around.value.#whole();
  }
}

/** The value, or what is in it when it is a large one. Throws LargeValueClosed unless that is open. */
export function contentOf(value: Json): Json {
  return value instanceof LargeValue ? value.content : value;
}

/** The data with the contents of all large values in their places; the same data when it holds none. Throws LargeValueClosed unless they are open. */
export function contentsOf(data: Json): Json {
  if (typeof data !== 'object' || data === null) return data;
  if (data instanceof LargeValue) return data.content;
  if (Array.isArray(data)) {
    const list: readonly Json[] = data;
    const plain = list.map(contentsOf);
    return plain.some((item, i) => item !== list[i]) ? plain : list;
  }
  const entries = Object.entries(data as JsonObject);
  const plain = entries.map(([key, item]): [string, Json] => [key, contentsOf(item)]);
  return plain.some(([, item], i) => item !== entries[i]?.[1]) ? Object.fromEntries(plain) : data;
}

function partOf(value: Json, name: string): Json | undefined {
  const isText = name.startsWith('.');
  if (Array.isArray(value)) return isText ? undefined : (value as readonly Json[])[Number(name)];
  const key = isText ? name.slice(1) : name;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A key of a list is a number and one of an object a text: `0` and `'0'` are two names. */
export function partName(key: Json): string | undefined {
  if (typeof key === 'number') return `${key}`;
  return typeof key === 'string' ? `.${key}` : undefined;
}

type Node = {
  readonly stored?: StoredBytes;
  /** A part is a value, another large value, or not there. */
  readonly parts?: Readonly<Record<string, { readonly value: Json } | { readonly large: Node } | null>>;
};
type Key = string | number;

/** The large values that were taken out of data, and where they stood. */
export interface LargePlaces {
  readonly values: readonly Node[];
  readonly at: readonly { readonly path: readonly Key[]; readonly value: number }[];
}

export type WithPlaces<T> = T & { readonly large?: LargePlaces };

/** The data with null in the place of every large value and a list of them beside it; the same object when it holds none. */
export function withoutLarge<T extends object>(data: T): WithPlaces<T> {
  const values: LargeValue[] = [];
  const at: { path: readonly Key[]; value: number }[] = [];
  const plain = take(data as unknown as Json, [], (value, path) => {
    const known = values.indexOf(value);
    at.push({ path, value: known >= 0 ? known : values.push(value) - 1 });
  });
  return at.length === 0 ? data : { ...(plain as unknown as T), large: { values: values.map(nodeOf), at } };
}

/** Undoes `withoutLarge`. */
export function withLarge<T extends object>(stored: WithPlaces<T>): T {
  if (!stored.large) return stored;
  const { large, ...data } = stored;
  const values = large.values.map(valueOf);
  let whole = data as unknown as Json;
  for (const { path, value } of large.at) whole = put(whole, path, values[value] as unknown as Json);
  return whole as unknown as T;
}

/** JSON text of the data; large values stand beside it. Costs nothing more where there are none. */
export function textWithLarge(data: object): string {
  try {
    return JSON.stringify(data);
  } catch (error) {
    if (!(error instanceof LargeValueClosed)) throw error;
    return JSON.stringify(Array.isArray(data) ? (data as object[]).map(withoutLarge) : withoutLarge(data));
  }
}

/** Every large value in the data. */
export function* largeValuesIn(data: Json): Generator<LargeValue> {
  const stack: Json[] = [data];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (next instanceof LargeValue) yield next;
    else for (const item of Object.values(next)) if (typeof item === 'object' && item !== null) stack.push(item);
  }
}

function take(data: Json, path: readonly Key[], found: (value: LargeValue, path: readonly Key[]) => void): Json {
  if (typeof data !== 'object' || data === null) return data;
  if (data instanceof LargeValue) {
    found(data, path);
    return null;
  }
  if (Array.isArray(data)) {
    const list: readonly Json[] = data;
    const plain = list.map((item, i) => take(item, [...path, i], found));
    return plain.some((item, i) => item !== list[i]) ? plain : list;
  }
  const entries = Object.entries(data as JsonObject);
  const plain = entries.map(([key, item]): [string, Json] => [key, take(item, [...path, key], found)]);
  return plain.some(([, item], i) => item !== entries[i]?.[1]) ? Object.fromEntries(plain) : data;
}

function put(data: Json, [key, ...rest]: readonly Key[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(data) && typeof key === 'number') {
    const list: Json[] = [...(data as readonly Json[])];
    list[key] = put(list[key] ?? null, rest, value);
    return list;
  }
  if (!isJsonObject(data)) return data;
  return { ...data, [key]: put(data[key] ?? null, rest, value) };
}

function nodeOf(value: LargeValue): Node {
  const parts = [...value.parts].map(([name, part]) => {
    if (part === undefined) return [name, null] as const;
    return [name, part instanceof LargeValue ? { large: nodeOf(part) } : { value: part }] as const;
  });
  return {
    ...(value.isWhole && { stored: value.stored }),
    ...(parts.length > 0 && { parts: Object.fromEntries(parts) }),
  };
}

function valueOf({ stored, parts = {} }: Node): LargeValue {
  const entries = Object.entries(parts).map(([name, part]): [string, Json | undefined] => {
    if (part === null) return [name, undefined];
    return [name, 'large' in part ? (valueOf(part.large) as unknown as Json) : part.value];
  });
  return new LargeValue(stored, new Map(entries));
}
