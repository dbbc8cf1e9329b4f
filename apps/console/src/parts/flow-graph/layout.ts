import dagre from '@dagrejs/dagre';
import type { DagGraph, GraphStep } from './graph';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A step, a construct around its bodies, or one such body; all places are of the whole picture. */
export interface Placed extends Box {
  readonly id: string;
  readonly kind: 'step' | 'construct' | 'body';
  /** How many constructs stand around it. */
  readonly depth: number;
  readonly step?: GraphStep;
  /** Of a body. */
  readonly label?: string;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly placed: readonly Placed[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export const STEP = { width: 208, height: 44 };
const HEADER = 44;
const LABEL = 22;
const GAP = { within: 12, side: 20, below: 30 };

interface Body {
  readonly label: string;
  readonly steps: GraphStep[];
}

interface Sized {
  readonly width: number;
  readonly height: number;
  /** What stands in it, from its own corner. */
  readonly placed: readonly Placed[];
}

/**
 * Steps from top to bottom, what is in a body within the frame of its construct, bodies side by side. It is worked out from the inside
 * out: a construct is as large as its bodies need, and is then one box among its siblings.
 */
export function layoutOf(graph: DagGraph): Layout {
  const bodies = new Map<string, Body[]>();
  const top: GraphStep[] = [];
  const bodyOf = new Map<string, string>();
  for (const step of graph.nodes) {
    bodyOf.set(step.id, step.parent === undefined ? '' : `${step.parent.id} ${step.parent.body}`);
    if (step.parent === undefined) top.push(step);
    else putInto(bodies, step.parent.id, step.parent.body, step);
  }
  const edges = graph.edges.filter(({ kind, from, to }) => kind === 'next' && bodyOf.get(from) === bodyOf.get(to));
  const following = new Map<string, string[]>();
  for (const { from, to } of edges) following.set(from, [...(following.get(from) ?? []), to]);
  const { placed, width, height } = arrange(top, bodies, following, 0);
  return { width, height, placed, edges: edges.map(({ from, to }) => ({ from, to })) };
}

function putInto(bodies: Map<string, Body[]>, construct: string, label: string, step: GraphStep): void {
  const list = bodies.get(construct) ?? [];
  const body = list.find((one) => one.label === label);
  if (body === undefined) list.push({ label, steps: [step] });
  else body.steps.push(step);
  bodies.set(construct, list);
}

type Bodies = ReadonlyMap<string, readonly Body[]>;
type Following = ReadonlyMap<string, readonly string[]>;

function arrange(steps: readonly GraphStep[], bodies: Bodies, following: Following, depth: number): Sized {
  const sized = new Map(steps.map((step) => [step.id, sizeOf(step, bodies, following, depth)]));
  const corners = cornersOf(steps, sized, following);
  const placed = steps.flatMap(({ id }) => moved(sized.get(id)?.placed ?? [], corners.get(id) ?? { x: 0, y: 0 }));
  const outer = placed.filter((one) => one.depth === depth && one.kind !== 'body');
  return {
    placed,
    width: Math.max(0, ...outer.map(({ x, width }) => x + width)),
    height: Math.max(0, ...outer.map(({ y, height }) => y + height)),
  };
}

/** One step with all that is in it, its corner at 0, 0. */
function sizeOf(step: GraphStep, bodies: Bodies, following: Following, depth: number): Sized {
  const own = bodies.get(step.id);
  if (own === undefined) {
    return { ...STEP, placed: [{ id: step.id, kind: 'step', step, depth, x: 0, y: 0, ...STEP }] };
  }
  const inner = own.map((body) => ({ body, sized: arrange(body.steps, bodies, following, depth + 1) }));
  const frames: Placed[] = [];
  let x = GAP.within;
  const tallest = Math.max(...inner.map(({ sized }) => sized.height));
  for (const { body, sized } of inner) {
    const frame = { x, y: HEADER, width: sized.width + 2 * GAP.within, height: tallest + LABEL + GAP.within };
    frames.push({ id: `${step.id} ${body.label}`, kind: 'body', label: body.label, depth, ...frame });
    frames.push(...moved(sized.placed, { x: x + GAP.within, y: HEADER + LABEL }));
    x += frame.width + GAP.within;
  }
  const size = { width: Math.max(x, STEP.width), height: HEADER + LABEL + tallest + 2 * GAP.within };
  return { ...size, placed: [{ id: step.id, kind: 'construct', step, depth, x: 0, y: 0, ...size }, ...frames] };
}

const moved = (placed: readonly Placed[], by: { x: number; y: number }): Placed[] =>
  placed.map((one) => ({ ...one, x: one.x + by.x, y: one.y + by.y }));

type Corners = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

function cornersOf(steps: readonly GraphStep[], sized: ReadonlyMap<string, Sized>, following: Following): Corners {
  return isChain(steps, following) ? stacked(steps, sized) : layered(steps, sized, following);
}

/** Each followed by the next one and by nothing else: what most flows are, and needs no search for an order. */
const isChain = (steps: readonly GraphStep[], following: Following): boolean =>
  steps.every(({ id }, at) => {
    const next = following.get(id) ?? [];
    return at === steps.length - 1 ? next.length === 0 : next.length === 1 && next[0] === steps[at + 1]?.id;
  });

function stacked(steps: readonly GraphStep[], sized: ReadonlyMap<string, Sized>): Corners {
  const widest = Math.max(0, ...steps.map(({ id }) => sized.get(id)?.width ?? 0));
  let y = 0;
  return new Map(
    steps.map(({ id }) => {
      const { width = 0, height = 0 } = sized.get(id) ?? {};
      const corner = { x: (widest - width) / 2, y };
      y += height + GAP.below;
      return [id, corner];
    }),
  );
}

function layered(steps: readonly GraphStep[], sized: ReadonlyMap<string, Sized>, following: Following): Corners {
  const graph = new dagre.graphlib.Graph();
  // The best order of ranks takes a search that is too long for hundreds of steps.
  graph.setGraph({ rankdir: 'TB', nodesep: GAP.side, ranksep: GAP.below, ranker: steps.length > 200 ? 'longest-path' : 'network-simplex' }); // prettier-ignore
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of steps)
    graph.setNode(id, { width: sized.get(id)?.width ?? 0, height: sized.get(id)?.height ?? 0 });
  for (const { id } of steps) for (const to of following.get(id) ?? []) graph.setEdge(id, to);
  dagre.layout(graph);
  return new Map(
    steps.map(({ id }) => {
      const { x = 0, y = 0, width, height } = graph.node(id) as Partial<Box> & { width: number; height: number };
      return [id, { x: x - width / 2, y: y - height / 2 }];
    }),
  );
}
