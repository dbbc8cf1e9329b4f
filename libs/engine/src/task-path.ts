/** An id as a part of a path: percent-encoded, so that `/`, `[` and `@` keep their meaning for paths. */
export function partOf(id: string): string {
  return encodeURIComponent(id).replaceAll('[', '%5B').replaceAll(']', '%5D');
}

/**
 * Where a task stands in its run (engine.md A1): the path of its body and its step's id. A body's path is that of its step and a
 * suffix: `/branch`, `[3]` for an iteration, `/@catch`, `/@finally`, `/@onError`, `/@undo`; the steps of a try add nothing.
 */
export function childPath(body: string, id: string): string {
  return body === '' ? partOf(id) : `${body}/${partOf(id)}`;
}
