import { isJsonObject, pointerTo, type Json, type JsonObject } from '@flow/kernel';
import { BODY_FIELDS } from './fields';

/** A sub-flow that a document calls, by the id that the Go service knows it by. */
export interface Call {
  /** Where the id stands. */
  readonly pointer: string;
  readonly dagId: string;
}

/** The tag by which a DAG is found again under the id that the Go service gave it. */
export function tagOf(goId: string): string {
  return `go:${goId}`;
}

/** The definition with its sub-flows called by the ids that they have here; data that only looks like a step stays. */
export function linked(definition: Json, ids: ReadonlyMap<string, string>): Json {
  if (Array.isArray(definition)) return (definition as readonly Json[]).map((item) => linked(item, ids));
  if (!isJsonObject(definition)) return definition;
  const bodies = BODY_FIELDS.filter((key) => definition[key] !== undefined);
  const dagId = calledBy(definition);
  const id = dagId === undefined ? undefined : ids.get(dagId);
  return {
    ...definition,
    ...Object.fromEntries(bodies.map((key) => [key, linked(definition[key] ?? null, ids)])),
    ...(id !== undefined && { parameters: { ...(definition.parameters as JsonObject), dagId: id } }),
  };
}

/** Every call of a sub-flow in steps and their bodies; an id that is worked out in the run is not among them. */
export function* callsIn(value: Json, pointer: string): Generator<Call> {
  if (Array.isArray(value))
    for (const [i, item] of (value as readonly Json[]).entries()) yield* callsIn(item, pointerTo(pointer, i));
  else if (isJsonObject(value)) {
    const dagId = calledBy(value);
    if (dagId !== undefined) yield { pointer: `${pointer}/parameters/dagId`, dagId };
    for (const key of BODY_FIELDS) yield* callsIn(value[key] ?? null, pointerTo(pointer, key));
  }
}

function calledBy({ operator, parameters }: JsonObject): string | undefined {
  if (typeof operator !== 'string' || !operator.startsWith('@subflow/call/') || !isJsonObject(parameters))
    return undefined;
  const { dagId } = parameters;
  return typeof dagId === 'string' && dagId !== '' && !dagId.includes('{{') ? dagId : undefined;
}
