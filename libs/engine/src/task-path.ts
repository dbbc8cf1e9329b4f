/**
 * Where a task stands in its run (engine.md A1): `/`-joined, percent-encoded ids of steps and branches.
 * The path of a body is the path of its step and the id of the branch.
 */
export function childPath(parent: string, id: string): string {
  const part = encodeURIComponent(id).replaceAll('[', '%5B').replaceAll(']', '%5D');
  return parent === '' ? part : `${parent}/${part}`;
}
