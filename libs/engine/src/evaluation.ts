/**
 * A piece of what a run works out from its data. One that looks into a large value cannot be worked out while an event is folded: the run
 * waits for it as for a call, and what it came to is an event of its own (`evaluated`). So folding stays pure, and a replay reads nothing.
 */
export type Evaluation = StepEvaluation | LoopEvaluation | OutputsEvaluation;

/** Whether a step runs, and what it begins with. */
export interface StepEvaluation {
  readonly kind: 'when' | 'begin';
  readonly path: string;
}

/** Of a loop: whether a further iteration runs, the elements of its list from one on, the outputs of an iteration. */
export type LoopEvaluation =
  | { readonly kind: 'while'; readonly path: string }
  | { readonly kind: 'items'; readonly path: string; readonly from: number }
  | { readonly kind: 'collect'; readonly path: string; readonly index: number };

/** The outputs of the DAG. */
export interface OutputsEvaluation {
  readonly kind: 'outputs';
}

export function isOfLoop(of: Evaluation): of is LoopEvaluation {
  return of.kind === 'while' || of.kind === 'items' || of.kind === 'collect';
}

/** One evaluation at a time goes on under a key. */
export function keyOf(of: Evaluation): string {
  switch (of.kind) {
    case 'outputs':
      return of.kind;
    case 'items':
      return `items ${of.path}`;
    case 'collect':
      return `collect ${of.path}[${of.index}]`;
    default:
      return `${of.kind} ${of.path}`;
  }
}
