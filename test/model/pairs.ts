import { KINDS, type Kind } from './dag-generator';
import type { Place, Task } from './place';

const OUTER = ['dag', 'branches', 'parallel', 'loop', 'try', 'catch', 'finally', 'onError', 'undo'] as const;
export type Outer = (typeof OUTER)[number];

/** Every way in which one construct may stand within another, as `outer > inner`. */
export function possiblePairs(): string[] {
  const leaves: readonly Kind[] = ['return', 'break', 'continue'];
  return OUTER.flatMap((outer) =>
    KINDS.filter((inner) => {
      if ((outer === 'finally' || outer === 'undo') && leaves.includes(inner)) return false;
      return outer !== 'dag' || (inner !== 'break' && inner !== 'continue');
    }).map((inner) => `${outer} > ${inner}`),
  );
}

/** The pair that a task is one of; undefined for the trigger. */
export function pairOf({ step, body }: Task): string | undefined {
  const kind = kindOf(step.operator);
  return kind && `${outerOf(body)} > ${kind}`;
}

function outerOf(body: Place): Outer {
  switch (body.slot) {
    case 'branch':
      return body.owner?.step.operator === '@control/flow/parallel' ? 'parallel' : 'branches';
    case 'iteration':
      return 'loop';
    case 'steps':
      return 'try';
    default:
      return body.slot;
  }
}

function kindOf(operator: string): Kind | undefined {
  if (operator.startsWith('@test/')) return 'action';
  return KINDS.find((kind) => operator.endsWith(`/${kind}`));
}
