import { pointerTo, type Fault } from '@flow/kernel';
import addFormats from 'ajv-formats';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import type { JsonSchema } from './dto-schemas';

/** Faults of a value; none is good. May fill in defaults. */
export type Validator = (value: unknown) => Fault[];

const MOST_FAULTS = 100;

function ajv(coerceTypes: false | 'array'): Ajv2020 {
  const made = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, useDefaults: true, coerceTypes });
  // ajv-formats is a CommonJS module whose function is its `default` too.
  (addFormats as unknown as (to: Ajv2020) => void)(made);
  return made;
}

/** Compiles each schema once, when the first value comes: a start would spend a third of its time on routes that few call. */
export class Validators {
  private readonly forBodies = ajv(false);
  private readonly forQueries = ajv('array');

  /** Takes values as they are. */
  body(schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): Validator {
    return compile(this.forBodies, schema, definitions);
  }

  /** Takes texts for numbers and booleans, and a single value for a list. */
  query(schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): Validator {
    return compile(this.forQueries, schema, definitions);
  }
}

function compile(on: Ajv2020, schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): Validator {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= on.compile({ ...schema, $defs: definitions });
    return validate(value) ? [] : faultsFrom(validate.errors ?? []);
  };
}

function faultsFrom(errors: readonly ErrorObject[]): Fault[] {
  // What an `anyOf` says about its branches repeats what the branches say.
  const told = errors.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'oneOf');
  return (told.length > 0 ? told : errors).slice(0, MOST_FAULTS).map(faultFrom);
}

function faultFrom(error: ErrorObject): Fault {
  const { keyword, instancePath: pointer, message = 'is not valid' } = error;
  const params = error.params as Record<string, unknown>;
  const limit = Number(params.limit);
  const at = (code: string, text: string): Fault => ({ pointer, code, message: text });
  switch (keyword) {
    case 'required': {
      const name = String(params.missingProperty);
      return { pointer: pointerTo(pointer, name), code: 'field.missing', message: `The field ${name} is missing.` };
    }
    case 'additionalProperties': {
      const name = String(params.additionalProperty).slice(0, 100);
      return { pointer: pointerTo(pointer, name), code: 'field.unknown', message: `There is no field ${name} here.` };
    }
    case 'type':
      return at('field.type', `This must be of type ${String(params.type).replaceAll(',', ' or ')}.`);
    case 'enum':
      return at('field.not_allowed', `This must be one of ${(params.allowedValues as unknown[]).join(', ')}.`);
    case 'minLength':
      return at('field.too_short', `This must have at least ${limit} characters.`);
    case 'maxLength':
      return at('field.too_long', `This must have at most ${limit} characters.`);
    case 'minimum':
    case 'exclusiveMinimum':
      return at('field.too_small', `This must be ${String(params.comparison)} ${limit}.`);
    case 'maximum':
    case 'exclusiveMaximum':
      return at('field.too_large', `This must be ${String(params.comparison)} ${limit}.`);
    case 'minItems':
      return at('field.too_few', `This must hold at least ${limit} items.`);
    case 'maxItems':
      return at('field.too_many', `This must hold at most ${limit} items.`);
    case 'uniqueItems':
      return at('field.repeated', `Items ${String(params.j)} and ${String(params.i)} are the same.`);
    case 'pattern':
      return at('field.pattern', `This must match ${String(params.pattern)}.`);
    default:
      return at('field.invalid', `This ${message}.`);
  }
}
