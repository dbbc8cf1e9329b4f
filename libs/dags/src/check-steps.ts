import { pointerTo, type Fault, type JsonObject } from '@flow/kernel';
import type { Operator, OperatorCatalogue } from '@flow/operators';
import type { CheckContext } from './dag-check';
import type { BodyPlace, Place } from './dag-places';
import { unavailableOfStep } from './features';

/** Which bodies each construct has; every other step has none. */
const BODIES: Readonly<
  Record<string, { readonly required: readonly BodyField[]; readonly allowed: readonly BodyField[] }>
> = {
  '@control/flow/branches': { required: ['branches'], allowed: ['branches'] },
  '@control/flow/parallel': { required: ['branches'], allowed: ['branches'] },
  '@control/flow/loop': { required: ['steps'], allowed: ['steps'] },
  '@control/flow/try': { required: ['steps'], allowed: ['steps', 'catch', 'finally'] },
};
const BODY_FIELDS = ['branches', 'steps', 'catch', 'finally'] as const;
type BodyField = (typeof BODY_FIELDS)[number];

/** Operators, parameters, bodies, ids and the order of every step; pointers lead into the definition. */
export function checkSteps(context: CheckContext): void {
  const { places } = context;
  const seen = new Set<string>();
  for (const place of places.all) {
    checkId(place, seen, context);
    checkOperator(place, context);
    checkBodies(place, context);
    checkNeeds(place, context);
    for (const { field, message } of unavailableOfStep(place.step))
      context.faults.add(pointerTo(place.pointer, field), 'step.feature_unavailable', message);
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
  if (operator.kind === 'control' && step.settings !== undefined)
    context.warnings.add(
      `${pointer}/settings`,
      'step.settings_without_effect',
      `${operator.id} calls nothing: retries and timeouts have no effect on it.`,
    );
  checkParameters(place, operator, context);
}

function checkTriggerFields({ step, pointer }: Place, { faults }: CheckContext): void {
  for (const field of ['settings', 'dependsOn', 'when'] as const)
    if (step[field] !== undefined)
      faults.add(`${pointer}/${field}`, 'step.field_unexpected', `A trigger takes no "${field}".`);
}

function checkParameters({ step, pointer }: Place, operator: Operator, { catalogue, faults }: CheckContext): void {
  const parameters: JsonObject = step.parameters ?? {};
  for (const fault of parameterFaults(operator, parameters, catalogue))
    faults.add(`${pointer}/parameters${fault.pointer}`, fault.code, fault.message);
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

function checkBodies({ step, pointer }: Place, { faults }: CheckContext): void {
  // An own name only: "constructor" is no construct.
  const bodies = Object.hasOwn(BODIES, step.operator) ? BODIES[step.operator] : undefined;
  const { required, allowed } = bodies ?? { required: [], allowed: [] };
  for (const field of BODY_FIELDS) {
    if (step[field] === undefined) {
      if (required.includes(field))
        faults.add(`${pointer}/${field}`, 'field.missing', `${step.operator} needs "${field}".`);
    } else if (!allowed.includes(field))
      faults.add(`${pointer}/${field}`, 'step.body_unexpected', `${step.operator || 'The step'} takes no "${field}".`);
    else if (step[field].length === 0 && required.includes(field))
      faults.add(`${pointer}/${field}`, 'step.body_empty', `"${field}" is empty.`);
  }
  const ids = new Set<string>();
  let defaults = 0;
  step.branches?.forEach((branch, i) => {
    const at = `${pointer}/branches/${i}`;
    if (ids.has(branch.id))
      faults.add(`${at}/id`, 'branch.id_duplicate', `Another branch of the step has the id "${branch.id}".`);
    ids.add(branch.id);
    if (branch.conditions && branch.expression !== undefined)
      faults.add(`${at}/expression`, 'branch.ambiguous', 'A branch has either conditions or an expression.');
    if (branch.default !== true) return;
    defaults += 1;
    if (defaults > 1) faults.add(`${at}/default`, 'branch.default_duplicate', 'Another branch is the default already.');
    if ((branch.conditions?.length ?? 0) > 0 || branch.expression !== undefined)
      faults.add(
        `${at}/default`,
        'branch.ambiguous',
        'The default branch runs when no other did; it has no conditions.',
      );
    if (step.operator === '@control/flow/parallel')
      faults.add(`${at}/default`, 'branch.default_unexpected', 'The branches of a parallel step have no default.');
  });
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
  const returns = places.find(({ step }) => step.operator === '@internal/return' && step.when === undefined);
  if (!returns) return;
  const behind = places.find(({ position }) => graph.endsBefore(returns.position, position));
  if (behind)
    warnings.add(
      behind.pointer,
      'step.unreachable',
      `The step "${returns.step.id}" ends every run before this one starts.`,
    );
}
