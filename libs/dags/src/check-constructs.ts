import { isJsonObject, pointerTo } from '@flow/kernel';
import { BODY_FIELDS, EXITS, bodyFieldsOf } from './constructs';
import type { CheckContext } from './dag-check';
import { bodiesAround, type Place } from './dag-places';

/** What a construct holds, what may leave it, and what happens when it fails or is undone. */
export function checkConstruct(place: Place, context: CheckContext): void {
  checkBodies(place, context);
  checkBranches(place, context);
  checkHandling(place, context);
  checkUndo(place, context);
  checkExit(place, context);
}

function checkBodies({ step, pointer }: Place, { faults, warnings }: CheckContext): void {
  const { required, allowed } = bodyFieldsOf(step.operator);
  for (const field of BODY_FIELDS) {
    if (step[field] === undefined) {
      if (required.includes(field))
        faults.add(`${pointer}/${field}`, 'field.missing', `${step.operator} needs "${field}".`);
    } else if (!allowed.includes(field))
      faults.add(`${pointer}/${field}`, 'step.body_unexpected', `${step.operator || 'The step'} takes no "${field}".`);
    else if (step[field].length === 0 && required.includes(field))
      faults.add(`${pointer}/${field}`, 'step.body_empty', `"${field}" is empty.`);
  }
  if (step.operator === '@control/flow/try' && step.catch === undefined && step.finally === undefined)
    warnings.add(pointer, 'step.try_without_effect', 'A try has no effect without "catch" or "finally".');
}

function checkBranches({ step, pointer }: Place, { faults }: CheckContext): void {
  const isParallel = step.operator === '@control/flow/parallel';
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
    if (isParallel)
      faults.add(`${at}/default`, 'branch.default_unexpected', 'The branches of a parallel step have no default.');
  });
  const join = step.parameters?.join;
  const n = isJsonObject(join) ? join.n : undefined;
  const count = step.branches?.length ?? 0;
  if (isParallel && typeof n === 'number' && count > 0 && n > count)
    faults.add(
      `${pointer}/parameters/join/n`,
      'step.join_unreachable',
      `"n" is ${n}, and there ${count === 1 ? 'is 1 branch' : `are ${count} branches`}: so many can never succeed.`,
    );
}

function checkHandling({ step, pointer, body }: Place, { faults }: CheckContext): void {
  const { onError } = step;
  if (typeof onError === 'object' && onError.steps.length === 0)
    faults.add(
      `${pointer}/onError/steps`,
      'step.body_empty',
      '"steps" is empty; to go on all the same, say "onError": "continue".',
    );
  if (body.kind === 'undo' && onError !== undefined && onError !== 'fail')
    faults.add(
      `${pointer}/onError`,
      'step.undo_on_error',
      'An undo step that fails is recorded and the others run on. To try something else, make it a @control/flow/try.',
    );
}

function checkUndo({ step, pointer, body }: Place, { faults }: CheckContext): void {
  if (step.undo === undefined) return;
  if (bodiesAround(body).some(({ kind }) => kind === 'undo'))
    faults.add(
      `${pointer}/undo`,
      'step.undo_nested',
      'What undoes a step is not undone itself; take this "undo" away.',
    );
  if (EXITS.has(step.operator))
    faults.add(pointerTo(pointer, 'undo'), 'step.field_unexpected', `${step.operator} does nothing to undo.`);
}

/** `break` and `continue` have a loop around them; nothing leaves a `finally` or an `undo`. */
function checkExit({ step, pointer, body }: Place, { faults }: CheckContext): void {
  if (!EXITS.has(step.operator)) return;
  const endsRun = step.operator === '@internal/return';
  for (const { kind, owner } of bodiesAround(body)) {
    if (!endsRun && kind === 'steps' && owner?.step.operator === '@control/flow/loop') return;
    if (kind !== 'finally' && kind !== 'undo') continue;
    faults.add(
      `${pointer}/operator`,
      'step.exit_not_allowed',
      `${step.operator} would leave "${kind}" of the step "${owner?.step.id ?? ''}", which always runs to its end; take it out of there.`,
    );
    return;
  }
  if (!endsRun)
    faults.add(
      `${pointer}/operator`,
      'step.not_in_loop',
      `${step.operator} needs a @control/flow/loop around it; to end the whole run, use @internal/return.`,
    );
}
