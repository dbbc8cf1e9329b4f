import { AppError, type Fault, type Json, type JsonObject } from '@flow/kernel';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Operator } from './operator';
import { schemaFaults } from './schema-faults';
import { HOLDS_TEMPLATE, IS_TEMPLATE, holdsTemplate, isTemplate, templateSchema } from './template-schema';

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
  private ajv: Ajv2020 | undefined;

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
   * Faults of a step's parameters, pointers relative to them. With `templates` (when a DAG is saved) a text that holds `{{ }}`
   * fits any schema, since its value is not known yet, and the operator's own `check` is asked too (a trigger's parameters
   * are never rendered: there a template is a text like any other); without (before a
   * call), the rendered parameters are checked as they stand. Nothing is changed: defaults that a schema names are
   * for readers, each operator applies its own.
   */
  faultsOf(operator: Operator, parameters: JsonObject, options: { templates: boolean }): readonly Fault[] {
    const validate = this.validatorOf(operator, options.templates && operator.kind !== 'trigger');
    if (!validate(parameters)) return schemaFaults(validate.errors ?? [], 'step.parameters_invalid');
    return options.templates ? (operator.check?.(parameters) ?? []) : [];
  }

  /** Compiled at the first use and kept, so that a start pays for no schema. */
  private validatorOf(operator: Operator, templates: boolean): ValidateFunction {
    const key = `${templates ? 'written' : 'rendered'} ${operator.id}`;
    let validate = this.validators.get(key);
    if (!validate) {
      const verbatim = operator.kind === 'trigger' ? [] : operator.verbatim;
      this.ajv ??= newAjv();
      validate = this.ajv.compile(templates ? templateSchema(operator.parameters, verbatim) : operator.parameters);
      this.validators.set(key, validate);
    }
    return validate;
  }
}

function newAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    // Unknown keywords are faults of the schema; matters of style (types beside every keyword) are not.
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    keywords: ['x-secret', 'example'],
  });
  addFormats(ajv);
  const keywords = { [IS_TEMPLATE]: isTemplate, [HOLDS_TEMPLATE]: holdsTemplate };
  for (const [keyword, test] of Object.entries(keywords))
    ajv.addKeyword({ keyword, schemaType: 'boolean', validate: (_on: boolean, data: Json) => test(data) });
  return ajv;
}
