import type { JsonObject } from '@flow/kernel';
import type { ActionOperator, LargeStore, Operator, OperatorContext, OperatorLog, Outcome } from '@flow/operators';
import { loadBuiltins, type BuiltinDeps } from '@flow/builtins';
import { HttpClient } from '@flow/platform';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';

const SILENT: OperatorLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** All values are small here; what is large is looked at where runs are tested. */
const NOTHING_LARGE: LargeStore = {
  inlineBytes: Infinity,
  limitBytes: Infinity,
  keep: () => Promise.reject(new Error('Nothing is too large here.')),
  json: () => {
    throw new Error('No value is large here.');
  },
  text: () => undefined,
};

/** A call of an operator at noon on the first day of 2026. */
export function aContext(parameters: JsonObject, extra: Partial<OperatorContext> = {}): OperatorContext {
  return {
    parameters,
    signal: new AbortController().signal,
    idempotencyKey: 'instance-1:task-1',
    traceparent: undefined,
    instance: { id: 'instance-1', dagId: 'dag-1', domain: 'domain-1', startedAt: '2026-01-01T12:00:00.000Z' },
    task: { path: '1', attempt: 1, startedAt: '2026-01-01T12:00:00.000Z' },
    clock: new FixedClock('2026-01-01T12:00:00.000Z'),
    random: new SeededRandom(),
    log: SILENT,
    secretsInUse: [],
    conceal: () => undefined,
    large: NOTHING_LARGE,
    ...extra,
  };
}

/** All built-ins, with a client that reaches public addresses only unless another is given. */
export function theBuiltins(deps: Partial<BuiltinDeps> = {}): readonly Operator[] {
  return loadBuiltins({ http: new HttpClient(), ...deps });
}

/** The action with this id. */
export function theAction(id: string, deps: Partial<BuiltinDeps> = {}): ActionOperator {
  const operator = theBuiltins(deps).find((candidate) => candidate.id === id);
  if (operator?.kind !== 'action') throw new Error(`${id} is no action`);
  return operator;
}

/** Runs an action as it is. */
export async function run(id: string, parameters: JsonObject, extra: Partial<OperatorContext> = {}): Promise<Outcome> {
  return theAction(id).run(aContext(parameters, extra));
}

/** The output of a run that must succeed. */
export async function outputOf(id: string, parameters: JsonObject, extra: Partial<OperatorContext> = {}) {
  const outcome = await run(id, parameters, extra);
  if (outcome.kind !== 'done') throw new Error(`It did not succeed: ${JSON.stringify(outcome)}`);
  return outcome.output as JsonObject;
}

/** The code of a run that must fail. */
export async function codeOf(
  id: string,
  parameters: JsonObject,
  extra: Partial<OperatorContext> = {},
): Promise<string> {
  const outcome = await run(id, parameters, extra);
  if (outcome.kind !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(outcome)}`);
  return outcome.error.code;
}
