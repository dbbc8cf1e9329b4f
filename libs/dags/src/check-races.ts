import { targetOf } from './check-expressions';
import type { CheckContext } from './dag-check';
import type { Place } from './dag-places';

/** Two steps that can run at the same moment may not assign the same variable: which value stays would be chance. */
export function checkRaces({ places, faults }: CheckContext): void {
  const writers = new Map<string, Place[]>();
  for (const place of places.all) {
    const variable = assignedBy(place);
    if (variable === undefined) continue;
    const others = writers.get(variable) ?? [];
    const rival = others.find((other) => places.canOverlap(other, place));
    if (rival)
      faults.add(
        `${place.pointer}/parameters/target`,
        'step.race',
        `The step "${rival.step.id}" can run at the same time and assigns the same variable.`,
      );
    if (runsBesideItself(place))
      faults.add(
        `${place.pointer}/parameters/target`,
        'step.race',
        'Iterations of the loop run side by side and would assign the same variable.',
      );
    writers.set(variable, [...others, place]);
  }
}

/** The variable, or the step whose output is overwritten. */
function assignedBy({ step }: Place): string | undefined {
  const target = step.parameters?.target;
  if (step.operator !== '@internal/assign' || typeof target !== 'string') return undefined;
  const path = targetOf(target);
  return path?.name === 'vars' ? String(path.path[0]) : path?.name;
}

function runsBesideItself(place: Place): boolean {
  for (let owner = place.body.owner; owner; owner = owner.body.owner) {
    const concurrency = owner.step.parameters?.concurrency;
    if (owner.step.operator === '@control/flow/loop' && concurrency !== undefined && concurrency !== 1) return true;
  }
  return false;
}
