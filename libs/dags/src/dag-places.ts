import { bodiesOf, type Body, type Step } from '@flow/operators';
import { graphOf, type BodyGraph } from './dag-graph';

/** A step and where it stands. */
export interface Place {
  readonly step: Step;
  /** JSON pointer into the definition. */
  readonly pointer: string;
  readonly position: number;
  readonly body: BodyPlace;
}

export interface BodyPlace {
  /** The step that the body belongs to; none for the DAG's own. */
  readonly owner: Place | undefined;
  readonly kind: Body['kind'] | 'dag';
  /** Position among the bodies of its owner. */
  readonly index: number;
  readonly isDefault: boolean;
  readonly depth: number;
  readonly places: readonly Place[];
  readonly ids: ReadonlySet<string>;
  readonly graph: BodyGraph;
}

/** Every step of a definition, nested ones included, parents first, and which may read which. */
export class Places {
  readonly all: readonly Place[];
  readonly root: BodyPlace;
  private readonly byId = new Map<string, Place>();

  /** The definition has passed `checkSize`: recursion is bounded by its depth. */
  constructor(steps: readonly Step[]) {
    const all: Place[] = [];
    const visit = (
      body: Pick<Body, 'steps' | 'kind' | 'branch'> | undefined,
      pointer: string,
      owner?: Place,
      index = 0,
    ): BodyPlace => {
      const places: Place[] = [];
      const list = body?.steps ?? steps;
      const place: BodyPlace = {
        owner,
        kind: body?.kind ?? 'dag',
        index,
        isDefault: body?.branch?.default === true,
        depth: (owner?.body.depth ?? 0) + 1,
        places,
        ids: new Set(list.map(({ id }) => id)),
        graph: graphOf(list, { afterFirst: owner === undefined }),
      };
      for (const [position, step] of list.entries()) {
        const at = body?.kind === 'undo' ? pointer : `${pointer}/${position}`;
        const one: Place = { step, pointer: at, position, body: place };
        places.push(one);
        all.push(one);
        if (!this.byId.has(step.id)) this.byId.set(step.id, one);
        bodiesOf(step).forEach((inner, i) => visit(inner, at + inner.pointer, one, i));
      }
      return place;
    };
    this.root = visit(undefined, '/steps');
    this.all = all;
  }

  find(id: string): Place | undefined {
    return this.byId.get(id);
  }

  /**
   * Whether the target can have ended when the reader starts; it may have been skipped. What is around the reader has not
   * (`bodyAround` tells), and what undoes a step is read by nothing outside of it.
   */
  canRead(reader: Place, target: Place): boolean {
    const { left, right } = meet(target, reader);
    if (left === right || standsInUndo(target, left.body)) return false;
    return left.body === right.body
      ? left.body.graph.endsBefore(left.position, right.position)
      : bodyEndsBefore(left.body, right.body);
  }

  /** The body of `owner` in which the step stands, at any depth. */
  bodyAround(owner: Place, step: Place): BodyPlace | undefined {
    return bodiesAround(step.body).find((body) => body.owner === owner);
  }

  /** Whether the target stands in an iteration of the loop, so that the iteration can read it at its end. */
  isOfIteration(loop: Place, target: Place): boolean {
    const body = this.bodyAround(loop, target);
    return body?.kind === 'steps' && !standsInUndo(target, body);
  }

  /** Whether both can run at the same moment. Undo steps run one after another, when nothing else does. */
  canOverlap(a: Place, b: Place): boolean {
    const { left, right } = meet(a, b);
    if (left === right || standsInUndo(a, left.body) || standsInUndo(b, right.body)) return false;
    if (left.body === right.body)
      return (
        !left.body.graph.endsBefore(left.position, right.position) &&
        !left.body.graph.endsBefore(right.position, left.position)
      );
    const areBranches = left.body.kind === 'branch' && right.body.kind === 'branch';
    return areBranches && left.body.owner?.step.operator === '@control/flow/parallel';
  }
}

/** A body and those around it, outward to the DAG's own. */
export function bodiesAround(body: BodyPlace): readonly BodyPlace[] {
  const bodies: BodyPlace[] = [];
  for (let at: BodyPlace | undefined = body; at; at = at.owner?.body) bodies.push(at);
  return bodies;
}

/** Whether an undo is between the step and the body around it; the body's own kind does not count. */
export function standsInUndo(step: Place, within: BodyPlace): boolean {
  for (let body = step.body; body !== within && body.owner; body = body.owner.body)
    if (body.kind === 'undo') return true;
  return false;
}

/**
 * The two steps around `a` and `b` (or they themselves) where their ways part: in one body, or in two bodies of one step;
 * the same place twice when one is around the other.
 */
function meet(a: Place, b: Place): { left: Place; right: Place } {
  let [left, right] = [a, b];
  while (left.body.depth > right.body.depth && left.body.owner) left = left.body.owner;
  while (right.body.depth > left.body.depth && right.body.owner) right = right.body.owner;
  while (left !== right && left.body !== right.body && left.body.owner !== right.body.owner) {
    if (!left.body.owner || !right.body.owner) break;
    [left, right] = [left.body.owner, right.body.owner];
  }
  return { left, right };
}

/** Of two bodies of one step: whether the first can have ended when the second starts. */
function bodyEndsBefore(first: BodyPlace, second: BodyPlace): boolean {
  const owner = first.owner?.step;
  if (first.kind === 'branch' && second.kind === 'branch') {
    if (owner?.operator !== '@control/flow/branches' || owner.parameters?.exclusive === true) return false;
    return first.index < second.index && !first.isDefault && !second.isDefault;
  }
  switch (second.kind) {
    case 'catch':
      return first.kind === 'steps';
    case 'finally':
      return first.kind === 'steps' || first.kind === 'catch';
    case 'onError':
    case 'undo':
      return first.kind !== 'undo' && first.kind !== 'onError';
    default:
      return false;
  }
}
