import type { Operations } from './operations';

/** `GET /dags/{id}`: a method and a path, as the OpenAPI document has them. */
export type Operation = keyof Operations;

export type InputOf<O extends Operation> = Omit<Operations[O], 'answer' | 'item'>;

export type AnswerOf<O extends Operation> = Operations[O]['answer'];

/** The operations that answer with a stream of items. */
export type Streaming = { [O in Operation]: Operations[O] extends { readonly item: unknown } ? O : never }[Operation];

export type ItemOf<O extends Streaming> = Operations[O]['item'];

/** Left out where nothing has to be said. */
export type Given<O extends Operation> =
  Partial<InputOf<O>> extends InputOf<O> ? [input?: InputOf<O>] : [input: InputOf<O>];

/**
 * A shape with nothing missing. The document does not say of most answers which of their fields are always there; those of which this
 * is asked have all of them.
 */
export type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Whole<T[Key]> }
    : T;

interface Spoken {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** The method, and the path with its query; what is put into a path cannot leave its place there. */
export function requestOf(operation: Operation, input: object | undefined): { method: string; path: string } {
  const [method = '', template = ''] = operation.split(' ');
  const { path: places = {}, query = {} } = (input ?? {}) as Spoken;
  const path = template.replace(/\{(\w+)\}/g, (_whole, name: string) => segmentOf(places[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return { method, path: search.size > 0 ? `${path}?${search.toString()}` : path };
}

/** `.` and `..` would be taken out of an address before it is sent. */
function segmentOf(text: string): string {
  const encoded = encodeURIComponent(text);
  return /^\.\.?$/.test(encoded) ? encoded.replaceAll('.', '%252E') : encoded;
}
