import type { Json } from '@flow/kernel';
import type { Budget } from './budget';

/** Where names get their values. Data is plain JSON; an unknown name is undefined and reads as null. */
export interface Scope {
  get(name: string): Json | undefined;
  /** `step('id')`: the output of a step whose id is no identifier. */
  step?(id: string): Json | undefined;
  /** What all evaluations on this scope may cost together; without one, each has its own. */
  readonly budget?: Budget | undefined;
}

/** A name that an expression reads, with the constant part of the path behind it. `{{__1.a.0}}` is `{ name: '__1', path: ['a', 0] }`; `step('x y').z` is `{ name: '__x y', path: ['z'] }`. */
export interface Reference {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** Text or data whose `{{ }}` were compiled once. */
export interface Compiled {
  /** Free names only; names bound by macros (`map`, `filter`...) are not among them. */
  readonly references: readonly Reference[];
  /** True when nothing is to be evaluated: the value is always the same. */
  readonly constant: boolean;
  /** Set when it is one path and nothing else. */
  readonly path?: Reference | undefined;
  /** Never throws for missing data; throws ExpressionFailed (a value of the wrong kind in arithmetic) or ExpressionTooCostly. What comes out is never evaluated again. */
  evaluate(scope: Scope): Json;
}

/** One part of a template's text: literal text, or an expression. */
export type TemplatePart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'expression'; readonly expression: Compiled };

/** A compiled text. `single` is set when the text is exactly one expression, whose value keeps its native type. */
export interface CompiledTemplate extends Compiled {
  readonly parts: readonly TemplatePart[];
  readonly single: boolean;
}
