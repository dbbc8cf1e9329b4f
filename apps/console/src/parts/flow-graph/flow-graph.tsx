import '@xyflow/react/dist/style.css';
import './flow-graph.css';
import { useComputedColorScheme } from '@mantine/core';
import { ScreenFullIcon } from '@primer/octicons-react';
import {
  ControlButton,
  Controls,
  getViewportForBounds,
  MarkerType,
  MiniMap,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  type BuiltInEdge,
  type NodeMouseHandler,
} from '@xyflow/react';
import { useCallback, useMemo, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { FarCanvas } from './far-canvas';
import { isFar, stepAt } from './far-view';
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
const NOTHING: never[] = [];
const ZOOM = { least: 0.02, readable: 0.35, most: 1.5 };
const MARGIN = 20;
const LARGE = 40;

/**
 * A DAG from top to bottom; what stands in bodies is drawn within its construct. What is outside the window is not in the page, and what
 * is seen from far is one picture, so that a thousand steps move as ten do. It is a chunk of its own: load it by `lazy` (see
 * lazy-flow-graph.tsx).
 */
export const FlowGraph = (props: Props) => (
  <ReactFlowProvider>
    <Graph {...props} />
  </ReactFlowProvider>
);

function Graph({ graph, states, selected, onSelect, height = '100%' }: Props) {
  const { t } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const box = useRef<HTMLDivElement>(null);
  const { setViewport, screenToFlowPosition } = useReactFlow();
  const layout = useMemo(() => layoutOf(graph), [graph]);
  const { placed, edges } = layout;
  const far = useStore(({ transform: [x, y, zoom], width, height: high }) =>
    isFar(placed, { x, y, zoom }, { width, height: high }),
  );
  const nodes = useMemo(
    () => (far ? NOTHING : placed.map((one) => nodeOf(one, states?.get(one.id), one.id === selected))),
    [far, placed, states, selected],
  );
  const lines = useMemo(() => (far ? NOTHING : edges.map(({ from, to }) => lineOf(from, to))), [far, edges]);
  const fit = (least: number) => {
    const { clientWidth = 0, clientHeight = 0 } = box.current ?? {};
    const bounds = { x: 0, y: 0, width: layout.width, height: layout.height };
    const view = getViewportForBounds(bounds, clientWidth, clientHeight, least, 1, 0.1);
    // What does not fit is shown from where it begins.
    void setViewport({ ...view, y: Math.max(view.y, MARGIN) });
  };
  const chooseFromFar = ({ clientX, clientY }: MouseEvent) => {
    const { x, y } = screenToFlowPosition({ x: clientX, y: clientY });
    const id = far ? stepAt(placed, x, y) : undefined;
    if (id !== undefined) onSelect?.(id);
  };
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
      ref={box}
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
        onPaneClick={chooseFromFar}
        onInit={() => fit(ZOOM.readable)}
        minZoom={ZOOM.least}
        maxZoom={ZOOM.most}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        zoomOnDoubleClick={false}
      >
        {far && <FarCanvas layout={layout} states={states} selected={selected} />}
        <Controls showInteractive={false} showFitView={false}>
          <ControlButton onClick={() => fit(ZOOM.least)} title={t('parts.graph.fit')} aria-label={t('parts.graph.fit')}>
            <ScreenFullIcon />
          </ControlButton>
        </Controls>
        {!far && placed.length > LARGE && <MiniMap pannable zoomable ariaLabel={t('parts.graph.map')} />}
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
