import type { Step } from '@flow/operators';

/** The order within one body: who needs whom, by position. */
export interface BodyGraph {
  /** Positions that each step needs directly; unknown ids and the step itself are left out. */
  readonly needs: readonly (readonly number[])[];
  /** Positions in an order where each follows those that it needs; those that wait for each other are missing. */
  readonly order: readonly number[];
  /** Positions that wait for each other. */
  readonly cyclic: ReadonlySet<number>;
  /** Whether step `a` has always ended (or been skipped) before step `b` starts. */
  endsBefore(a: number, b: number): boolean;
}

/**
 * A step without `dependsOn` needs the step just before it; `dependsOn: []` starts with the body. In a DAG's own body everything
 * follows the trigger, its first step. Of two steps with the same id the first is meant.
 */
export function graphOf(steps: readonly Step[], options: { readonly afterFirst: boolean }): BodyGraph {
  const positions = new Map<string, number>();
  steps.forEach(({ id }, i) => positions.has(id) || positions.set(id, i));
  const needs = steps.map((step, i) => needsOf(step, i, positions, options.afterFirst));
  const { order, cyclic } = sorted(needs);
  const words = Math.ceil(steps.length / 32);
  let before: Uint32Array | undefined;
  return {
    needs,
    order,
    cyclic,
    endsBefore(a, b) {
      before ??= ancestors(needs, order, words);
      return (((before[b * words + (a >> 5)] ?? 0) >>> (a & 31)) & 1) === 1;
    },
  };
}

function needsOf(step: Step, position: number, positions: ReadonlyMap<string, number>, afterFirst: boolean): number[] {
  if (position === 0 && !step.dependsOn) return [];
  const named = step.dependsOn?.flatMap((id) => positions.get(id) ?? []) ?? [position - 1];
  const needs = new Set(named.filter((need) => need !== position));
  if (afterFirst && needs.size === 0) needs.add(0);
  return [...needs];
}

/** Kahn's algorithm. */
function sorted(needs: readonly (readonly number[])[]): { order: number[]; cyclic: Set<number> } {
  const dependents: number[][] = needs.map(() => []);
  const open = needs.map((list, i) => {
    for (const need of list) dependents[need]?.push(i);
    return list.length;
  });
  const order = open.flatMap((count, i) => (count === 0 ? [i] : []));
  for (let at = 0; at < order.length; at += 1)
    for (const dependent of dependents[order[at] ?? 0] ?? []) {
      const left = (open[dependent] ?? 0) - 1;
      open[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  const placed = new Set(order);
  return { order, cyclic: onCycles(needs, dependents, placed) };
}

/** Of the steps that cannot be placed, those on a cycle; the others only wait behind one. */
function onCycles(
  needs: readonly (readonly number[])[],
  dependents: readonly (readonly number[])[],
  placed: ReadonlySet<number>,
): Set<number> {
  const left = new Set(needs.keys());
  for (const position of placed) left.delete(position);
  // Peels off, again and again, whatever nothing that is left waits for.
  const waiting = new Map([...left].map((i) => [i, (dependents[i] ?? []).filter((d) => left.has(d)).length]));
  const ends = [...left].filter((i) => waiting.get(i) === 0);
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    left.delete(end);
    for (const need of needs[end] ?? []) {
      if (!left.has(need)) continue;
      const count = (waiting.get(need) ?? 0) - 1;
      waiting.set(need, count);
      if (count === 0) ends.push(need);
    }
  }
  return left;
}

/** One row of bits a step: all that it needs, directly or not. */
function ancestors(needs: readonly (readonly number[])[], order: readonly number[], words: number): Uint32Array {
  const bits = new Uint32Array(needs.length * words);
  for (const position of order)
    for (const need of needs[position] ?? []) {
      for (let word = 0; word < words; word += 1) {
        const at = position * words + word;
        bits[at] = (bits[at] ?? 0) | (bits[need * words + word] ?? 0);
      }
      const at = position * words + (need >> 5);
      bits[at] = (bits[at] ?? 0) | (1 << (need & 31));
    }
  return bits;
}
