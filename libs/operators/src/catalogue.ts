import { AppError, pointerTo, type Fault, type Json, type JsonObject } from '@flow/kernel';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Operator } from './operator';

export class OperatorNotAvailable extends AppError {
  readonly kind = 'invalid';
  readonly code = 'operator.not_available';
  constructor(id: string) {
    super(`The operator ${id} is not available here; GET /operators/catalog lists those that are.`, { id });
  }
}

/** Where operators come from; executors and registered operators add sources of their own. */
export abstract class OperatorSource {
  abstract operators(): readonly Operator[];
}

/** All operators of this process by id. */
export class OperatorCatalogue {
  private readonly byId = new Map<string, Operator>();
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly ajv = addFormats(
    new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, keywords: ['x-secret', 'example'] }),
  );

  constructor(operators: Iterable<Operator>) {
    for (const operator of operators) {
      if (this.byId.has(operator.id)) throw new Error(`Two operators have the id ${operator.id}.`);
      this.byId.set(operator.id, operator);
    }
  }

  find(id: string): Operator | undefined {
    return this.byId.get(id);
  }

  /** Throws OperatorNotAvailable. */
  get(id: string): Operator {
    const operator = this.byId.get(id);
    if (!operator) throw new OperatorNotAvailable(id);
    return operator;
  }

  list(): readonly Operator[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Faults of a step's parameters, pointers relative to them. With `templates`, a text that holds `{{ }}` fits any schema
   * (its value is not known yet); without, the parameters are checked as they stand.
   */
  faultsOf(operator: Operator, parameters: JsonObject, options: { templates: boolean }): readonly Fault[] {
    const validate = this.validatorOf(operator);
    if (validate(parameters)) return [];
    const faults = new Map<string, Fault>();
    for (const error of validate.errors ?? []) {
      if (options.templates && touchesTemplate(parameters, error)) continue;
      const fault = toFault(error);
      faults.set(`${fault.pointer} ${fault.message}`, fault);
    }
    return [...faults.values()];
  }

  private validatorOf(operator: Operator): ValidateFunction {
    let validate = this.validators.get(operator.id);
    if (!validate) {
      validate = this.ajv.compile(operator.parameters);
      this.validators.set(operator.id, validate);
    }
    return validate;
  }
}

function toFault(error: ErrorObject): Fault {
  const params = error.params as Record<string, string>;
  const key = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  const pointer = key === undefined ? error.instancePath : pointerTo(error.instancePath, key);
  const name = pointer.split('/').at(-1) ?? '';
  const message =
    params.missingProperty !== undefined
      ? `The parameter "${key}" is missing.`
      : key !== undefined
        ? `The parameter "${key}" is unknown.`
        : `${name === '' ? 'The parameters' : `"${name}"`} ${error.message ?? 'is not valid'}${params.allowedValues ? `: ${[params.allowedValues].flat().join(', ')}` : ''}.`;
  return { pointer, code: 'step.parameters_invalid', message };
}

/** Whether the value that the error speaks of is, holds, or lies in a template whose value only a run can tell. */
function touchesTemplate(parameters: JsonObject, error: ErrorObject): boolean {
  if (
    error.keyword === 'required' ||
    error.keyword === 'additionalProperties' ||
    error.keyword === 'unevaluatedProperties'
  )
    return false;
  let value: Json | undefined = parameters;
  for (const token of error.instancePath.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    value = typeof value === 'object' && value !== null ? (value as Record<string, Json>)[key] : undefined;
  }
  return holdsTemplate(
    value,
    error.instancePath === '' ? ['if', 'oneOf', 'anyOf', 'not', 'allOf'].includes(error.keyword) : true,
  );
}

function holdsTemplate(value: Json | undefined, deep: boolean): boolean {
  if (typeof value === 'string') return value.includes('{{');
  return (
    deep &&
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).some((item: Json) => holdsTemplate(item, true))
  );
}
