import { isFar, stepAt } from './far-view';
import type { DagGraph } from './graph';
import { layoutOf } from './layout';

const step = (id: string, parent?: string) => ({
  id,
  title: id,
  operator: '@internal/define',
  ...(parent !== undefined && { parent: { id: parent, body: 'each' } }),
});
const graphOf = (...nodes: DagGraph['nodes']): DagGraph => ({ nodes, edges: [] });
const side = layoutOf(graphOf(...Array.from({ length: 300 }, (_, i) => step(`s${i}`))));
const size = { width: 1_200, height: 700 };

describe('a large graph', () => {
  it('is far where more steps are in sight than move as elements', () => {
    expect(isFar(side.placed, { x: 0, y: 0, zoom: 0.02 }, size)).toBe(true);
    expect(isFar(side.placed, { x: 0, y: 0, zoom: 1 }, size)).toBe(false);
  });

  it('is not far where nothing of it is in sight, nor before its window has a size', () => {
    expect(isFar(side.placed, { x: 0, y: 5_000, zoom: 0.02 }, size)).toBe(false);
    expect(isFar(side.placed, { x: 0, y: 0, zoom: 0.02 }, { width: 0, height: 0 })).toBe(false);
  });

  it('knows the innermost step at a point', () => {
    const { placed } = layoutOf(graphOf(step('loop'), step('inner', 'loop')));
    const inner = placed.find(({ id }) => id === 'inner');
    const loop = placed.find(({ id }) => id === 'loop');
    if (!inner || !loop) throw new Error('Both have a place.');
    expect(stepAt(placed, inner.x + 5, inner.y + 5)).toBe('inner');
    expect(stepAt(placed, loop.x + 2, loop.y + 2)).toBe('loop');
    expect(stepAt(placed, loop.x - 1, loop.y)).toBeUndefined();
  });
});
