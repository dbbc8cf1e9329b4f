import { isJsonObject, type Fault, type Json, type JsonObject } from '@flow/kernel';
import { callsIn, tagOf, type Call } from './calls';
import { fieldsOf, varNames } from './document';
import { BODY_FIELDS, STEP_FIELDS } from './fields';
import { Names } from './names';
import { Notes } from './notes';
import { startOf } from './start';
import { Steps, type FactsOf } from './steps';
import { Texts } from './texts';
import { parametersOf } from './parameters';
import { fitted, known } from './weak';

/** A document of the Go service in our language. It is no valid definition yet: that is for the check to say, which knows no dialects. */
export interface GoTranslation {
  readonly definition: Json;
  /** The id that the Go service knows it by; sub-flows are called by it. */
  readonly goId: string | undefined;
  readonly calls: readonly Call[];
  /** Why it cannot be taken, with pointers into the document as it was sent. */
  readonly faults: readonly Fault[];
  /** What is not as it was written. */
  readonly warnings: readonly Fault[];
  /** A fault of the definition as one of the document. */
  asSent(fault: Fault): Fault;
}

/** Writes a document of the Go service in our language: the same steps at the same places. Never throws; the data has passed `checkData`. */
export function translateGo(sent: Json, facts: FactsOf): GoTranslation {
  const notes = new Notes();
  const asSent = (fault: Fault): Fault => notes.asSent(fault);
  if (!isJsonObject(sent)) return { definition: sent, goId: undefined, calls: [], faults: [], warnings: [], asSent };
  const goId = idOf(sent.id, notes);
  const steps = stepsOf(sent, facts, notes);
  const definition = {
    ...fieldsOf(sent, notes),
    ...(goId !== undefined && { tags: [tagOf(goId)] }),
    ...(steps !== undefined && { steps }),
  };
  const calls = [...callsIn(steps ?? null, '/steps')].map(({ pointer, dagId }) => ({
    pointer: notes.sentPointer(pointer),
    dagId,
  }));
  return { definition, goId, calls, faults: notes.faults, warnings: notes.warnings, asSent };
}

/** The id is a tag here, too. A number that large has lost its last digits already. */
function idOf(id: Json | undefined, notes: Notes): string | undefined {
  notes.moved('/tags/0', '/id');
  if (typeof id === 'number' && !Number.isSafeInteger(id))
    notes.refuse('/id', 'go.id_inexact', 'The id has more digits than a number keeps; write it in quotes.');
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function stepsOf(sent: JsonObject, facts: FactsOf, notes: Notes): Json | undefined {
  if (sent.steps === undefined || !Array.isArray(sent.steps)) return sent.steps;
  const [first, ...others] = sent.steps as readonly Json[];
  const places = { step: '/steps/0', config: '/trigger_config' };
  const start = isJsonObject(first) ? startOf(first, sent.trigger_config, places, notes) : first;
  const trigger = isJsonObject(start) ? written(start, facts, notes) : start;
  const texts = new Texts(new Names(idsIn(sent.steps), varNames(sent.vars), ...formOf(trigger)), notes);
  const steps = new Steps(texts, notes, facts);
  const rest = others.map((step, i) => steps.step(step, `/steps/${i + 1}`, {}));
  const { written: count } = steps.defaults;
  if (count > 0)
    notes.warn(
      '/steps',
      'go.defaults_written',
      `${count} step${count === 1 ? ' was' : 's were'} given the retries and the time that the Go service gives to steps without settings.`,
    );
  return trigger === undefined ? [] : [trigger, ...rest];
}

/** A trigger's parameters hold no expressions: they are read before there is a run. */
function written(start: JsonObject, facts: FactsOf, notes: Notes): JsonObject {
  const { parameters, ...others } = known(start, STEP_FIELDS, '/steps/0', notes);
  if (!isJsonObject(parameters)) return { ...others, ...(parameters !== undefined && { parameters }) };
  const operator = typeof start.operator === 'string' ? start.operator : '';
  const given = parametersOf(operator, parameters, '/steps/0/parameters', notes);
  return { ...others, parameters: fitted(given, facts(operator)?.schema, '/steps/0/parameters', notes) };
}

function formOf(trigger: Json | undefined): [fields: ReadonlySet<string>, form: string | undefined] {
  if (!isJsonObject(trigger) || trigger.operator !== '@trigger/form' || typeof trigger.id !== 'string')
    return [new Set(), undefined];
  const fields = isJsonObject(trigger.parameters) ? trigger.parameters.fields : undefined;
  const keys = Array.isArray(fields)
    ? (fields as readonly Json[]).flatMap((field) =>
        isJsonObject(field) && typeof field.key === 'string' ? [field.key] : [],
      )
    : [];
  return [new Set(keys), trigger.id];
}

/** Ids of all steps, those in bodies included. */
function idsIn(value: Json, ids = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) idsIn(item, ids);
  else if (isJsonObject(value)) {
    if (typeof value.id === 'string' && typeof value.operator === 'string') ids.add(value.id);
    for (const key of BODY_FIELDS) idsIn(value[key] ?? null, ids);
  }
  return ids;
}
