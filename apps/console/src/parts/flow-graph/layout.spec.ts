import fc from 'fast-check';
import type { DagGraph, GraphStep } from './graph';
import { layoutOf, type Placed } from './layout';

const step = (id: string, parent?: GraphStep['parent']): GraphStep => ({ id, title: id, operator: '@x', parent });
const next = (from: string, to: string) => ({ from, to, kind: 'next' as const });

const overlap = (a: Placed, b: Placed) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const contains = (outer: Placed, inner: Placed) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Constructs in constructs, each body with steps of any order among themselves. */
const graphs = fc
  .array(fc.record({ within: fc.nat(), body: fc.nat(2), needs: fc.array(fc.nat(), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((drawn): DagGraph => {
    const nodes: GraphStep[] = [];
    const edges: DagGraph['edges'][number][] = [];
    drawn.forEach(({ within, body, needs }, at) => {
      const parent = at > 0 && within % 3 === 0 ? nodes[within % at] : undefined;
      nodes.push(step(`${at}`, parent && { id: parent.id, body: `b${body}` }));
      const siblings = nodes.slice(0, at).filter((one) => one.parent?.id === parent?.id && one.parent?.body === nodes[at]!.parent?.body); // prettier-ignore
      if (siblings.length > 0)
        for (const need of new Set(needs.map((n) => n % siblings.length)))
          edges.push(next(siblings[need]!.id, `${at}`));
    });
    return { nodes, edges };
  });

describe('the layout of a flow', () => {
  it('puts what follows below what it follows, centred in a chain', () => {
    const { placed } = layoutOf({ nodes: ['a', 'b'].map((id) => step(id)), edges: [next('a', 'b')] });
    const [a, b] = placed;
    expect(b!.y).toBeGreaterThan(a!.y + a!.height);
    expect(b!.x).toBe(a!.x);
  });

  it('puts bodies side by side within their construct', () => {
    const { placed } = layoutOf({
      nodes: [step('c'), step('x', { id: 'c', body: 'yes' }), step('y', { id: 'c', body: 'no' })],
      edges: [{ from: 'c', to: 'x', kind: 'body', label: 'yes' }],
    });
    expect(placed.map(({ id, kind }) => [id, kind])).toEqual([
      ['c', 'construct'],
      ['c yes', 'body'],
      ['x', 'step'],
      ['c no', 'body'],
      ['y', 'step'],
    ]);
    const [, yes, , no] = placed;
    expect(no!.x).toBeGreaterThanOrEqual(yes!.x + yes!.width);
  });

  it('places every step once, no two siblings on each other, and all of a body within its construct', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { placed, edges } = layoutOf(graph);
        const boxes = new Map(placed.filter(({ kind }) => kind !== 'body').map((one) => [one.id, one]));
        expect([...boxes.keys()].sort()).toEqual(graph.nodes.map(({ id }) => id).sort());
        for (const one of graph.nodes) {
          const box = boxes.get(one.id)!;
          if (one.parent) expect(contains(boxes.get(one.parent.id)!, box)).toBe(true);
          for (const other of graph.nodes)
            if (other.id < one.id && other.parent?.id === one.parent?.id)
              expect(overlap(box, boxes.get(other.id)!)).toBe(false);
        }
        for (const { from, to } of edges) expect(boxes.get(to)!.y).toBeGreaterThan(boxes.get(from)!.y);
      }),
      { numRuns: 60 },
    );
  });
});
