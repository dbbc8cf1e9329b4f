/** The fields of a step that hold bodies of its construct; `onError` and `undo` stand on any step. */
export const BODY_FIELDS = ['branches', 'steps', 'catch', 'finally'] as const;
export type BodyField = (typeof BODY_FIELDS)[number];

interface Bodies {
  readonly required: readonly BodyField[];
  readonly allowed: readonly BodyField[];
}

const NONE: Bodies = { required: [], allowed: [] };

/** Which bodies each construct has; every other step has none. */
const BODIES: ReadonlyMap<string, Bodies> = new Map([
  ['@control/flow/branches', { required: ['branches'], allowed: ['branches'] }],
  ['@control/flow/parallel', { required: ['branches'], allowed: ['branches'] }],
  ['@control/flow/loop', { required: ['steps'], allowed: ['steps'] }],
  ['@control/flow/try', { required: ['steps'], allowed: ['steps', 'catch', 'finally'] }],
]);

export function bodyFieldsOf(operator: string): Bodies {
  return BODIES.get(operator) ?? NONE;
}

/** Steps that leave what is around them: the run, or the nearest loop. */
export const EXITS: ReadonlySet<string> = new Set([
  '@internal/return',
  '@control/flow/break',
  '@control/flow/continue',
]);

/** Operators of the engine whose retries and timeouts count all the same: they wait for something outside. */
export const WAITS_WITH_SETTINGS: ReadonlySet<string> = new Set([
  '@control/callback',
  '@subflow/call/workflow',
  '@subflow/call/dataflow',
]);
