import type { Fault, Json, JsonObject } from '@flow/kernel';

/** Which DAG a sub-flow starts. Both stand as they are written: what calls what is known before anything runs. */
export const calledDag = {
  dagId: { type: 'string', minLength: 1, maxLength: 255, description: 'Id of a DAG of the same business domain' },
  version: { type: 'string', minLength: 1, maxLength: 64, description: 'vMAJOR.MINOR.PATCH; the newest when absent' },
} as const satisfies JsonObject;
export const CALLED_DAG: readonly string[] = Object.keys(calledDag);

const VERSION = /^v(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

export function calledDagFaults({ dagId, version }: JsonObject): readonly Fault[] {
  return [
    ...literalFaults('dagId', dagId),
    ...literalFaults('version', version),
    ...(typeof version === 'string' && !version.includes('{{') && !VERSION.test(version)
      ? [fault('version', '"version" must have the form vMAJOR.MINOR.PATCH, for example v1.0.0.')]
      : []),
  ];
}

function literalFaults(name: string, value: Json | undefined): Fault[] {
  if (typeof value !== 'string' || !value.includes('{{')) return [];
  const why = `"${name}" takes no expression: which DAGs call which must be known when a DAG is saved, so that none can call itself.`;
  return [fault(name, `${why} To choose between several, put one call into each of several branches.`)];
}

function fault(name: string, message: string): Fault {
  return { pointer: `/${name}`, code: 'step.parameters_invalid', message };
}
