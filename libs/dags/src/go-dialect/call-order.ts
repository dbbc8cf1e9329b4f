import type { Fault } from '@flow/kernel';
import type { Call } from './calls';

interface Caller {
  readonly goId: string | undefined;
  readonly calls: readonly Call[];
}

/** Positions of documents in an order in which each follows those that it calls; what calls in a circle keeps its place in the list. */
export function inCallOrder(documents: readonly Caller[]): readonly number[] {
  const positions = positionsOf(documents);
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (position: number): void => {
    if (seen.has(position)) return;
    seen.add(position);
    for (const { dagId } of documents[position]?.calls ?? []) {
      const called = positions.get(dagId);
      if (called !== undefined) visit(called);
    }
    order.push(position);
  };
  documents.forEach((_, position) => visit(position));
  return order;
}

/** A fault for each call by which a document comes to call itself, however many others are between; the same one called twice is none. */
export function callCycles(documents: readonly Caller[]): readonly (readonly Fault[])[] {
  const positions = positionsOf(documents);
  return documents.map(({ calls }, position) =>
    calls
      .filter(({ dagId }) => {
        const called = positions.get(dagId);
        return called !== undefined && reaches(called, position, documents, positions);
      })
      .map(({ pointer, dagId }) => ({
        pointer,
        code: 'go.subflow_cycle',
        message: `The flow ${dagId} calls this one in turn: neither would ever end.`,
      })),
  );
}

function positionsOf(documents: readonly Caller[]): ReadonlyMap<string, number> {
  return new Map(documents.flatMap(({ goId }, i): [string, number][] => (goId === undefined ? [] : [[goId, i]])));
}

function reaches(
  from: number,
  to: number,
  documents: readonly Caller[],
  positions: ReadonlyMap<string, number>,
): boolean {
  const seen = new Set([from]);
  for (const position of seen) {
    if (position === to) return true;
    for (const { dagId } of documents[position]?.calls ?? []) {
      const called = positions.get(dagId);
      if (called !== undefined) seen.add(called);
    }
  }
  return false;
}
