import { targetOf } from './check-expressions';
import type { CheckContext } from './dag-check';
import { bodiesAround, standsInUndo, type Place } from './dag-places';

/** Two steps that can run at the same moment may not assign the same variable: which value stays would be chance. */
export function checkRaces(context: CheckContext): void {
  const { places, faults } = context;
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
    if (runsBesideItself(place, variable, context))
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

/** Within a loop whose iterations run side by side; each has outputs of its own steps to itself. */
function runsBesideItself(place: Place, variable: string, { places }: CheckContext): boolean {
  const target = variable.startsWith('__') ? places.find(variable.slice(2)) : undefined;
  return bodiesAround(place.body).some((body) => {
    const { kind, owner } = body;
    if (kind !== 'steps' || owner?.step.operator !== '@control/flow/loop' || standsInUndo(place, body)) return false;
    const concurrency = owner.step.parameters?.concurrency;
    return concurrency !== undefined && concurrency !== 1 && !(target && places.isOfIteration(owner, target));
  });
}
