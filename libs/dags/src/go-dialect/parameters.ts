import { numberOf } from '@flow/expressions';
import { isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import type { Notes } from './notes';
import { isEmpty } from './weak';

type Rule = (parameters: JsonObject, pointer: string, notes: Notes) => JsonObject;

/** What differs between the two languages in the parameters of one operator; every other operator takes them as they are. */
const RULES: Readonly<Record<string, Rule>> = {
  '@control/flow/loop': loop,
  '@internal/return': returned,
  '@subflow/call/workflow': subflow,
  '@subflow/call/dataflow': (parameters, pointer, notes) => ({ data: [{}], ...subflow(parameters, pointer, notes) }),
  '@trigger/form': form,
};

/** Where null is a value like any other: everywhere else the Go service reads it as "not given". */
const KEEPS_NULL: ReadonlySet<string> = new Set(['@internal/return', '@internal/assign']);

/** As many iterations as we ever run: the Go service knows no bound. */
const MOST_ITERATIONS = 10_000;

export function parametersOf(operator: string, sent: JsonObject, pointer: string, notes: Notes): JsonObject {
  const given = KEEPS_NULL.has(operator)
    ? sent
    : Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null));
  const rule = Object.hasOwn(RULES, operator) ? RULES[operator] : undefined;
  return rule ? rule(given, pointer, notes) : given;
}

/** `mode` is `limit` unless said, and alone decides what is read; a list that is written as JSON text is that list. */
function loop({ mode = 'limit', ...sent }: JsonObject, pointer: string, notes: Notes): JsonObject {
  const unread = mode === 'array' ? 'limit' : mode === 'limit' ? 'array' : undefined;
  const { array, ...others } = Object.fromEntries(Object.entries(sent).filter(([key]) => key !== unread));
  if (unread !== undefined && !isEmpty(sent[unread]) && sent[unread] !== 0)
    notes.warn(
      `${pointer}/${unread}`,
      'go.field_ignored',
      `A loop of mode "${mode as string}" does not read "${unread}"; it is left out.`,
    );
  const list = listIn(array);
  if (list) notes.warn(`${pointer}/array`, 'go.value_converted', 'The JSON text of a list is taken as the list.');
  return {
    mode,
    ...others,
    ...(array !== undefined && { array: list ?? array }),
    maxIterations: others.maxIterations ?? MOST_ITERATIONS,
  };
}

function listIn(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return undefined;
  }
}

/** In the Go service's scheduled runs every result but `success` fails the run; a template is read in the run. */
function returned(parameters: JsonObject, pointer: string, notes: Notes): JsonObject {
  const { result, ...value } = parameters;
  if (isEmpty(result)) {
    notes.warn(
      pointer,
      'go.return_without_result',
      'A return without "result" succeeds here; scheduled runs of the Go service failed.',
    );
    return value;
  }
  const isRead = typeof result === 'string' && (result === 'success' || result === 'failed' || result.includes('{{'));
  if (isRead) return parameters;
  notes.warn(`${pointer}/result`, 'go.value_converted', 'Every result but "success" fails the run.');
  return { result: 'failed', ...value };
}

/** `dag_id` and `version_id` under our names; ids of the Go service's version rows mean nothing here. */
function subflow(parameters: JsonObject, pointer: string, notes: Notes): JsonObject {
  const { dag_id: dagId, version_id: versionId, ...others } = parameters;
  if (dagId !== undefined) notes.moved(`${pointer}/dagId`, `${pointer}/dag_id`);
  const isVersion = typeof versionId === 'string' && /^v\d+\.\d+\.\d+$/.test(versionId);
  if (isVersion) notes.moved(`${pointer}/version`, `${pointer}/version_id`);
  if (!isEmpty(versionId) && !isVersion)
    notes.warn(
      `${pointer}/version_id`,
      'go.field_ignored',
      'The ids of versions are others here: the newest version is called. Write a version such as v1.0.0 to pin one.',
    );
  return { ...others, ...(dagId !== undefined && { dagId }), ...(isVersion && { version: versionId }) };
}

/** Field types that we have under the same name; kinds of documents and people are values of any kind here. */
const FIELD_TYPES: ReadonlySet<string> = new Set([
  'string',
  'long_string',
  'radio',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'datetime',
  'date',
  'any',
]);

function form(parameters: JsonObject, pointer: string, notes: Notes): JsonObject {
  const { fields } = parameters;
  if (!Array.isArray(fields)) return parameters;
  const list = (fields as readonly Json[]).map((field, i) =>
    isJsonObject(field) ? formField(field, `${pointer}/fields/${i}`, notes) : field,
  );
  return { ...parameters, fields: list };
}

function formField(sent: JsonObject, pointer: string, notes: Notes): JsonObject {
  const field = Object.fromEntries(
    Object.entries(sent).filter(([key, value]) => value !== null && !(key === 'default' && isNoDefault(sent))),
  );
  const { type, description, default: fallback } = field;
  const isKnown = typeof type === 'string' && FIELD_TYPES.has(type);
  if (!isKnown)
    notes.warn(
      pointerTo(pointer, 'type'),
      'go.field_type_open',
      `The type "${typeof type === 'string' ? type : ''}" is not known here: the field takes any value.`,
    );
  return {
    ...field,
    type: isKnown ? type : 'any',
    // Texts with a kind of their own: {type: "text", text}.
    ...(isJsonObject(description) && { description: description.text ?? '' }),
    ...(type === 'number' && typeof fallback === 'string' && numberDefault(fallback, pointer, notes)),
  };
}

/** Editors write an empty text for "none"; only for a text that may be left out it is a value. */
function isNoDefault({ type, required, default: fallback }: JsonObject): boolean {
  return fallback === '' && (required === true || (type !== 'string' && type !== 'long_string'));
}

function numberDefault(fallback: string, pointer: string, notes: Notes): JsonObject {
  if (numberOf(fallback) === undefined) return {};
  notes.warn(`${pointer}/default`, 'go.value_converted', 'The Go service reads this as a number, and so it is here.');
  return { default: Number(fallback) };
}
