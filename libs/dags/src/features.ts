import type { Json, JsonObject } from '@flow/kernel';

/** Fields of the language whose function is not built yet: a save that uses one is refused, so that none is silently ignored. */
const DAG_FEATURES: Readonly<Record<string, string>> = {
  startBy: 'a deadline for the start of a run',
  concurrency: 'limits of concurrent runs',
  rateLimit: 'limits of runs by time',
  retention: 'how long ended runs are kept',
  onFailure: 'an operator that is called when a run fails',
};

const STEP_FEATURES: Readonly<Record<string, string>> = {
  onError: 'handling the failure of a step',
  undo: 'compensation of a step',
};

/** Values that ask for nothing beyond what happens anyway. */
const HARMLESS: Readonly<Record<string, readonly Json[]>> = { onError: ['fail'] };

export interface UnavailableFeature {
  readonly field: string;
  readonly message: string;
}

export function unavailableOfDag(definition: JsonObject): readonly UnavailableFeature[] {
  return unavailable(DAG_FEATURES, definition);
}

export function unavailableOfStep(step: object): readonly UnavailableFeature[] {
  return unavailable(STEP_FEATURES, step as JsonObject);
}

/** For the schema that editors read: what is not there is not offered. */
export const UNAVAILABLE_DAG_FIELDS: readonly string[] = Object.keys(DAG_FEATURES);
export const UNAVAILABLE_STEP_FIELDS: readonly string[] = Object.keys(STEP_FEATURES);

function unavailable(features: Readonly<Record<string, string>>, holder: JsonObject): UnavailableFeature[] {
  return Object.entries(features)
    .filter(([field]) => {
      const value = Object.hasOwn(holder, field) ? holder[field] : undefined;
      return value !== undefined && HARMLESS[field]?.includes(value) !== true;
    })
    .map(([field, what]) => ({ field, message: `"${field}" (${what}) is not available yet.` }));
}
