import { FORBIDDEN_KEYS, isJsonObject, type Json } from '@flow/kernel';

const LARGEST_GAP = 10_000;

/** `a.b.0.'quoted key'` as its segments. */
export function segmentsOf(path: string): readonly string[] {
  const segments: string[] = [];
  const part = /\s*(?:'([^']*)'|"([^"]*)"|([^.]*?))\s*(?:\.|$)/y;
  while (part.lastIndex < path.length) {
    const match = part.exec(path);
    if (!match) return [path];
    segments.push(match[1] ?? match[2] ?? match[3] ?? '');
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

/** A copy of `root` with `value` at the path; what is missing on the way is made. Throws a RangeError for a path that cannot be set. */
export function withValueAt(root: Json, path: string, value: Json): Json {
  return set(root, segmentsOf(path), value);
}

function set(at: Json | undefined, [segment, ...rest]: readonly string[], value: Json): Json {
  if (segment === undefined) return value;
  if (FORBIDDEN_KEYS.has(segment)) throw new RangeError(`The key "${segment}" cannot be set.`);
  const index = /^\d+$/.test(segment) ? Number(segment) : undefined;
  if (Array.isArray(at) || (index !== undefined && !isJsonObject(at))) {
    const list = Array.isArray(at) ? [...(at as readonly Json[])] : [];
    if (index === undefined) throw new RangeError(`"${segment}" is no place in a list.`);
    if (index > list.length + LARGEST_GAP)
      throw new RangeError(`The index ${index} is far behind the end of the list.`);
    while (list.length < index) list.push(null);
    list[index] = set(list[index], rest, value);
    return list;
  }
  const object = isJsonObject(at) ? at : {};
  return { ...object, [segment]: set(Object.hasOwn(object, segment) ? object[segment] : undefined, rest, value) };
}
