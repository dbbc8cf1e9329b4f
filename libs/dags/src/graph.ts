import { bodiesOf, type Body, type Step } from '@flow/operators';
import type { DagContent } from './dag';
import { graphOf } from './dag-graph';

/** A DAG as a picture: nodes in the order of the text, parents before what stands in them. */
export interface DagDrawing {
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
}

export interface DrawnNode {
  readonly id: string;
  readonly title: string;
  readonly operator: string;
  /** The step and the body that it stands in. */
  readonly parent?: { readonly id: string; readonly body: string };
}

export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  /** `next` follows within a body; `body` leads from a construct into the first steps of one of its bodies. */
  readonly kind: 'next' | 'body';
  /** What the body is called. */
  readonly label?: string;
}

export function graphOfDag(dag: Pick<DagContent, 'steps'>): DagDrawing {
  const nodes: DrawnNode[] = [];
  const edges: DrawnEdge[] = [];
  const draw = (steps: readonly Step[], owner?: { id: string; body: string }) => {
    const { needs } = graphOf(steps, { afterFirst: owner === undefined });
    steps.forEach((step, i) => {
      nodes.push({
        id: step.id,
        title: step.title ?? step.id,
        operator: step.operator,
        ...(owner && { parent: owner }),
      });
      for (const need of needs[i] ?? []) edges.push({ from: steps[need]?.id ?? '', to: step.id, kind: 'next' });
      if (owner && needs[i]?.length === 0) edges.push({ from: owner.id, to: step.id, kind: 'body', label: owner.body });
      const bodies = bodiesOf(step);
      for (const body of bodies) draw(body.steps, { id: step.id, body: nameOf(body, bodies) });
    });
  };
  draw(dag.steps);
  return { nodes, edges };
}

/** What people call a body; its id with it where another body of the step has the same name. */
function nameOf(body: Body, all: readonly Body[]): string {
  const { branch } = body;
  if (!branch) return body.kind;
  const name = wordsOf(body);
  const isAlone = all.every((other) => other === body || wordsOf(other) !== name);
  return isAlone ? name : `${name} (${branch.id})`;
}

function wordsOf({ kind, branch }: Body): string {
  if (!branch) return kind;
  return branch.title ?? (branch.default === true ? `${branch.id} (default)` : branch.id);
}

/** Mermaid's flowchart text. Nothing of an author's words can be read as syntax. */
export function mermaidOf({ nodes, edges }: DagDrawing): string {
  const names = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const lines = ['flowchart TD'];
  const bodies = new Map<string, DrawnNode[]>();
  for (const node of nodes) {
    const key = node.parent ? JSON.stringify([node.parent.id, node.parent.body]) : '';
    bodies.set(key, [...(bodies.get(key) ?? []), node]);
  }
  let boxes = 0;
  const box = (key: string, indent: string) => {
    for (const node of bodies.get(key) ?? []) {
      lines.push(`${indent}${names.get(node.id) ?? ''}["${escaped(node.title)}<br/>${escaped(node.operator)}"]`);
      for (const [inner, [first]] of bodies)
        if (first?.parent?.id === node.id) {
          lines.push(`${indent}subgraph b${(boxes += 1)}["${escaped(first.parent.body)}"]`);
          box(inner, `${indent}  `);
          lines.push(`${indent}end`);
        }
    }
  };
  box('', '  ');
  for (const { from, to, kind, label } of edges)
    lines.push(
      `  ${names.get(from) ?? ''} ${kind === 'next' ? '-->' : `-. "${escaped(label ?? '')}" .->`} ${names.get(to) ?? ''}`,
    );
  return `${lines.join('\n')}\n`;
}

/** Letters, digits and a few harmless signs as they are; everything else as the entity `#code;`. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,:/@()+-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`);
}
