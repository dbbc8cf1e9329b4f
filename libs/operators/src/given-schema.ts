import { Pattern } from '@flow/expressions';
import type { Fault, Json, JsonObject } from '@flow/kernel';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { schemaFaults } from './schema-faults';

/** For schemas (JSON Schema, draft 2020-12) that authors write: their patterns are RE2, so that no text can hold the process. */
function givenAjv(): Ajv2020 {
  const regExp = Object.assign((source: string) => Pattern.of(source), { code: 'given' });
  const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, logger: false, code: { regExp } });
  addFormats(ajv);
  return ajv;
}

/** Why a schema cannot be used, if it cannot: it is none, does not stand alone, or has a pattern that RE2 does not take. */
export function givenSchemaProblem(schema: JsonObject): string | undefined {
  try {
    givenAjv().compile(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Faults of a value, pointers relative to it. A schema that cannot be compiled is one fault at the root. */
export function givenSchemaFaults(schema: JsonObject, value: Json): readonly Fault[] {
  try {
    const validate = givenAjv().compile(schema);
    return validate(value) ? [] : schemaFaults(validate.errors ?? [], 'field.invalid');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ pointer: '', code: 'schema.invalid', message: `The schema of the form cannot be used: ${message}` }];
  }
}
