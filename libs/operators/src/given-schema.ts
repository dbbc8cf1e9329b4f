import { Pattern } from '@flow/expressions';
import { canonicalJson, type Fault, type Json, type JsonObject } from '@flow/kernel';
import type { Options, SchemaValidateFunction, ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { schemaFaults } from './schema-faults';

/** For schemas (JSON Schema, draft 2020-12) that authors write: their patterns are RE2, so that no text can hold the process. */
function givenAjv(more: Options = {}): Ajv2020 {
  const regExp = Object.assign((source: string) => Pattern.of(source), { code: 'given' });
  const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, logger: false, code: { regExp }, ...more });
  addFormats(ajv);
  // Ajv compares every item with every other one.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: areUnique });
  return ajv;
}

const areUnique: SchemaValidateFunction = (isWanted: boolean, items: readonly Json[]): boolean => {
  if (!isWanted) return true;
  const places = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const text = canonicalJson(item);
    const first = places.get(text);
    if (first !== undefined) {
      areUnique.errors = [{ keyword: 'uniqueItems', params: { i, j: first }, message: 'holds the same entry twice' }];
      return false;
    }
    places.set(text, i);
  }
  return true;
};

/** Schemas are judged by one; the rules that judge them take some 20 ms to compile. */
let judge: Ajv2020 | undefined;

/** One that has compiled nothing yet: what schemas call themselves would meet otherwise. @throws when the schema cannot be used */
function compiled(schema: JsonObject): ValidateFunction {
  judge ??= givenAjv();
  if (judge.validateSchema(schema) !== true) throw new Error(`schema is invalid: ${judge.errorsText()}`);
  return givenAjv({ validateSchema: false }).compile(schema);
}

/** Why a schema cannot be used, if it cannot: it is none, does not stand alone, or has a pattern that RE2 does not take. */
export function givenSchemaProblem(schema: JsonObject): string | undefined {
  try {
    compiled(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Faults of a value, pointers relative to it. */
export type SchemaCheck = (value: Json) => readonly Fault[];

/** The check that a schema stands for, compiled once. One that cannot be compiled finds one fault at the root of every value. */
export function compiledSchema(schema: JsonObject): SchemaCheck {
  try {
    const validate = compiled(schema);
    return (value) => (validate(value) ? [] : schemaFaults(validate.errors ?? [], 'field.invalid'));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return () => [
      { pointer: '', code: 'schema.invalid', message: `The schema of the form cannot be used: ${message}` },
    ];
  }
}

/** As `compiledSchema`, of a schema that is used once. */
export function givenSchemaFaults(schema: JsonObject, value: Json): readonly Fault[] {
  return compiledSchema(schema)(value);
}
