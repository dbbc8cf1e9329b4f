import { isJsonObject, type Json, type JsonObject } from '@flow/kernel';
import { HOLDS_TEMPLATE, IS_TEMPLATE, templateSchema, type Operator, type OperatorCatalogue } from '@flow/operators';
import { BODY_FIELDS, bodyFieldsOf } from './constructs';
import { DAG_SHAPE } from './dag-shape.schema';
import { UNAVAILABLE_DAG_FIELDS } from './features';

const ROOT = 'urn:flow-automation:dag';
const TEMPLATE = '\\{\\{';

/**
 * JSON Schema (draft 2020-12) of definitions, for editors: what the check of a save knows by shape, and for each operator what it
 * does and takes. A text that holds `{{ }}` may stand wherever a run would fill in the value.
 */
export function dagJsonSchema(catalogue: OperatorCatalogue): JsonObject {
  const { $defs, properties, ...shape } = DAG_SHAPE;
  const operators = catalogue.list();
  const step = {
    ...$defs.step,
    properties: {
      ...$defs.step.properties,
      operator: {
        ...$defs.step.properties.operator,
        anyOf: operators.map(({ id, title, help }) => ({ const: id, title, description: help })),
      },
    },
    allOf: operators.map((operator) => ({
      if: { properties: { operator: { const: operator.id } }, required: ['operator'] },
      then: formOf(operator),
    })),
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: ROOT,
    title: 'A flow',
    ...shape,
    properties: without(properties, UNAVAILABLE_DAG_FIELDS),
    $defs: {
      ...$defs,
      step,
      isTemplate: { type: 'string', pattern: TEMPLATE },
      holdsTemplate: {
        anyOf: [
          { type: 'string', pattern: TEMPLATE },
          { type: 'array', contains: { $ref: '#/$defs/holdsTemplate' } },
          { type: 'object', not: { additionalProperties: { not: { $ref: '#/$defs/holdsTemplate' } } } },
        ],
      },
    },
  } as unknown as JsonObject;
}

function without(properties: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

/** The parameters that an operator takes, and the bodies that it has. */
function formOf(operator: Operator): object {
  const { required, allowed } = bodyFieldsOf(operator.id);
  const none = operator.kind === 'trigger' ? [...BODY_FIELDS, 'onError', 'undo'] : BODY_FIELDS;
  return {
    properties: {
      parameters: parametersOf(operator),
      ...Object.fromEntries(
        none.filter((field) => !allowed.some((one) => one === field)).map((field) => [field, false]),
      ),
      ...Object.fromEntries(required.map((field) => [field, { minItems: 1 }])),
    },
    required,
  };
}

/** What an operator takes, in words that every validator knows. One with references of its own keeps them to itself by its `$id`. */
function parametersOf(operator: Operator): Json {
  const { parameters } = operator;
  const written = operator.kind === 'trigger' ? parameters : templateSchema(parameters, operator.verbatim);
  const plain = inPlainWords(written);
  const refersToItself = JSON.stringify(parameters).includes('"$ref"');
  return refersToItself && isJsonObject(plain) ? { ...plain, $id: `${ROOT}:${operator.id}` } : plain;
}

/** Our own keywords are true only in our catalogue; elsewhere they are spelled out. */
function inPlainWords(schema: Json): Json {
  if (Array.isArray(schema)) return (schema as readonly Json[]).map(inPlainWords);
  if (!isJsonObject(schema)) return schema;
  if (schema[IS_TEMPLATE] === true) return { $ref: `${ROOT}#/$defs/isTemplate` };
  if (schema[HOLDS_TEMPLATE] === true) return { $ref: `${ROOT}#/$defs/holdsTemplate` };
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inPlainWords(value)]));
}
