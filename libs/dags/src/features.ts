import type { JsonObject } from '@flow/kernel';

/** Fields of the language whose function is not built yet: a save that uses one is refused, so that none is silently ignored. */
const DAG_FEATURES: Readonly<Record<string, string>> = {
  onFailure: 'an operator that is called when a run fails',
};

export interface UnavailableFeature {
  readonly field: string;
  readonly message: string;
}

export function unavailableOfDag(definition: JsonObject): readonly UnavailableFeature[] {
  return Object.entries(DAG_FEATURES)
    .filter(([field]) => Object.hasOwn(definition, field))
    .map(([field, what]) => ({ field, message: `"${field}" (${what}) is not available yet.` }));
}

/** For the schema that editors read: what is not there is not offered. */
export const UNAVAILABLE_DAG_FIELDS: readonly string[] = Object.keys(DAG_FEATURES);
