import type { Fault, JsonObject } from '@flow/kernel';
import type { Operator, OperatorCatalogue } from '@flow/operators';
import { checkConstruct } from './check-constructs';
import { EXITS, WAITS_WITH_SETTINGS } from './constructs';
import type { CheckContext } from './dag-check';
import type { BodyPlace, Place } from './dag-places';

/** Operators, parameters, bodies, ids and the order of every step; pointers lead into the definition. */
export function checkSteps(context: CheckContext): void {
  const { places } = context;
  const seen = new Set<string>();
  for (const place of places.all) {
    checkId(place, seen, context);
    checkOperator(place, context);
    checkConstruct(place, context);
    checkNeeds(place, context);
  }
  const bodies = new Set<BodyPlace>([places.root, ...places.all.map(({ body }) => body)]);
  for (const body of bodies) checkOrder(body, context);
}

function checkId({ step, pointer }: Place, seen: Set<string>, { faults }: CheckContext): void {
  if (seen.has(step.id)) faults.add(`${pointer}/id`, 'step.id_duplicate', `Another step has the id "${step.id}".`);
  seen.add(step.id);
}

function checkOperator(place: Place, context: CheckContext): void {
  const { step, pointer, body, position } = place;
  const { catalogue, faults } = context;
  // A step without an operator has its fault from the shape.
  if (!step.operator.startsWith('@')) return;
  const isFirst = body.kind === 'dag' && position === 0;
  const operator = catalogue.find(step.operator);
  const isTrigger = operator ? operator.kind === 'trigger' : step.operator.startsWith('@trigger/');
  if (isFirst && !isTrigger)
    faults.add(
      `${pointer}/operator`,
      'dag.trigger_missing',
      'The first step must be a trigger, for example @trigger/manual.',
    );
  if (!isFirst && isTrigger)
    faults.add(`${pointer}/operator`, 'step.trigger_misplaced', 'Only the first step of a DAG can be a trigger.');
  if (!operator) {
    const message = `The operator ${step.operator} is not available here; GET /operators/catalog lists those that are.`;
    faults.add(`${pointer}/operator`, 'operator.not_available', message);
    return;
  }
  if (operator.kind === 'trigger') checkTriggerFields(place, context);
  if (operator.kind === 'control' && step.settings !== undefined && !WAITS_WITH_SETTINGS.has(operator.id))
    context.warnings.add(
      `${pointer}/settings`,
      'step.settings_without_effect',
      `${operator.id} calls nothing: retries and timeouts have no effect on it.`,
    );
  checkParameters(place, operator, context);
}

function checkTriggerFields({ step, pointer }: Place, { faults }: CheckContext): void {
  for (const field of ['settings', 'dependsOn', 'when', 'onError', 'undo'] as const)
    if (step[field] !== undefined)
      faults.add(`${pointer}/${field}`, 'step.field_unexpected', `A trigger takes no "${field}".`);
}

function checkParameters({ step, pointer }: Place, operator: Operator, { catalogue, faults }: CheckContext): void {
  const parameters: JsonObject = step.parameters ?? {};
  for (const fault of parameterFaults(operator, parameters, catalogue))
    // Where there are no parameters, no pointer leads into them.
    faults.add(`${pointer}/parameters${step.parameters === undefined ? '' : fault.pointer}`, fault.code, fault.message);
  if (operator.id === '@control/flow/branches' && typeof parameters.exclusive === 'string')
    faults.add(
      `${pointer}/parameters/exclusive`,
      'step.parameters_invalid',
      '"exclusive" must be true or false as it stands.',
    );
}

/** A trigger is read before there is a run: nothing could be filled in, so its parameters stand as they are. */
export function parameterFaults(
  operator: Operator,
  parameters: JsonObject,
  catalogue: OperatorCatalogue,
): readonly Fault[] {
  const faults = catalogue.faultsOf(operator, parameters, { templates: operator.kind !== 'trigger' });
  if (operator.kind !== 'trigger' || faults.length > 0) return faults;
  return operator.check?.(parameters) ?? [];
}

function checkNeeds({ step, pointer, body }: Place, { faults, places }: CheckContext): void {
  step.dependsOn?.forEach((id, i) => {
    const at = `${pointer}/dependsOn/${i}`;
    if (id === step.id) faults.add(at, 'step.cycle', 'A step cannot wait for itself.');
    else if (!body.ids.has(id))
      faults.add(
        at,
        'step.dependency_unknown',
        places.find(id)
          ? `The step "${id}" stands in another body; only siblings can be waited for.`
          : `There is no step "${id}".`,
      );
  });
}

function checkOrder({ graph, places }: BodyPlace, { faults, warnings }: CheckContext): void {
  const inCycle = [...graph.cyclic].map((position) => `"${places[position]?.step.id ?? ''}"`).join(', ');
  for (const position of graph.cyclic) {
    const place = places[position];
    if (!place) continue;
    const at = place.step.dependsOn ? `${place.pointer}/dependsOn` : place.pointer;
    faults.add(
      at,
      'step.cycle',
      `These steps wait for each other: ${inCycle.length > 200 ? `${inCycle.slice(0, 200)}…` : inCycle}.`,
    );
  }
  if (graph.cyclic.size > 0) return;
  const exit = places.find(({ step }) => EXITS.has(step.operator) && step.when === undefined);
  if (!exit) return;
  const behind = places.find(({ position }) => graph.endsBefore(exit.position, position));
  if (behind)
    warnings.add(
      behind.pointer,
      'step.unreachable',
      `The step "${exit.step.id}" ${exit.step.operator === '@internal/return' ? 'ends every run' : 'leaves every iteration'} before this one starts.`,
    );
}
