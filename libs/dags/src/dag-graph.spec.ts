import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import fc from 'fast-check';
import { graphOf } from './dag-graph';

/** Steps whose needs point anywhere, as a list of positions each; undefined stands for "the one before". */
const bodies = fc
  .array(fc.option(fc.array(fc.nat(15), { maxLength: 4 }), { nil: undefined }), { maxLength: 16 })
  .map((needs) =>
    needs.map((list, i) =>
      step(`${i}`, list ? { dependsOn: [...new Set(list)].filter((need) => need < needs.length).map(String) } : {}),
    ),
  );

/** The same questions, answered in the slowest and plainest way. */
function plainly(steps: readonly Step[]) {
  const needs = steps.map((one, i) =>
    (one.dependsOn ?? (i > 0 ? [`${i - 1}`] : [])).map(Number).filter((need) => need !== i),
  );
  const reach = (from: number): Set<number> => {
    const found = new Set<number>();
    const visit = (at: number) => {
      for (const need of needs[at] ?? [])
        if (!found.has(need)) {
          found.add(need);
          visit(need);
        }
    };
    visit(from);
    return found;
  };
  return steps.map((_, i) => reach(i));
}

describe('the order within a body', () => {
  it('follows the text when nothing else is said', () => {
    const { order, needs } = graphOf([step('a'), step('b'), step('c')], { afterFirst: false });
    expect([order, needs]).toEqual([
      [0, 1, 2],
      [[], [0], [1]],
    ]);
  });

  it('puts everything behind the trigger in a DAG, and nothing behind the first step of another body', () => {
    const steps = [step('a'), step('b', { dependsOn: [] })];
    expect(graphOf(steps, { afterFirst: true }).needs).toEqual([[], [0]]);
    expect(graphOf(steps, { afterFirst: false }).needs).toEqual([[], []]);
  });

  it('places every step behind those that it needs, and tells which wait for each other', () => {
    fc.assert(
      fc.property(bodies, (steps) => {
        const { order, cyclic, needs } = graphOf(steps, { afterFirst: false });
        const reach = plainly(steps);
        expect([...cyclic].sort((a, b) => a - b)).toEqual(
          expect.arrayContaining(steps.flatMap((_, i) => (reach[i]!.has(i) ? [i] : []))),
        );
        // Whoever is neither placed nor on a cycle waits behind one.
        for (const [i] of steps.entries()) {
          const waits = reach[i]!.has(i) || [...reach[i]!].some((need) => reach[need]!.has(need));
          expect(order.includes(i)).toBe(!waits);
        }
        const placed = new Map(order.map((position, at) => [position, at]));
        for (const position of order)
          for (const need of needs[position]!) expect(placed.get(need)!).toBeLessThan(placed.get(position)!);
      }),
    );
  });

  it('knows what has ended before, directly or not', () => {
    fc.assert(
      fc.property(bodies, (steps) => {
        const { endsBefore, cyclic } = graphOf(steps, { afterFirst: false });
        fc.pre(cyclic.size === 0);
        const reach = plainly(steps);
        for (const [a] of steps.entries())
          for (const [b] of steps.entries()) expect(endsBefore(a, b)).toBe(reach[b]!.has(a));
      }),
    );
  });
});
