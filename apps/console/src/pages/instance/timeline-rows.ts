import { isOver, type TaskStatus, type Track } from './run-model';

/** What is within a folded loop, by how it stands. */
export interface Counts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly live: number;
}

interface Base {
  readonly key: string;
  readonly depth: number;
  readonly isOpen: boolean;
  readonly hasInner: boolean;
}

export interface TaskRow extends Base {
  readonly kind: 'task';
  readonly track: Track;
  readonly label: string;
  /** Of a loop: its iterations. */
  readonly iterations: Counts | undefined;
}

export interface IterationRow extends Base {
  readonly kind: 'iteration';
  readonly label: string;
  readonly status: TaskStatus;
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

export type Row = TaskRow | IterationRow;

interface Node {
  readonly track: Track;
  readonly label: string;
  readonly inner: Node[];
  readonly iterations: Map<number, Node[]>;
}

export interface Folding {
  /** Rows that are not as they are by themselves: loops and what is within them are folded, everything else is open. */
  readonly toggled: ReadonlySet<string>;
  /** Only what failed, waits or goes on, and what that is within. */
  readonly problemsOnly: boolean;
}

/** The rows of a run, each under the step that it is part of, in the order in which their turn came. */
export function rowsOf(tracks: Iterable<Track>, folding: Folding): readonly Row[] {
  const rows: Row[] = [];
  addRows(rows, treeOf(tracks), 0, folding);
  return rows;
}

function treeOf(tracks: Iterable<Track>): Node[] {
  // Ids of one run's tasks sort in the order in which their turn came.
  const sorted = [...tracks].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const nodes = new Map<string, Node>();
  for (const track of sorted) nodes.set(track.path, { track, label: track.path, inner: [], iterations: new Map() });
  const roots: Node[] = [];
  for (const [path, node] of nodes) {
    const above = parentOf(path, nodes);
    if (above === undefined) {
      roots.push(node);
      continue;
    }
    const parent = nodes.get(above) as Node;
    const rest = path.slice(above.length);
    const index = /^\[(\d+)\]\/?/.exec(rest);
    const placed = { ...node, label: rest.slice(index ? index[0].length : 1) || rest };
    nodes.set(path, placed);
    if (!index) parent.inner.push(placed);
    else {
      const at = Number(index[1]);
      const list = parent.iterations.get(at);
      if (list) list.push(placed);
      else parent.iterations.set(at, [placed]);
    }
  }
  return roots;
}

/** `each[3]/a` is within `each`, `size/large/review` within `size`. */
function parentOf(path: string, nodes: ReadonlyMap<string, unknown>): string | undefined {
  for (let at = path.length - 1; at > 0; at -= 1)
    if ((path[at] === '/' || path[at] === '[') && nodes.has(path.slice(0, at))) return path.slice(0, at);
  return undefined;
}

function addRows(rows: Row[], nodes: readonly Node[], depth: number, folding: Folding): void {
  for (const node of nodes) {
    if (folding.problemsOnly && !isProblem(node)) continue;
    const { track, label, inner, iterations } = node;
    const isLoop = iterations.size > 0;
    const isOpen = folding.toggled.has(track.path) ? isLoop : !isLoop;
    rows.push({
      kind: 'task',
      key: track.path,
      depth,
      isOpen,
      hasInner: isLoop || inner.length > 0,
      track,
      label,
      iterations: isLoop ? countsOf(iterations) : undefined,
    });
    if (!isOpen) continue;
    addRows(rows, inner, depth + 1, folding);
    for (const [index, within] of [...iterations].sort(([a], [b]) => a - b))
      addIteration(rows, `${track.path}[${index}]`, `[${index}]`, within, depth + 1, folding);
  }
}

function addIteration(
  rows: Row[],
  key: string,
  label: string,
  within: readonly Node[],
  depth: number,
  folding: Folding,
): void {
  if (folding.problemsOnly && !within.some(isProblem)) return;
  const isOpen = folding.toggled.has(key);
  const ends = within.map(({ track }) => track.toMs);
  rows.push({
    kind: 'iteration',
    key,
    depth,
    isOpen,
    hasInner: true,
    label,
    status: statusOf(within),
    fromMs: Math.min(...within.map(({ track }) => track.fromMs)),
    toMs: ends.includes(undefined) ? undefined : Math.max(...(ends as number[])),
  });
  if (isOpen) addRows(rows, within, depth + 1, folding);
}

function countsOf(iterations: ReadonlyMap<number, readonly Node[]>): Counts {
  let [done, failed, live] = [0, 0, 0];
  for (const within of iterations.values()) {
    const status = statusOf(within);
    if (!isOver(status)) live += 1;
    else if (status === 'failed' || status === 'cancelled') failed += 1;
    else done += 1;
  }
  return { total: iterations.size, done, failed, live };
}

/** Of tasks side by side: the worst of what has ended, unless something goes on. */
function statusOf(within: readonly Node[]): TaskStatus {
  const statuses = new Set(within.map(({ track }) => track.status));
  const order = ['running', 'retrying', 'waiting', 'pending', 'failed', 'cancelled', 'succeeded'] as const;
  return order.find((one) => statuses.has(one)) ?? 'skipped';
}

function isProblem({ track, inner, iterations }: Node): boolean {
  if (track.status !== 'succeeded' && track.status !== 'skipped') return true;
  return inner.some(isProblem) || [...iterations.values()].some((within) => within.some(isProblem));
}
