import type { HttpClient } from '@flow/platform';
import type { JsonObject } from '@flow/kernel';
import type {
  ActionOperator,
  ControlOperator,
  JsonSchema,
  Operator,
  OperatorContext,
  Outcome,
  TriggerOperator,
} from '@flow/operators';

/** What operators get from the house; a file that needs some of it exports a function of these. */
export interface BuiltinDeps {
  readonly http: HttpClient;
}

/** What a file under operators/ exports as `operator`. */
export type Builtin = Operator | ((deps: BuiltinDeps) => Operator);

type ActionSpec<P> = Omit<ActionOperator, 'kind' | 'run'> & {
  /** Parameters fit the schema. */
  readonly run: (parameters: P, context: OperatorContext) => Outcome | Promise<Outcome>;
};

/** An operator that a worker calls; `P` is the TypeScript shape of what its schema lets through. */
export function defineAction<P>({ run, ...spec }: ActionSpec<P>): ActionOperator {
  return { ...spec, kind: 'action', run: (context) => run(context.parameters as unknown as P, context) };
}

/** An action whose output is a function of its parameters alone: no network, no clock, no chance. */
export function definePure<P>(
  spec: Omit<ActionSpec<P>, 'effect' | 'idempotent' | 'timeoutMs' | 'capabilities'>,
): ActionOperator {
  return defineAction<P>({ ...spec, effect: 'pure', idempotent: true, timeoutMs: 10_000, capabilities: [] });
}

export function defineTrigger(spec: Omit<TriggerOperator, 'kind'>): TriggerOperator {
  return { ...spec, kind: 'trigger' };
}

export function defineControl(spec: Omit<ControlOperator, 'kind'>): ControlOperator {
  return { ...spec, kind: 'control' };
}

/** Schema of an object with these keys and no others. */
export function closed(properties: JsonObject, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}
