import type { Json, JsonObject } from '@flow/kernel';

/** A step as authors write it: one call of an operator, or a construct whose bodies hold further steps. */
export interface Step {
  readonly id: string;
  readonly title?: string;
  readonly operator: string;
  readonly parameters?: JsonObject;
  readonly settings?: StepSettings;
  /** Ids of siblings in the same body; absent means "the step just before". */
  readonly dependsOn?: readonly string[];
  /** An expression; false skips the step. */
  readonly when?: string;
  /** `continue` goes on without its output; steps run in its place and read `{{error}}`. */
  readonly onError?: 'fail' | 'continue' | { readonly steps: readonly Step[] };
  /** Runs when the step has succeeded and the run fails later; reads `{{completed.parameters}}` and `{{completed.output}}`. */
  readonly undo?: Step;
  /** Bodies of `@control/flow/branches` and `@control/flow/parallel`. */
  readonly branches?: readonly Branch[];
  /** Body of `@control/flow/loop` and `@control/flow/try`. */
  readonly steps?: readonly Step[];
  /** Runs when `steps` of a try failed; reads `{{error}}`. */
  readonly catch?: readonly Step[];
  /** Runs to its end whatever happens around it. */
  readonly finally?: readonly Step[];
}

/** Seconds, fractions allowed: the one place that keeps the Go service's unit. */
export interface StepSettings {
  readonly retry?: {
    /** Retries after the first attempt. */
    readonly max: number;
    readonly delay?: number;
    readonly backoff?: 'fixed' | 'exponential';
    readonly maxDelay?: number;
    readonly jitter?: boolean;
    /** Error codes that are retried; absent means every retryable one. */
    readonly on?: readonly string[];
  };
  readonly timeout?: {
    /** Bound of one attempt. */
    readonly delay?: number;
    /** Bound of all attempts with their pauses. */
    readonly total?: number;
  };
}

export interface Branch {
  readonly id: string;
  readonly title?: string;
  /** Outer array OR, inner array AND; none or empty always holds. */
  readonly conditions?: readonly (readonly Condition[])[];
  /** The alternative to conditions. */
  readonly expression?: string;
  /** Runs when no other branch did. */
  readonly default?: boolean;
  readonly steps: readonly Step[];
}

export interface Condition {
  readonly id?: string;
  /** A comparison, `@internal/cmp/...`. */
  readonly operator: string;
  readonly parameters: { readonly a?: Json; readonly b?: Json };
}

/** Where a body of steps stands on its step; pointers are relative to the step. */
export interface Body {
  readonly pointer: string;
  readonly kind: 'branch' | 'steps' | 'catch' | 'finally' | 'onError' | 'undo';
  readonly branch?: Branch;
  readonly steps: readonly Step[];
}

/** The bodies of a step in the order of the text. */
export function bodiesOf(step: Step): readonly Body[] {
  const bodies: Body[] = [];
  step.branches?.forEach((branch, i) =>
    bodies.push({ pointer: `/branches/${i}/steps`, kind: 'branch', branch, steps: branch.steps }),
  );
  if (step.steps) bodies.push({ pointer: '/steps', kind: 'steps', steps: step.steps });
  if (step.catch) bodies.push({ pointer: '/catch', kind: 'catch', steps: step.catch });
  if (step.finally) bodies.push({ pointer: '/finally', kind: 'finally', steps: step.finally });
  if (typeof step.onError === 'object')
    bodies.push({ pointer: '/onError/steps', kind: 'onError', steps: step.onError.steps });
  if (step.undo) bodies.push({ pointer: '/undo', kind: 'undo', steps: [step.undo] });
  return bodies;
}

/** Every step, nested ones included, parents before children, with its JSON pointer. */
export function* walkSteps(
  steps: readonly Step[],
  pointer = '/steps',
): Generator<{ step: Step; pointer: string; depth: number }> {
  const stack: { step: Step; pointer: string; depth: number }[] = [];
  const push = (list: readonly Step[], at: string, depth: number) => {
    for (let i = list.length - 1; i >= 0; i -= 1) {
      const step = list[i];
      if (step) stack.push({ step, pointer: at.endsWith('/undo') ? at : `${at}/${i}`, depth });
    }
  };
  push(steps, pointer, 1);
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    for (const body of [...bodiesOf(next.step)].reverse())
      push(body.steps, next.pointer + body.pointer, next.depth + 1);
  }
}
