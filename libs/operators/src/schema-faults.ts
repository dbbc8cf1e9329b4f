import { isJsonObject, pointerTo, type Fault, type Json } from '@flow/kernel';
import type { ErrorObject } from 'ajv/dist/2020';

/** What Ajv found (with `verbose` and `allErrors`), as faults that a person can act on; one for each thing to mend. */
export function schemaFaults(errors: readonly ErrorObject[], code: string): readonly Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of relevant(errors)) {
    const fault = { pointer: pointerOf(error), code, message: messageOf(error) };
    faults.set(`${fault.pointer} ${fault.message}`, fault);
  }
  return [...faults.values()];
}

/**
 * Of a failed choice (`anyOf`, `oneOf`) only the faults of the form that was meant: the one whose constants fit. Where none
 * does, the choice itself is the fault.
 */
function relevant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  // What is wrong with a key is told once, by the object that has it.
  let left = errors.filter(({ keyword, propertyName }) => keyword !== 'if' && propertyName === undefined);
  const choices = left.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  choices.sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const choice of choices) {
    if (!left.includes(choice)) continue;
    const forms = new Map<string, ErrorObject[]>();
    for (const error of left) {
      const form = formOf(choice, error);
      if (form !== undefined) forms.set(form, [...(forms.get(form) ?? []), error]);
    }
    const meant = meantForm(choice, [...forms.values()]);
    if (meant)
      left = left.filter((error) => error !== choice && (formOf(choice, error) === undefined || meant.includes(error)));
    else if (forms.size > 0) left = left.filter((error) => formOf(choice, error) === undefined);
  }
  return left;
}

function formOf(choice: ErrorObject, error: ErrorObject): string | undefined {
  const below = error.instancePath === choice.instancePath || error.instancePath.startsWith(`${choice.instancePath}/`);
  if (error === choice || !below || !error.schemaPath.startsWith(`${choice.schemaPath}/`)) return undefined;
  return error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0];
}

function meantForm(
  choice: ErrorObject,
  forms: readonly (readonly ErrorObject[])[],
): readonly ErrorObject[] | undefined {
  const misses = ({ keyword, instancePath }: ErrorObject) =>
    (keyword === 'type' && instancePath === choice.instancePath) || keyword === 'const' || keyword === 'enum' ? 100 : 1;
  const scored = forms.map((form) => ({ form, score: form.reduce((sum, error) => sum + misses(error), 0) }));
  scored.sort((a, b) => a.score - b.score);
  const best = scored[0];
  return best && best.score < 100 ? best.form : undefined;
}

/** The pointer of the value, or of the key that is missing or too many. */
function pointerOf(error: ErrorObject): string {
  const key = keyOf(error);
  return key === undefined ? error.instancePath : pointerTo(error.instancePath, key);
}

function keyOf({ params }: ErrorObject): string | undefined {
  const { missingProperty, additionalProperty, unevaluatedProperty } = params as Record<string, string | undefined>;
  return missingProperty ?? additionalProperty ?? unevaluatedProperty;
}

const THE_WHOLE = 'The parameters';

/** `auth.token`, `fields[0].key`: a pointer as people write it. */
function nameOf(pointer: string): string {
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (tokens.length === 0) return THE_WHOLE;
  return `"${tokens.map((token, i) => (/^\d+$/.test(token) ? `[${token}]` : i === 0 ? token : `.${token}`)).join('')}"`;
}

function fits(name: string): string {
  return `${name} ${name === THE_WHOLE ? 'fit' : 'fits'}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

function messageOf(error: ErrorObject): string {
  const name = nameOf(pointerOf(error));
  const params = error.params as { type?: string | string[]; allowedValues?: Json[]; allowedValue?: Json };
  const param = (key: string) => String((error.params as Record<string, string | number>)[key]);
  const limit = param('limit');
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired':
      return `The parameter ${name} is missing.`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `The parameter ${name} is unknown${knownKeys(error)}.`;
    case 'type':
      return `${name} must be ${[params.type ?? '']
        .flat()
        .map((type) => TYPES[type] ?? type)
        .join(' or ')}, not ${kindOf(error.data)}.`;
    case 'enum':
      return `${name} must be one of ${[params.allowedValues ?? []]
        .flat()
        .map((value) => JSON.stringify(value))
        .join(', ')}.`;
    case 'const':
      return `${name} must be ${JSON.stringify(params.allowedValue)}.`;
    case 'minimum':
      return `${name} must be at least ${limit}.`;
    case 'maximum':
      return `${name} must be at most ${limit}.`;
    case 'exclusiveMinimum':
      return `${name} must be more than ${limit}.`;
    case 'exclusiveMaximum':
      return `${name} must be less than ${limit}.`;
    case 'minLength':
      return limit === '1' ? `${name} must not be empty.` : `${name} must have at least ${limit} characters.`;
    case 'maxLength':
      return `${name} must have at most ${limit} characters.`;
    case 'minItems':
    case 'minProperties':
      return limit === '1' ? `${name} must not be empty.` : `${name} must have at least ${limit} entries.`;
    case 'maxItems':
    case 'maxProperties':
      return `${name} must have at most ${limit} entries.`;
    case 'uniqueItems':
      return `${name} holds the same entry twice (${param('j')} and ${param('i')}).`;
    case 'pattern':
      return `${name} does not have the right form: ${description(error) ?? `it must match ${param('pattern')}`}.`;
    case 'format':
      return `${name} is no valid ${param('format')}.`;
    case 'propertyNames':
      return `${name} has the key "${param('propertyName')}", which is not allowed.`;
    case 'anyOf':
    case 'oneOf':
      if (Array.isArray((error.params as { passingSchemas?: unknown }).passingSchemas))
        return `${fits(name)} more than one of the forms that it may have${choiceOfKeys(error)}.`;
      return `${fits(name)} none of the forms that it may have${forms(error)}.`;
    case 'not':
    case 'false schema':
      return `${name} is not allowed here${description(error) === undefined ? '' : `: ${description(error) ?? ''}`}.`;
    default:
      return `${name} ${error.message ?? 'is not valid'}.`;
  }
}

function knownKeys({ parentSchema }: ErrorObject): string {
  const properties: unknown = parentSchema?.properties;
  const keys = isJsonObject(properties) ? Object.keys(properties) : [];
  return keys.length === 0 || keys.length > 20 ? '' : `; there are ${keys.join(', ')}`;
}

function description({ parentSchema }: ErrorObject): string | undefined {
  const text: unknown = parentSchema?.description;
  return typeof text === 'string' ? text : undefined;
}

/** What tells the forms of a choice apart: their types, or the constants of a key that each has. */
function forms({ schema, data }: ErrorObject): string {
  if (!Array.isArray(schema)) return '';
  const plain = schema
    .map((form: unknown) => (isJsonObject(form) && isJsonObject(form.else) ? form.else : form))
    .filter(isJsonObject);
  const types = [...new Set(plain.flatMap((form) => (typeof form.type === 'string' ? [form.type] : [])))];
  if (types.length > 0 && !types.includes(jsonType(data)))
    return `: ${types.map((type) => TYPES[type] ?? type).join(' or ')}`;
  const constants = plain.flatMap((form) => {
    const properties = isJsonObject(form.properties) ? Object.entries(form.properties) : [];
    return properties.flatMap(([key, value]) => {
      const bare = isJsonObject(value) && isJsonObject(value.else) ? value.else : value;
      return isJsonObject(bare) && bare.const !== undefined ? [`${key} ${JSON.stringify(bare.const)}`] : [];
    });
  });
  return constants.length === 0 ? '' : `: ${constants.join(', ')}`;
}

/** Forms that differ by a required key: which of them may be given. */
function choiceOfKeys({ schema }: ErrorObject): string {
  const forms: readonly unknown[] = Array.isArray(schema) ? schema : [];
  const keys = forms.flatMap((form) =>
    isJsonObject(form) && Array.isArray(form.required) ? (form.required as readonly string[]) : [],
  );
  return keys.length < forms.length || keys.length === 0 ? '' : `: give one of ${keys.join(', ')}`;
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function kindOf(value: unknown): string {
  return TYPES[jsonType(value)] ?? typeof value;
}
