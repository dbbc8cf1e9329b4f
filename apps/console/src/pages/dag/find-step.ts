export type StepObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is StepObject => typeof value === 'object' && value !== null;

/** The step of an id, in whatever body of whatever construct it stands. */
export function findStep(within: unknown, id: string): StepObject | undefined {
  for (const { step } of stepsIn(within)) if (step['id'] === id) return step;
  return undefined;
}

/** Every step of a definition, the outer ones before those in their bodies; what is in `parameters` is no step. */
export function* stepsIn(within: unknown, pointer = ''): Generator<{ step: StepObject; pointer: string }> {
  if (Array.isArray(within)) {
    for (const [at, one] of within.entries()) yield* stepsIn(one, `${pointer}/${at}`);
  } else if (isObject(within)) {
    if (typeof within['operator'] === 'string') yield { step: within, pointer };
    for (const body of ['steps', 'branches', 'catch', 'finally', 'onError', 'undo'])
      if (body in within) yield* stepsIn(within[body], `${pointer}/${body}`);
  }
}
