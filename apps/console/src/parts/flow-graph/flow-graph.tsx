import '@xyflow/react/dist/style.css';
import './flow-graph.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Controls,
  MarkerType,
  MiniMap,
  Position,
  ReactFlow,
  type BuiltInEdge,
  type NodeMouseHandler,
} from '@xyflow/react';
import { useCallback, useMemo, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { BodyNodeView, StepNodeView, type BodyNode, type StepNode } from './flow-node';
import type { DagGraph, StepState } from './graph';
import { layoutOf, type Placed } from './layout';

interface Props {
  /** The picture: `GET /dags/{id}/graph?format=json`, of the version that is shown. */
  readonly graph: DagGraph;
  /** How the steps of a run stand, by the id of the step; without it the plain DAG is drawn. A new map redraws what changed alone. */
  readonly states?: ReadonlyMap<string, StepState>;
  /** The id of the step that is marked. */
  readonly selected?: string;
  /** A step was clicked, or chosen by Enter or the space bar. */
  readonly onSelect?: (stepId: string) => void;
  /** CSS height; all of its parent's when left out, which has to have one. */
  readonly height?: number | string;
}

type FlowNode = StepNode | BodyNode;

const NODE_TYPES = { step: StepNodeView, body: BodyNodeView };
const FIT = { maxZoom: 1, minZoom: 0.35, padding: 0.1 };
const LARGE = 40;

/**
 * A DAG from top to bottom; what stands in bodies is drawn within its construct. What is outside the window is not in the page, so that
 * a thousand steps move as ten do. It is a chunk of its own: load it by `lazy` (see lazy-flow-graph.tsx).
 */
export function FlowGraph({ graph, states, selected, onSelect, height = '100%' }: Props) {
  const { t } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const { placed, edges } = useMemo(() => layoutOf(graph), [graph]);
  const nodes = useMemo(
    () => placed.map((one) => nodeOf(one, states?.get(one.id), one.id === selected)),
    [placed, states, selected],
  );
  const lines = useMemo(() => edges.map(({ from, to }) => lineOf(from, to)), [edges]);
  const choose = useCallback<NodeMouseHandler<FlowNode>>(
    (_event, { id, type }) => type === 'step' && onSelect?.(id),
    [onSelect],
  );
  const chooseByKey = (event: KeyboardEvent) => {
    const id = event.target instanceof Element ? event.target.getAttribute('data-id') : null;
    if (id === null || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    if (nodes.some((node) => node.id === id && node.type === 'step')) onSelect?.(id);
  };
  return (
    <div
      className="flow-graph"
      style={{ height }}
      onKeyDown={chooseByKey}
      role="group"
      aria-label={t('parts.graph.label')}
    >
      <ReactFlow<FlowNode, BuiltInEdge>
        nodes={nodes}
        edges={lines}
        nodeTypes={NODE_TYPES}
        onNodeClick={choose}
        colorMode={scheme}
        fitView
        fitViewOptions={FIT}
        minZoom={0.02}
        maxZoom={1.5}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        zoomOnDoubleClick={false}
      >
        <Controls showInteractive={false} />
        {placed.length > LARGE && <MiniMap pannable zoomable ariaLabel={t('parts.graph.map')} />}
      </ReactFlow>
    </div>
  );
}

function nodeOf(one: Placed, state: StepState | undefined, selected: boolean): FlowNode {
  const { id, x, y, width, height, depth } = one;
  const common = { id, position: { x, y }, width, height, zIndex: 2 * depth, selected };
  if (one.step === undefined) {
    return { ...common, type: 'body', data: { label: one.label ?? '' }, focusable: false, selectable: false };
  }
  return {
    ...common,
    type: 'step',
    zIndex: one.kind === 'construct' ? 2 * depth : 2 * depth + 1,
    // Known in advance, so that lines are drawn without measuring first.
    handles: [
      { type: 'target', position: Position.Top, x: width / 2, y: 0, width: 1, height: 1 },
      { type: 'source', position: Position.Bottom, x: width / 2, y: height, width: 1, height: 1 },
    ],
    data: { step: one.step, state, isConstruct: one.kind === 'construct' },
    ariaLabel: one.step.title,
  };
}

const lineOf = (from: string, to: string): BuiltInEdge => ({
  id: `${from} ${to}`,
  source: from,
  target: to,
  type: 'smoothstep',
  pathOptions: { offset: 8, borderRadius: 6 },
  markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
  zIndex: 100,
});
