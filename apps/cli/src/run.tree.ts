import { lastedMs } from './instance.reader';
import { timeText } from './layout';
import type { SeenTask } from './run.fold';
import type { Style } from './terminal';

export const STATUS_STYLES: Readonly<Record<string, Style>> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'red',
  cancelling: 'yellow',
  retrying: 'yellow',
  paused: 'yellow',
  running: 'cyan',
  waiting: 'cyan',
};

interface Node {
  readonly task: SeenTask;
  readonly label: string;
  readonly children: Node[];
}

/** A line of a tree of steps; what stands before the label says how deep it is. */
export interface TreeLine {
  readonly status: string;
  readonly label: string;
  readonly operator: string;
  readonly note: string;
}

/**
 * The steps of a run, each under the step that it is part of. When that is more lines than asked for, what is done and well is folded
 * into one line, so that what goes on and what failed stays in sight.
 */
export function treeOf(tasks: readonly SeenTask[], most = Infinity, nowMs = Date.now()): TreeLine[] {
  // Ids of one run's steps sort in the order in which their turn came.
  const roots = nodesOf([...tasks].sort((a, b) => (a.id < b.id ? -1 : 1)));
  const whole = linesOf(roots, '', false, nowMs);
  return whole.length <= most ? whole : linesOf(roots, '', true, nowMs);
}

function nodesOf(tasks: readonly SeenTask[]): Node[] {
  const paths = new Set(tasks.map(({ path }) => path));
  const placed = tasks.map((task) => {
    const above = parentOf(task.path, paths);
    const label = above === undefined ? task.path || task.stepId : task.path.slice(above.length).replace(/^\//, '');
    return { above, node: { task, label, children: [] } satisfies Node };
  });
  const known = new Map<string, Node>(placed.map(({ node }) => [node.task.path, node]));
  const roots: Node[] = [];
  // A step may be told before the one that it is part of.
  for (const { above, node } of placed) (known.get(above ?? '')?.children ?? roots).push(node);
  return roots;
}

/** `each[3]/a` is within `each`, `size/large/review` within `size`. */
function parentOf(path: string, paths: ReadonlySet<string>): string | undefined {
  for (let at = path.length - 1; at > 0; at -= 1)
    if ((path[at] === '/' || path[at] === '[') && paths.has(path.slice(0, at))) return path.slice(0, at);
  return undefined;
}

const isWell = ({ task, children }: Node): boolean =>
  (task.status === 'succeeded' || task.status === 'skipped') && children.every(isWell);

const countOf = (nodes: readonly Node[]): number => nodes.reduce((sum, { children }) => sum + 1 + countOf(children), 0);

function linesOf(nodes: readonly Node[], indent: string, folds: boolean, nowMs: number): TreeLine[] {
  const lines: TreeLine[] = [];
  for (let at = 0; at < nodes.length;) {
    let end = at;
    while (folds && end < nodes.length && isWell(nodes[end] as Node)) end += 1;
    if (end - at > 1) {
      const count = countOf(nodes.slice(at, end));
      lines.push({ status: 'succeeded', label: `${indent}... ${count} steps`, operator: '', note: '' });
      at = end;
      continue;
    }
    const { task, label, children } = nodes[at] as Node;
    const hidden = folds && isWell(nodes[at] as Node) ? countOf(children) : 0;
    lines.push({
      status: task.status,
      label: indent + label,
      operator: task.operator,
      note: noteOf(task, nowMs) + (hidden > 0 ? `, ${hidden} steps within` : ''),
    });
    if (hidden === 0) lines.push(...linesOf(children, `${indent}  `, folds, nowMs));
    at += 1;
  }
  return lines;
}

function noteOf(task: SeenTask, nowMs: number): string {
  const ms = task.status === 'pending' ? undefined : lastedMs(task, nowMs);
  return (ms === undefined ? '' : timeText(ms)) + (task.attempt > 1 ? ` (attempt ${task.attempt})` : '');
}
