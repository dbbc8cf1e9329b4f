import { durationMs, isJsonObject, pointerTo, retentionFaults, type Json, type JsonObject } from '@flow/kernel';
import type { OperatorCatalogue } from '@flow/operators';
import { checkExpressions } from './check-expressions';
import { checkRaces } from './check-races';
import { checkSteps } from './check-steps';
import type { VarType } from './dag';
import type { CheckContext, DagCheck } from './dag-check';
import { checkData } from './dag-data';
import type { DagLimits } from './dag-limits';
import { Places } from './dag-places';
import { checkShape } from './dag-shape';
import { Faults } from './faults';
import { unavailableOfDag } from './features';
import { checkStartLimits } from './check-start-limits';
import { readableSteps } from './readable-steps';

/**
 * Everything that is wrong with what an author sent, in one answer; pointers lead into it. Takes any value and never throws: data
 * that is no JSON, nests too deep or is too large is told at once, and nothing more is asked of it.
 */
export function checkDag(sent: unknown, environment: { catalogue: OperatorCatalogue; limits: DagLimits }): DagCheck {
  const faults = new Faults();
  const warnings = new Faults();
  if (!checkData(sent, faults)) return { faults: faults.all, warnings: [] };
  const definition = sent as Json;
  if (!isJsonObject(definition)) {
    faults.add('', 'field.invalid', 'The definition must be an object.');
    return { faults: faults.all, warnings: [] };
  }
  const steps = readableSteps(definition.steps, environment.limits, faults);
  if (!steps) return { faults: faults.all, warnings: [] };
  checkShape(definition, faults);
  checkFields(definition, faults);
  const context: CheckContext = {
    ...environment,
    places: new Places(steps),
    steps,
    vars: new Set(isJsonObject(definition.vars) ? Object.keys(definition.vars) : []),
    outputs: isJsonObject(definition.outputs) ? definition.outputs : undefined,
    faults,
    warnings,
  };
  checkSteps(context);
  checkExpressions(context);
  checkRaces(context);
  checkStartLimits(definition, context);
  return { faults: faults.all, warnings: warnings.all };
}

function checkFields(definition: JsonObject, faults: Faults): void {
  for (const { field, message } of unavailableOfDag(definition))
    faults.add(`/${field}`, 'dag.feature_unavailable', message);
  if (typeof definition.timeout === 'string' && durationMs(definition.timeout) === 0)
    faults.add('/timeout', 'field.invalid', '"timeout" must be longer than nothing.');
  if (definition.retention !== undefined) checkRetention(definition.retention, faults);
  if (!isJsonObject(definition.vars)) return;
  for (const [name, declared] of Object.entries(definition.vars)) {
    if (!isJsonObject(declared)) continue;
    const { type, default: value } = declared;
    if (value !== undefined && typeof type === 'string' && !fits(value, type as VarType))
      faults.add(
        pointerTo(pointerTo('/vars', name), 'default'),
        'var.default_invalid',
        `The default of "${name}" is no ${type}.`,
      );
  }
}

/** Its shape is told with all others. */
function checkRetention(retention: Json, faults: Faults): void {
  for (const { pointer, code, message } of retentionFaults(retention, '/retention'))
    if (code === 'retention.too_short') faults.add(pointer, code, message);
}

/** null fits every type: a variable may have no value yet. */
function fits(value: Json, type: VarType): boolean {
  if (value === null) return true;
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}
