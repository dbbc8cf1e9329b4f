import { FORBIDDEN_KEYS, isJsonObject, type Json, type JsonObject } from '@flow/kernel';

const LARGEST_GAP = 10_000;

/** A part in quotes, up to the dot behind it or the end. Whatever it tries is over at the next quote: time grows with the path. */
const QUOTED = /\s*(?:'([^']*)'|"([^"]*)")\s*(?:\.|$)/y;

/** `a.b.0.'quoted key'` as its segments. */
export function segmentsOf(path: string): readonly string[] {
  const segments: string[] = [];
  for (let at = 0; at < path.length;) {
    QUOTED.lastIndex = at;
    const quoted = QUOTED.exec(path);
    const dot = path.indexOf('.', at);
    const end = dot < 0 ? path.length : dot;
    segments.push(quoted ? (quoted[1] ?? quoted[2] ?? '') : path.slice(at, end).trim());
    at = quoted ? QUOTED.lastIndex : end + 1;
  }
  return segments;
}

/** The value at a path; undefined when there is none. A key that holds the dots itself counts first. */
export function valueAt(root: Json, path: string): Json | undefined {
  if (path === '') return root;
  if (isJsonObject(root) && Object.hasOwn(root, path)) return root[path];
  let at: Json | undefined = root;
  for (const segment of segmentsOf(path)) {
    if (Array.isArray(at)) at = /^\d+$/.test(segment) ? (at as readonly Json[])[Number(segment)] : undefined;
    else if (isJsonObject(at) && Object.hasOwn(at, segment)) at = at[segment];
    else return undefined;
  }
  return at;
}

/** JSON that is changed at many paths: what was there before stays as it is, and each list or object is copied once at most. */
export class JsonEdit {
  private readonly copies = new WeakSet<object>();

  constructor(private root: Json) {}

  get value(): Json {
    return this.root;
  }

  /** Puts a value at a path; what is missing on the way is made. Throws a RangeError for a path that cannot be set. */
  set(path: string, value: Json): void {
    this.root = this.put(this.root, segmentsOf(path), 0, value);
  }

  private put(at: Json | undefined, segments: readonly string[], depth: number, value: Json): Json {
    const segment = segments[depth];
    if (segment === undefined) return value;
    if (FORBIDDEN_KEYS.has(segment)) throw new RangeError(`The key "${segment}" cannot be set.`);
    const index = /^\d+$/.test(segment) ? Number(segment) : undefined;
    if (Array.isArray(at) || (index !== undefined && !isJsonObject(at))) {
      const list = this.listFrom(Array.isArray(at) ? (at as readonly Json[]) : []);
      if (index === undefined) throw new RangeError(`"${segment}" is no place in a list.`);
      if (index > list.length + LARGEST_GAP)
        throw new RangeError(`The index ${index} is far behind the end of the list.`);
      while (list.length < index) list.push(null);
      list[index] = this.put(list[index], segments, depth + 1, value);
      return list;
    }
    const object = this.objectFrom(isJsonObject(at) ? at : {});
    object[segment] = this.put(
      Object.hasOwn(object, segment) ? object[segment] : undefined,
      segments,
      depth + 1,
      value,
    );
    return object;
  }

  private listFrom(list: readonly Json[]): Json[] {
    if (this.copies.has(list)) return list as Json[];
    const copy = [...list];
    this.copies.add(copy);
    return copy;
  }

  private objectFrom(object: JsonObject): Record<string, Json> {
    if (this.copies.has(object)) return object;
    const copy = { ...object };
    this.copies.add(copy);
    return copy;
  }
}
